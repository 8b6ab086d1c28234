"""What may be a name in a rule file. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.messages import reserved_word
from gatekeeper.language.parser.tokens import RESERVED
from gatekeeper.language.tree.syntax import Span
from gatekeeper.pack.files.values import is_name

if TYPE_CHECKING:
    from gatekeeper.pack.source.nodes import Scalar
    from gatekeeper.pack.source.read import Reader


def may_be_name(word: str) -> bool:
    """Whether the language can read `word` as a name."""
    return is_name(word) and word.casefold() not in RESERVED


def check_name(reader: Reader, key: Scalar) -> None:
    """Note a name that the language could not read (E217, E318)."""
    if key.text.casefold() in RESERVED:
        message = reserved_word(key.text, Span(0, len(key.text)))
        reader.say(key.place, message.code, message.text, message.help)
    elif not is_name(key.text):
        reader.say(
            key.place,
            "E217",
            f'"{key.text[:60]}" is not a valid name: use lower-case letters, digits'
            " and underscores, start with a letter, at most 60.",
        )


def short_place(node: Scalar) -> str:
    """Return `file:line` for mention inside a sentence."""
    source = node.source
    return f"{source.name}:{source.line(node.start)}"
