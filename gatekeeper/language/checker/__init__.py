"""From the tree of a check to its typed tree: names, kinds, literals. Pure.

The modules of this room stand in floors: what lies inside a node is checked by way of
`Checking`, which leads back to `line` at the top.
"""

from gatekeeper.language.checker.line import check

__all__ = ["check"]
