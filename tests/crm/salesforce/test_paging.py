"""Merging child rows with the deals they belong to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.crm.salesforce.wire.paging import Children, Ordered, OrderError
from gatekeeper.crm.salesforce.wire.soql import Select
from gatekeeper.sandbox.state import Row
from tests.crm.salesforce.test_pull import contact, meeting, pulled, request

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.crm.salesforce.wire.paging import WireRow
    from tests.contracts.worlds import SandboxWorld

IDS = st.integers(0, 30).map(lambda number: f"006{number:03d}")


@dataclass
class Pages:
    """Pages as a query would give them."""

    pages: list[list[WireRow]]
    select: Select = field(default=Select(("Id",), "Task"))

    def __iter__(self) -> Iterator[list[WireRow]]:
        return iter(self.pages)


def children(parents: list[str], size: int = 3) -> Children:
    rows: list[WireRow] = [
        {"Id": str(number), "WhatId": parent} for number, parent in enumerate(parents)
    ]
    pages = [rows[start : start + size] for start in range(0, len(rows), size)]
    return Children(cast("Ordered", Pages(pages)), "WhatId")


@pytest.mark.trap("S2a")
@given(st.lists(IDS), st.sets(IDS), st.integers(1, 5), st.integers(1, 4))
def test_every_row_comes_with_its_deal_however_the_pages_fall(
    parents: list[str], deals: set[str], batch: int, page: int
) -> None:
    stream = children(sorted(parents), page)
    ordered = sorted(deals)
    found: dict[str, int] = {}

    for start in range(0, len(ordered), batch):
        ids = ordered[start : start + batch]
        taken = stream.take(ids, is_last=start + batch >= len(ordered))
        found |= dict(zip(ids, taken.counts, strict=True))

    assert found == {id_: parents.count(id_) for id_ in deals}


def test_rows_in_another_order_are_not_merged() -> None:
    stream = children(["006002", "006001"])

    with pytest.raises(OrderError):
        stream.take(["006001", "006002"], is_last=True)


def test_notes_and_files_are_told_apart_and_read_once(world: SandboxWorld) -> None:
    deal = world.deal("Acme")
    for number, (title, kind) in enumerate((("Offer", "PDF"), ("Minutes", "SNOTE"))):
        document = f"069Sb00000000{number:02}AAA"
        _put(world, "ContentDocument", Id=document, Title=title, FileType=kind)
        _put(
            world,
            "ContentDocumentLink",
            Id=f"06ASb00000000{number:02}AAA",
            ContentDocumentId=document,
            LinkedEntityId=deal,
        )
    contact(world, deal, "Bo", "Champion")
    meeting(world, deal, "2026-11-01T10:00:00Z")

    (found,) = pulled(world, request(notes="title", files="name"))

    assert found.related == {
        "notes": ({"title": "Minutes"},),
        "files": ({"name": "Offer"},),
    }


def _put(world: SandboxWorld, kind: str, **values: object) -> None:
    """Add a record as an import does; the sandbox makes no files by API."""
    world.org.put(kind, Row(**{"IsDeleted": False, **values}))
