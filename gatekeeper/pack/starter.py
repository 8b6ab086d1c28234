"""The project file of the default pack fitted to one CRM. Pure text in, text out.

The stages of the CRM are shared out among the gates of the default pack, each gate
getting one stage or several in a row: by the words in their names, and where these say
nothing by their place.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

from gatekeeper.pack.fmt.layout import format_file

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from gatekeeper.core.catalogue import CrmSchema, Stage

GATES: dict[str, tuple[str, ...]] = {
    "Prospecting": ("prospect", "lead", "new", "identif", "connect", "appointment"),
    "Qualification": ("qualif",),
    "Discovery": (
        *("discover", "need", "analysis", "value", "decision", "perception"),
        *("solution", "demo", "valid", "evaluat", "develop", "bought", "pilot"),
    ),
    "Proposal": ("propos", "quot", "pric", "offer", "presentation"),
    "Closing": (
        *("clos", "negotiat", "contract", "review", "legal", "commit"),
        *("procure", "verbal", "agree"),
    ),
}
"""The open stages of the default pack in order, and what others call them."""

WON = "Closed Won"

_EMPTY_GATE = 100
"""How much worse a gate without a stage is than a name that does not fit."""

_PLAIN = re.compile(r"[A-Za-z0-9][\w ./&()+-]*")


@dataclass(frozen=True, slots=True)
class Fitted:
    """A project file, and what was found out for it.

    Attributes:
        stages: Gate to the stages of the CRM that it covers.
        unmatched: Gates for which the CRM has no stage left.
    """

    text: str
    stages: Mapping[str, tuple[str, ...]]
    unmatched: tuple[str, ...]

    @property
    def has_gates(self) -> bool:
        """Whether the CRM has a stage for any of the gates."""
        return len(self.unmatched) < len(GATES)


def fit(text: str, schema: CrmSchema) -> Fitted:
    """Return the project file of the default pack for a CRM.

    Args:
        text: project.yaml as it ships.
        schema: The CRM's own stages, time zone and currency.
    """
    longest = max((one.stages for one in schema.pipelines), key=len, default=())
    stages = stage_map(longest)
    found = {"crm": schema.crm, "currency": schema.currency}
    if schema.zone:
        found["timezone"] = schema.zone
    for key, value in found.items():
        text = _with_value(text, key, value)
    text = _with_stages(text, _lines(schema.crm, stages))
    unmatched = tuple(gate for gate in GATES if not stages[gate])
    return Fitted(format_file("project.yaml", text.encode()).text, stages, unmatched)


def stage_map(stages: Sequence[Stage]) -> dict[str, tuple[str, ...]]:
    """Share out the stages of a pipeline among the gates.

    Returns:
        Each gate, and the closed stage of won deals, with the CRM's stages in order;
        nothing where there are too few.
    """
    names = [stage.name for stage in stages if not stage.is_closed]
    gates = list(GATES)
    shared: dict[str, tuple[str, ...]] = dict.fromkeys(gates, ())
    for name, place in zip(names, _places(tuple(names)), strict=True):
        shared[gates[place]] += (name,)
    return {**shared, WON: tuple(stage.name for stage in stages if stage.is_won)}


def _places(names: tuple[str, ...]) -> tuple[int, ...]:
    """Return for each stage the place of its gate; later ones never go back."""
    most = len(GATES)

    @cache
    def best(at: int, gate: int) -> tuple[int, tuple[int, ...]]:
        if at == len(names):
            return -_EMPTY_GATE * (most - 1 - gate), ()
        options = []
        for place in range(max(gate, 0), most):
            skipped = max(place - gate - 1, 0)
            score, rest = best(at + 1, place)
            own = _fits(names[at], place) - _EMPTY_GATE * skipped
            options.append((score + own, (place, *rest)))
        # Of equal ones the earlier gates, so that nothing is asked too soon.
        return max(options, key=lambda option: (option[0], [-one for one in option[1]]))

    return best(0, -1)[1]


def _fits(name: str, place: int) -> int:
    words = list(GATES.values())[place]
    exact = name.casefold() == list(GATES)[place].casefold()
    return 2 * exact + any(word in name.casefold() for word in words)


# ---- text ----------------------------------------------------------------------------


def _lines(crm: str, stages: Mapping[str, tuple[str, ...]]) -> Iterable[str]:
    """Give the lines of `stages:`; a stage of the same name needs none."""
    for gate, names in stages.items():
        if names and names != (gate,):
            yield f"  {gate}: {{{crm}: [{', '.join(map(_quoted, names))}]}}\n"


def _quoted(name: str) -> str:
    if _PLAIN.fullmatch(name) and not name.endswith(" "):
        return name
    return "'" + name.replace("'", "''") + "'"


def _with_value(text: str, key: str, value: str) -> str:
    """Put another value behind a key at the margin; its comment stays in its column."""

    def line(found: re.Match[str]) -> str:
        comment = found["comment"] or ""
        start = f"{key}: {value}"
        width = len(found[0]) - len(comment)
        return f"{start.ljust(width) if comment else start}{comment}"

    pattern = rf"^{key}: *[^\s#]+ *(?P<comment>#.*)?$"
    return re.sub(pattern, line, text, count=1, flags=re.MULTILINE)


def _with_stages(text: str, lines: Iterable[str]) -> str:
    """Put other lines under `stages:`; the key goes where none is needed."""
    written = "".join(lines)
    block = f"stages:\n{written}" if written else ""
    pattern = r"^stages:\n(?:[ ]+.*\n)+"
    return re.sub(pattern, lambda _: block, text, count=1, flags=re.MULTILINE)
