"""A number that a comma parted, in a mapping between braces. Pure.

`{amount: 120,000}` is two keys to YAML: the amount 120, and "000" without a value.
"""

from __future__ import annotations

import re

from gatekeeper.language.parser.numbers import with_separators
from gatekeeper.pack.source.nodes import Node, Scalar
from gatekeeper.pack.source.problems import Problem

_FRONT = re.compile(r"-?[0-9]{1,3}")
_REST = re.compile(r"[0-9]{3}(?:\.[0-9]+)?")


def parted(value: Node | None, key: Scalar, after: Node) -> Problem | None:
    """Say of a key that it is the rest of the number before it (E306).

    Args:
        value: What stands before the key; None where nothing does.
        key: The key.
        after: What stands under the key.
    """
    if not isinstance(value, Scalar) or not isinstance(after, Scalar):
        return None
    is_bare = not value.style and not key.style and after.is_blank
    if not (is_bare and _FRONT.fullmatch(value.text) and _REST.fullmatch(key.text)):
        return None
    number = value.source.text[value.start : key.end].replace(" ", "")
    place = key.source.place(value.start, key.end)
    return Problem(place, "E306", "numbers have no commas.", with_separators(number))
