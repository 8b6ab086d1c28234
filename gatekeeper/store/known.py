"""By which words rows know a person, and texts without these words.

A column of texts is told by its name: JSON is opened, so that words are found however
JSON writes them, and stays JSON. Of what runs saw or wrote last, a field with any of
the words goes whole: another value in its place would pass for a change.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import func

from gatekeeper.store.codec import scalars_from, text_of, tree_from, words_from
from gatekeeper.store.field_values import looks_from

if TYPE_CHECKING:
    from sqlalchemy import Column, ColumnElement

    from gatekeeper.store.field_values import Seen

NOBODY = "erased"
"""What stands in the place of a person that was taken out."""
TREES = ("payload", "dossier", "report", "moving")
"""Columns that hold a JSON mapping."""
VALUES = ("value", "old", "new")
"""Columns that hold the value of a field; see `field_values`."""
BY_FIELD = ("looks", "written")
"""Columns that hold values by the name of their field."""


@dataclass(frozen=True, slots=True)
class Known:
    """By which words the rows know a person.

    Attributes:
        ids: In the CRM, or the address in its place.
        words: Ids, names and addresses.
    """

    ids: frozenset[str] = frozenset()
    words: frozenset[str] = field(default_factory=frozenset)

    def told_in(self, column: str, text: str) -> bool:
        """Whether a text of a column has any of the words."""
        return self.left_out(column, text) != _changed(column, text, str)

    def left_out(self, column: str, text: str) -> str:
        """Return a text of a column with nobody in the place of the words.

        Of a column `BY_FIELD`, the fields without any of the words.
        """
        return _changed(column, text, partial(self._pattern().sub, NOBODY))

    def _pattern(self) -> re.Pattern[str]:
        """Find any of the words, never as a part of another."""
        longest_first = sorted(self.words, key=lambda word: (-len(word), word))
        any_of = "|".join(re.escape(word) for word in longest_first)
        return re.compile(rf"(?<!\w)(?:{any_of})(?!\w)", re.IGNORECASE)


def roughly(column: Column[str], word: str) -> ColumnElement[bool]:
    """Return a condition that holds at least wherever a text has a word.

    SQLite changes the case of A to Z alone, and JSON writes quotes in its own way: the
    longest piece without such signs is looked for; one that stands for any sign in a
    query only finds more.
    """
    pieces = "".join(letter if _is_plain(letter) else "\n" for letter in word)
    piece = max(pieces.split("\n"), key=len)
    return func.lower(column).contains(piece.lower())


def _is_plain(letter: str) -> bool:
    """Whether databases and JSON write it as it is, but for the case of A to Z."""
    has_one_case = letter.isascii() or letter.lower() == letter.upper()
    return has_one_case and letter.isprintable() and letter not in '"\\'


Change = Callable[[str], str]


def _changed(column: str, text: str, change: Change) -> str:
    """Return the text of a column with the texts in it changed."""
    if column in TREES:
        return text_of(_walked(tree_from(text), change))
    if column in VALUES:
        return _value(text, change)
    if column == "looks":
        looks = looks_from(text).items()
        return text_of({name: each for name, each in looks if _stays(each, change)})
    if column == "written":
        flags = scalars_from(text).items()
        return text_of(
            {name: each for name, each in flags if _walked(each, change) == each}
        )
    return change(text)


def _walked(tree: object, change: Change) -> object:
    match tree:
        case str():
            return change(tree)
        case dict():
            return {change(key): _walked(each, change) for key, each in tree.items()}
        case list():
            return [_walked(each, change) for each in tree]
        case _:
            return tree


def _value(text: str, change: Change) -> str:
    form, *words = words_from(text)
    return text_of([form, *map(change, words)])


def _stays(seen: Seen | None, change: Change) -> bool:
    """Whether no value of a field that a run looked at would be changed."""
    values = [] if seen is None else seen.values
    return all(_value(value, change) == value for value in values)
