"""From the tree of a check to its typed tree: names, kinds, literals. Pure.

The modules of this room call each other as the tree goes; the first import settles
their order.
"""

from gatekeeper.language.checker.line import check

__all__ = ["check"]
