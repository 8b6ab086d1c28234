"""The default pack without the gates that a CRM has no stage for. Pure text to text.

With a gate go its rules, and in the tests what is said of these rules; a case that
speaks of no other rule goes too. What other rules ask of the stages after the gate they
then ask of those after the next gate.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatekeeper.pack.fmt.layout import format_file
from gatekeeper.pack.starter import GATES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

RULES = "b2b.rules.yaml"
TESTS = "tests/b2b.test.yaml"
LIMITS = "tests/b2b_limits.csv"

_ID = re.compile(r"^ +- id: (\S+)", re.MULTILINE)
_STAGE = re.compile(r"^  (\w+):$", re.MULTILINE)
_RULE = re.compile(r"^      - id: .*\n(?:        .*\n|\n)*", re.MULTILINE)
_CASE = re.compile(r"^  - name: .*\n(?:    .*\n)*", re.MULTILINE)
_EMPTY_MAP = re.compile(r"^ +\w+: \{\}\n", re.MULTILINE)


def thinned(files: Mapping[str, str], gates: Iterable[str]) -> dict[str, str]:
    """Return the files of the default pack as they are without some gates.

    Args:
        files: The text of `RULES`, `TESTS` and `LIMITS`.
        gates: Stages of the default pack to take out.
    """
    rules, tests, limits = files[RULES], files[TESTS], files[LIMITS]
    for gate in gates:
        rules = re.sub(rf"^  {gate}:\n(?:    .*\n|\n)*", "", rules, flags=re.MULTILINE)
        tests = re.sub(rf"^  # -+ \w+ {gate}\n", "", tests, flags=re.MULTILINE)
        rules = _after_another(rules, gate)
    kept = _ID.findall(rules)
    gone = [one for one in _ID.findall(files[RULES]) if one not in kept]
    if not gone:
        return dict(files)
    tests = _CASE.sub(lambda case: _case(case[0], gone, kept), tests)
    limits = re.sub(rf"{_any(gone)} ?", "", limits)
    limits = re.sub(r" +$", "", limits, flags=re.MULTILINE)
    return {RULES: _laid_out(rules), TESTS: _laid_out(tests), LIMITS: limits}


def _laid_out(text: str) -> str:
    return format_file(RULES, text.encode()).text


def _after_another(rules: str, gate: str) -> str:
    """Let rules begin after the next gate; where that is the last one, they go."""
    later = [one for one in _STAGE.findall(rules) if one in _after(gate)]
    if len(later) > 1:
        return rules.replace(f'stage after "{gate}"', f'stage after "{later[0]}"')
    return _RULE.sub(
        lambda rule: "" if f'stage after "{gate}"' in rule[0] else rule[0], rules
    )


def _after(gate: str) -> list[str]:
    gates = list(GATES)
    return gates[gates.index(gate) + 1 :]


def _any(ids: Iterable[str]) -> str:
    """Return the pattern of one of these ids, whole."""
    return rf"(?<![\w-])(?:{'|'.join(ids)})(?![\w-])"


def _case(text: str, gone: Iterable[str], kept: Iterable[str]) -> str:
    """Return a case without what it says of some rules; "" where that was all."""
    entry = rf'{_any(gone)}(?:: (?:"[^"]*"|[^,}}]*))?(?:, )?'
    rest, count = re.subn(entry, "", text)
    if count and not re.search(_any(kept), rest):
        return ""
    rest = re.sub(r", (?=[\]}])", "", rest)
    return _EMPTY_MAP.sub("", rest)
