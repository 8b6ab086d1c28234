"""The properties of a deal as a deal: its fields, its flags, its link.

Pure; the readers were compiled before the first record came.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from gatekeeper.core.model import Deal, Flags, Related, Row
from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.translate import to_date, to_number
from gatekeeper.crm.reader import table

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.core.model import History
    from gatekeeper.crm.hubspot.metadata.pipelines import Pipelines
    from gatekeeper.crm.reader import Fields, WireRow


@dataclass(frozen=True, slots=True)
class DealShape:
    """How the properties of a deal become a deal.

    Attributes:
        selected: The properties that are read.
        link: The address of a deal with `{}` for its id.
        has_flags: All our properties of the deal may be read.
    """

    org: str
    link: str
    selected: tuple[str, ...]
    fields: Fields
    pipelines: Pipelines
    has_flags: bool

    def deals(
        self,
        rows: Sequence[WireRow],
        related: Sequence[Related],
        past: Sequence[History],
    ) -> tuple[Deal, ...]:
        """Return deals with their related rows and their past, one of each per row."""
        values = table(self.fields, rows)
        together = zip(rows, values, related, past, strict=True)
        return tuple(self._deal(*parts) for parts in together)

    def _deal(
        self,
        row: WireRow,
        values: Row,
        related: Related,
        past: History,
    ) -> Deal:
        id_, stage = str(row[names.ID]), str(row.get(names.STAGE) or "")
        pipeline, owner = str(row.get(names.PIPELINE) or ""), row.get(names.OWNER)
        return Deal(
            org=self.org,
            id=id_,
            name=str(row.get("dealname") or ""),
            pipeline=self.pipelines.names.get(pipeline, pipeline),
            stage=stage,
            owner_id=str(owner) if owner else None,
            url=self.link.format(id_),
            fields=values,
            related=related,
            stage_label=self.pipelines.label_of(stage),
            flags=_flags(row) if self.has_flags else None,
            history=past,
        )


def deal_link(account: Mapping[str, object], api_url: str) -> str:
    """Return the address of a deal's page, `{}` for its id.

    Args:
        account: The account's details; they name the host of its pages.
        api_url: Where the API is: its pages are opened by the same scheme.
    """
    scheme = urlsplit(api_url).scheme
    domain = account.get("uiDomain") or "app.hubspot.com"
    return f"{scheme}://{domain}/contacts/{account.get('portalId')}/record/0-3/{{}}"


_NO_FLAGS = Flags()


def _flags(row: WireRow) -> Flags:
    if not any(map(row.get, names.FLAG_PROPERTIES.values())):
        return _NO_FLAGS

    def text(name: str) -> str | None:
        value = row.get(names.FLAG_PROPERTIES[name])
        return str(value) if value else None

    count = to_number(text("open_count"))
    since = to_date(text("open_since"))
    return Flags(
        status=text("status"),
        open_count=int(count) if isinstance(count, Decimal) else None,
        worst_severity=text("worst_severity"),
        missing=text("missing"),
        open_since=since if isinstance(since, date) else None,
        supported_stage=text("supported_stage"),
    )
