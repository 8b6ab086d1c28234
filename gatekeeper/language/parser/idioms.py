"""Recognise turns of speech and say the check that is meant by them.

Pure. Where single words of other languages are told in `habits`, these are whole
phrases, most of them with the form of ours ready to paste.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from functools import cache
from typing import TYPE_CHECKING

from gatekeeper.language.parser.failure import BOUNDARIES
from gatekeeper.language.parser.words import not_understood
from gatekeeper.language.tree.syntax import Span

if TYPE_CHECKING:
    from gatekeeper.language.messages import Message
    from gatekeeper.language.parser.failure import Failure

_UNIT = "(?:hours?|days?|weeks?|months?|quarters?|years?)"
_SLOTS = {
    "value": r"(?<![\w.$])[a-z_][\w.]*(?:\([^()]*\))?",
    "literal": r"\"[^\"]*\"|'[^']*'|\$?[0-9][\w.]*%?|\$?[a-z_][\w.]*",
    "length": rf"[0-9]+ (?:business )?{_UNIT}",
    "period": "(?:fiscal )?(?:week|month|quarter|year)",
    "rows": r"(?:some|no|(?:at least|at most|exactly) [0-9]+) [a-z_]\w*",
    "name": r"[a-z_]\w*",
    "list": r"\[[^\]]*\]",
}
_SIGN = "(?P<sign>after|before|on or after|on or before|[<>]=?)"
_WHEN = "(?P<when>this|last|next)"
_PAST = "(?:in |during )?(?:the )?(?:last|past|previous)"
_COMING = "(?:in |during )?(?:the )?(?:next|coming)"
_MONTH = "(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]* "
_IDIOMS = (
    # rows
    ("(?:all|each) {name} (?:has|have)", "every {name} has .."),
    ("any {name} (?:where|with|has)", "some {name} where .."),
    ("(?:zero|0) {name}", "no {name}"),
    ("there (?:is|are) (?:any |an? |some )?{name}", "some {name}"),
    (
        "{rows} (?:is )?(?:in|within) (?:the )?(?P<when>last|next) {length}",
        "{rows} where .. within {when} {length}",
    ),
    (
        "some {name}\\.(?P<field>[a-z_]\\w*) (?:[<>=!]+|is|in|within|between|contains)",
        "some {name} where {field} ..",
    ),
    (
        "(?P<some>some|no) {name} (?P<second>[a-z_]\\w*) where",
        "{some} {name}_{second} where ..",
    ),
    # when
    ("{value} (?:is )?in (?:the )?past", "{value} before today"),
    ("{value} is (?:past|past due|overdue)", "{value} before today"),
    ("{value} (?:is )?in (?:the )?future", "{value} after today"),
    (
        "{value} (?:is )?(?:older|more|longer|earlier) than {length}(?: ago)?",
        "{value} before today - {length}",
    ),
    (
        "{value} (?:is )?(?:newer|less|younger|later) than {length}(?: ago)?",
        "{value} after today - {length}",
    ),
    ("{length} ago", "today - {length}"),
    (f"{{value}} (?:is )?{_PAST} {{length}}", "{value} within last {length}"),
    (f"{{value}} (?:is )?{_COMING} {{length}}", "{value} within next {length}"),
    (
        f"{{value}} within {_PAST} {{period}}",
        "{value} in last {period}, or {value} within last 30 days",
    ),
    (
        f"{{value}} within {_COMING} {{period}}",
        "{value} in next {period}, or {value} within next 30 days",
    ),
    (f"{{value}} not in {_WHEN} {{period}}", "not {value} in {when} {period}"),
    (
        "{value} (?:= ?|is |in |within |during )?(?:the )?(?:this|current) {period}",
        "{value} in this {period}",
    ),
    (f"{{value}} (?:= ?|is )?{_PAST} {{period}}", "{value} in last {period}"),
    (f"{{value}} (?:= ?|is )?{_COMING} {{period}}", "{value} in next {period}"),
    (
        f"{{value}} {_SIGN} ?{_WHEN} {{period}}",
        "{value} in {when} {period}, or {value} {sign} a date such as 2026-12-31",
    ),
    ("^last (?!{period}){name}", "latest(meetings.start) is the last of several rows"),
    (
        f"(?:[0-9]{{1,2}} )?{_MONTH}(?:[0-9]{{1,2}},? )?(?:19|20)[0-9]{{2}}",
        "a date is written year-month-day: 2026-12-31",
    ),
    # what changed
    (
        "{value} (?:has|have|was|is) (?:been )?changed(?= (?P<how>within|since))",
        "{value} changed {how} ..",
    ),
    (
        "{value} (?:has |was |is )?(?:not|never) (?:been )?changed"
        "(?= (?P<how>within|since))",
        "not {value} changed {how} ..",
    ),
    (f"{{value}} changed {_PAST} {{length}}", "{value} changed within last {length}"),
    ("{value} (?:was |is )?pushed", "pushes({value}, last 90 days) > 0"),
    ("stage was {literal}", "visited({literal})"),
    ("{value} was {literal}", "previous({value}) = {literal}"),
    # filled or empty
    ("{value} not (?:empty|blank|missing|null|unknown)", "{value} is filled"),
    ("{value} not (?:filled|set|present|known)", "{value} is empty"),
    ("{value} has no value", "{value} is empty"),
    ("{value} has (?:any |a |some )?value", "{value} is filled"),
    (
        "{value} (?:must |should |needs to |has to )?(?:be )?"
        "(?:filled|exists?|present|known|set)(?! to)",
        "{value} is filled",
    ),
    ("{value} (?:empty|blank|missing|unknown)", "{value} is empty"),
    (f"{{value}} {_SIGN} (?:empty|blank)", "{value} is empty, or {value} is filled"),
    # how much
    ("{value} (?:is |(?:must|should) be )?at least {literal}", "{value} >= {literal}"),
    ("{value} (?:is |(?:must|should) be )?at most {literal}", "{value} <= {literal}"),
    (
        "{value} (?:is )?not (?:more|greater|higher) than {literal}",
        "{value} <= {literal}",
    ),
    ("{value} (?:is )?not (?:less|lower|fewer) than {literal}", "{value} >= {literal}"),
    (
        "{value} (?:is )?(?:more|greater|higher|bigger|larger) than {literal}",
        "{value} > {literal}",
    ),
    (
        "{value} (?:is )?(?:less|lower|smaller|fewer) than {literal}",
        "{value} < {literal}",
    ),
    (
        "{value} (?:is )?between [\\[(] ?(?P<low>[^\\s,]+) ?, ?"
        "(?P<high>[^\\s\\])]+) ?[\\])]",
        "{value} between {low} and {high}",
    ),
    (
        "{value} (?:is )?between (?P<low>[^\\s,]+)(?: to | ?, ?)(?P<high>[^\\s,]+)",
        "{value} between {low} and {high}",
    ),
    (
        "{value} (?:is )?from (?P<low>\\S+) to (?P<high>\\S+)",
        "{value} between {low} and {high}",
    ),
    # which
    ("{value} (?:does |is )?not equal(?: to)? {literal}", "{value} != {literal}"),
    ("{value} (?:is )?equal to {literal}", "{value} = {literal}"),
    ("{value} (?:is )?not (?:one|any) of {list}", "{value} not in {list}"),
    ("{value} (?:is )?(?:one|any) of {list}", "{value} in {list}"),
    (
        "{value} does not (?:contain|include) {literal}",
        "{value} not contains {literal}",
    ),
    (
        "{value} does not (?P<side>start|end) with {literal}",
        "{value} not {side}s with {literal}",
    ),
    ("{value} (?:begins|starts)(?: with)? {literal}", "{value} starts with {literal}"),
    ("{value} (?:past|beyond) {literal}", "{value} after {literal}"),
    (
        "{value} not (?P<literal>\"[^\"]*\"|'[^']*'|[0-9][\\w.%]*)",
        "{value} != {literal}",
    ),
    # whole lines
    (
        "^(?:if|when) \\S+",
        'what decides whether a rule applies stands under its "when".',
    ),
    ("(?P<share>[0-9.]+%) of (?P<whole>[a-z_0-9][\\w.]*)", "{share} * {whole}"),
    ("[;]", 'write two checks, or "and" between them.'),
)

_VALUES = frozenset({"NAME", "TODAY", "NOW"})


def idiom(failure: Failure) -> Message | None:
    """Say what is meant by the turn of speech in which the unexpected word stands."""
    token = failure.token()
    if token is None:
        return None
    seen = _without_texts(failure)
    for pattern, meant in _patterns():
        for match in pattern.finditer(seen):
            if match.start() <= token.start_pos < match.end() and _is_whole(
                match, failure
            ):
                span = Span(match.start(), max(match.end(), token.end_pos))
                said = meant.format(**_groups(match, failure.text))
                return not_understood(failure.text[span.start :], span, said)
    return None


def _is_whole(match: re.Match[str], failure: Failure) -> bool:
    """Whether the value of a phrase is one, and no part of a longer one."""
    if not match.re.groupindex.keys() & {"value", "name", "rows"}:
        return True
    place = bisect_left(failure.tokens, match.start(), key=lambda each: each.start_pos)
    is_keyword = failure.tokens[place].type not in _VALUES
    if is_keyword and "value" in match.re.groupindex:
        return False
    return place == 0 or failure.tokens[place - 1].type in BOUNDARIES


def _without_texts(failure: Failure) -> str:
    """Return the line with every quoted text blotted out: it holds no phrases."""
    pieces, shown = [], 0
    for token in failure.tokens:
        if token.type == "TEXT":
            blotted = token[0] + "_" * (len(token) - 2) + token[-1]
            pieces += [failure.text[shown : token.start_pos], blotted]
            shown = token.end_pos
    return "".join([*pieces, failure.text[shown:]])


def _groups(match: re.Match[str], text: str) -> dict[str, str]:
    """Return what stands in each slot, as it was written."""
    return {
        slot: " ".join(text[slice(*match.span(slot))].split())
        for slot in match.re.groupindex
    }


@cache
def _patterns() -> tuple[tuple[re.Pattern[str], str], ...]:
    return tuple((_compiled(phrase), meant) for phrase, meant in _IDIOMS)


def _compiled(phrase: str) -> re.Pattern[str]:
    """Read a phrase: any white space may part its words, `{slot}` takes a value."""
    for slot, taken in _SLOTS.items():
        phrase = phrase.replace(f"{{{slot}}}", f"(?P<{slot}>{taken})")
    phrase = phrase.replace(" ?", r"\s*").replace(" ", r"\s+")
    return re.compile(rf"{phrase}(?!\w)", re.IGNORECASE | re.ASCII)
