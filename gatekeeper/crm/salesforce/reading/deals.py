"""A row of the deal query as a deal: its fields, its flags, its link.

Pure; the readers were compiled before the first row came.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from operator import itemgetter
from typing import TYPE_CHECKING

from gatekeeper.core.model import Deal, Flags, Related, Row
from gatekeeper.crm.reader import table
from gatekeeper.crm.salesforce import names

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from gatekeeper.crm.reader import Fields, Reader, WireRow


@dataclass(frozen=True, slots=True)
class DealShape:
    """How a row of the deal query becomes a deal.

    Attributes:
        selected: Paths of the query.
        labels: Stage value to the label people see.
        has_flags: All our fields on the deal may be read.
    """

    org: str
    url: str
    selected: tuple[str, ...]
    fields: Fields
    pipeline: Reader
    labels: Mapping[str, str]
    has_flags: bool

    def deals(
        self,
        rows: Sequence[WireRow],
        related: Sequence[Related],
    ) -> tuple[Deal, ...]:
        """Return the deals of some rows with their related rows.

        Args:
            rows: Of the deal query.
            related: Collection name to rows, one mapping per row.
        """
        values = table(self.fields, rows)
        together = zip(rows, values, related, strict=True)
        return tuple(self._deal(*parts) for parts in together)

    def _deal(
        self,
        row: WireRow,
        values: Row,
        related: Related,
    ) -> Deal:
        id_, stage, owner = str(row["Id"]), str(row["StageName"] or ""), row["OwnerId"]
        return Deal(
            org=self.org,
            id=id_,
            name=str(row["Name"] or ""),
            pipeline=str(self.pipeline(row)),
            stage=stage,
            owner_id=str(owner) if owner else None,
            url=deal_url(self.url, id_),
            fields=values,
            related=related,
            stage_label=self.labels.get(stage, stage),
            flags=_flags(row) if self.has_flags else None,
        )


def deal_url(url: str, deal_id: str) -> str:
    """Return the link of a deal in Lightning."""
    return f"{url}/lightning/r/{names.DEAL_OBJECT}/{deal_id}/view"


_NO_FLAGS = Flags()
_FLAGS = itemgetter(*names.FLAG_FIELDS.values())
_NONE_SET = (None,) * len(names.FLAG_FIELDS)


def _flags(row: WireRow) -> Flags:
    if _FLAGS(row) == _NONE_SET:
        return _NO_FLAGS

    def text(name: str) -> str | None:
        value = row[names.FLAG_FIELDS[name]]
        return str(value) if value not in {None, ""} else None

    count = row[names.FLAG_FIELDS["open_count"]]
    since = text("open_since")
    return Flags(
        status=text("status"),
        open_count=int(count) if isinstance(count, int | float) else None,
        worst_severity=text("worst_severity"),
        missing=text("missing"),
        open_since=date.fromisoformat(since) if since else None,
        supported_stage=text("supported_stage"),
    )
