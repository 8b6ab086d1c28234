"""`waivers:` of a case: written like those of a pack, and compiled by the same room."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.core.pack import Needs
from gatekeeper.core.waivers import WaiverBook
from gatekeeper.pack.build.draft import book_of
from gatekeeper.pack.files.conditions import read_condition
from gatekeeper.pack.files.values import must_be
from gatekeeper.pack.files.waivers import (
    DraftWaiver,
    DraftWaivers,
    check_term,
    read_rules,
)
from gatekeeper.pack.source.nodes import Table
from gatekeeper.pack.source.read import Noun
from gatekeeper.pack.testing.schema import CaseWaiver

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.catalogue import CrmSchema
    from gatekeeper.core.pack import RulePack
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.read import Reader
    from gatekeeper.pack.testing.expect import RuleIds


@dataclass(frozen=True, slots=True)
class Compiled:
    """What the waivers of a case are compiled with; no pack where it is broken."""

    draft: Draft
    schema: CrmSchema
    pack: RulePack | None
    ids: RuleIds

    def book(
        self, reader: Reader, node: Node | None, deal_id: str
    ) -> tuple[WaiverBook, Needs]:
        """Read the waivers of a case; without any, nothing is waived (language A32).

        Args:
            reader: Takes the mistakes.
            node: What stands under `waivers:`.
            deal_id: The deal they are for where they name none.
        """
        if self.pack is None:
            return WaiverBook(), Needs()
        written = DraftWaivers(tuple(self._waivers(reader, node, deal_id)))
        draft = replace(self.draft, waivers=written)
        return book_of(reader, draft, self.schema, self.pack)

    def _waivers(
        self, reader: Reader, node: Node | None, deal_id: str
    ) -> Iterator[DraftWaiver]:
        for entry in reader.entries(node, "waivers"):
            if not isinstance(entry, Table):
                wanted = "{rule: ent-prop-discount, expires: 2026-11-20}"
                reader.unfit(entry, "waivers", must_be(f"a list such as [{wanted}]"))
                continue
            waiver = self._waiver(reader, entry, deal_id)
            if waiver is not None:
                yield waiver

    def _waiver(self, reader: Reader, table: Table, deal_id: str) -> DraftWaiver | None:
        name = "this waiver"
        part = reader.part(CaseWaiver, table, Noun("a waiver", name))
        project = self.draft.project
        currency = project.currency if project else "USD"
        where, ended = (
            read_condition(reader, table.get(key), key, currency)
            for key in ("deals_where", "ends_early_when")
        )
        rules = read_rules(reader, table, name)
        for rule in rules:
            self.ids.check(reader, rule)
        if part is None:
            return None
        check_term(reader, table, part, name)
        if not part.deals and where is None:
            part = part.model_copy(update={"deals": (deal_id,)})
        return DraftWaiver(table, part, rules, where, ended, None)
