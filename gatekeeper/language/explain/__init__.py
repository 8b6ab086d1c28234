"""Why a line stands as it does, in a seller's words. Pure.

From below: words and phrases (`wording`, `words`, `phrases`), values (`past`,
`values`, `rows`), conditions (`conditions`, `states`, `windows`, `history`, `logic`,
`groups`), and on top the `voice` that knows which of these speaks of which node. Each
module names those below it; the words of a part are asked of the view.
"""

from gatekeeper.language.explain.line import Wording, explainer

__all__ = ["Wording", "explainer"]
