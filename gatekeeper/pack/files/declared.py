"""What a file declares: parameters and definitions; a file of shared names has no more.

Parsed, not yet checked.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.pack.files import rule_schema
from gatekeeper.pack.files.defines import DraftDefine, read_defines
from gatekeeper.pack.files.params import read_params
from gatekeeper.pack.files.schema import keys_of
from gatekeeper.pack.source.nodes import Listing, Node, Scalar, Table
from gatekeeper.pack.source.read import Noun

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.language.scope import DefineSpec, ParamSpec
    from gatekeeper.pack.source.nodes import Source
    from gatekeeper.pack.source.read import Reader

_ONLY_IN_RULES = frozenset(keys_of(rule_schema.RulesFile)) - frozenset(
    keys_of(rule_schema.DefsFile)
)


@dataclass(frozen=True, slots=True)
class Names:
    """What one file declares.

    Attributes:
        declared: `$name` of a parameter or name of a condition to its key and value.
    """

    source: Source
    use: Listing | Scalar | None
    params: dict[str, ParamSpec]
    drafts: dict[str, DraftDefine]
    declared: dict[str, tuple[Scalar, Node]]

    @property
    def defines(self) -> dict[str, DefineSpec]:
        """The definitions by their names."""
        return {name: draft.spec for name, draft in self.drafts.items()}


def read_defs(
    reader: Reader, table: Table, catalogue: Catalogue, currency: str
) -> Names:
    """Read a file of shared names; anything else in it is a mistake (E213)."""
    name = table.source.path.rpartition("/")[2]
    kept: list[tuple[Scalar, Node]] = []
    for key, node in table.pairs:
        if key.text in _ONLY_IN_RULES:
            reader.say(
                key.place,
                "E213",
                f'{name} contains "{key.text}"; a file brought in with "use" may hold'
                " only define and params.",
            )
        else:
            kept.append((key, node))
    rest = replace(table, pairs=tuple(kept))
    reader.part(rule_schema.DefsFile, rest, Noun("a file of names", "this file"))
    return read_names(reader, rest, catalogue, currency)


def read_names(
    reader: Reader, table: Table, catalogue: Catalogue, currency: str
) -> Names:
    """Read what a file declares and what it uses."""
    use = table.get("use")
    return Names(
        table.source,
        None if isinstance(use, Table) else use,
        read_params(reader, table.get("params"), catalogue),
        read_defines(reader, table.get("define"), catalogue, currency),
        dict(_declared(table)),
    )


def _declared(table: Table) -> Iterator[tuple[str, tuple[Scalar, Node]]]:
    for section, mark in (("params", "$"), ("define", "")):
        node = table.get(section)
        for key, value in node.pairs if isinstance(node, Table) else ():
            yield f"{mark}{key.text}", (key, value)
