"""How the nodes of trees are made: frozen dataclasses with slots, made quickly.

A check of ten words becomes some thirty nodes, and a frozen dataclass asks of each part
of each whether it may be set while the node is made: a sixth of what it takes to read
and check a file. So that no node is changed is held by the type checker alone.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, dataclass_transform

if TYPE_CHECKING:
    T = TypeVar("T")

    @dataclass_transform(frozen_default=True, field_specifiers=(field,))
    def node(kind: type[T]) -> type[T]:
        """Make a class a frozen dataclass with slots."""

else:
    node = dataclass(slots=True, unsafe_hash=True)
