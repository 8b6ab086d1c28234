"""The traps as a page: each with the tests that meet it, or none."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tests.promises.marks import TESTS
from tests.traps.rows import TRAPS

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tests.promises.marks import Defence

PAGE = TESTS / "TRAPS.md"
MARK = "pytest.mark.trap"
HEAD = """\
# What meets the traps

What the two CRMs do that a client easily gets wrong, and the tests that meet it. Those
in `sandbox` show that our sandbox does so too, those in `crm` that the program copes.
Written by `python -m tests.traps` from the marks on the tests; do not edit.
"""
COLUMNS = "| | trap | where | test |\n|---|---|---|---|\n"


def page(met: Mapping[str, Sequence[Defence]]) -> str:
    """Return the whole page, given the tests of each trap."""
    parts = [HEAD]
    for crm, traps in TRAPS.items():
        parts.append(f"\n## {crm}\n\n{COLUMNS}")
        for trap, words in traps.items():
            for number, (where, test) in enumerate(_places(met.get(trap, ()))):
                named = ("", "") if number else (trap, words)
                parts.append(f"| {' | '.join((*named, where, test))} |\n")
    return "".join(parts)


def _places(tests: Sequence[Defence]) -> list[tuple[str, str]]:
    places = [
        (f"`{each.file}`", each.test.removeprefix("test_").replace("_", " "))
        for each in tests
    ]
    return places or [("none", "")]
