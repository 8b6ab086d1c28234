"""The values of picklists in a test, held against those that are known. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.language.checker.literals import no_such_choice
from gatekeeper.pack.source.nodes import Listing, Scalar

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.core.catalogue import Catalogue, Choice, CrmSchema
    from gatekeeper.core.model import FieldValue
    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.read import Reader


@dataclass(frozen=True, slots=True)
class Picklist:
    """What a picklist may hold, inactive values included.

    Attributes:
        name: Of its field: `type`, `contacts.role`.
        values: Each value and each label, without case, to the CRM's value.
        is_open: The CRM takes other values too, so a deal may have one.
    """

    name: str
    choices: tuple[Choice, ...]
    values: Mapping[str, str]
    is_open: bool

    @staticmethod
    def of(name: str, choices: tuple[Choice, ...], *, is_open: bool) -> Picklist:
        """Make one of its values; a value counts before a label of the same text."""
        by_label = {each.label.casefold(): each.value for each in choices}
        by_value = {each.value.casefold(): each.value for each in choices}
        return Picklist(name, choices, by_label | by_value, is_open)

    def read(self, reader: Reader, node: Node, value: FieldValue) -> FieldValue:
        """Turn what a test writes into the CRM's values; note others (E502)."""
        if isinstance(value, frozenset):
            return frozenset(self._one(reader, node, each) for each in value)
        return self._one(reader, node, value) if isinstance(value, str) else value

    def _one(self, reader: Reader, node: Node, written: str) -> str:
        value = self.values.get(written.casefold())
        if value is not None or self.is_open:
            return value or written
        sentence, remedy = no_such_choice(written, self.name, self.choices)
        reader.say(_entry(node, written).place, "E502", sentence, remedy)
        return written


def picklists_of(schema: CrmSchema, catalogue: Catalogue) -> dict[str, Picklist]:
    """Return the picklists of which the values are known, by the name of the field."""
    known = {
        name: Picklist.of(name, field.choices, is_open=not field.restricted)
        for name, field in schema.fields.items()
        if field.choices
    }
    return known | {
        name: Picklist.of(name, choices, is_open=False)
        for name, choices in _built_in(catalogue)
    }


def _built_in(catalogue: Catalogue) -> Iterator[tuple[str, tuple[Choice, ...]]]:
    """Give the values that are the same on every CRM."""
    for relation in catalogue.collections.values():
        for field in relation.fields.values():
            if field.choices:
                yield f"{relation.name}.{field.name}", field.choices


def _entry(node: Node, written: str) -> Node:
    """Return the entry of a list that holds a text; without one the whole."""
    entries = node.entries if isinstance(node, Listing) else ()
    found = (
        each
        for each in entries
        if isinstance(each, Scalar) and each.text.strip() == written
    )
    return next(found, node)
