"""Why a line stands as it does, in a seller's words. Pure.

The modules of this room call each other as the tree goes; the first import settles
their order.
"""

from gatekeeper.language.explain.line import Wording, explainer

__all__ = ["Wording", "explainer"]
