"""Which changes to the rules no test noticed, as a person or a program reads it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.cli.console import counted, safe, say, show_table, table

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.pack.testing.mutation.mutants import Mutant
    from gatekeeper.pack.testing.mutation.survivors import Mutation, Score


def show_mutation(mutation: Mutation) -> None:
    """Say per change that nothing noticed where it is, then score each rule."""
    say()
    for score in mutation.scores.values():
        for line in _lines(score):
            say(line)
    shown = table("Changes noticed", "rule", "noticed")
    for score in mutation.scores.values():
        shown.add_row(safe(score.of), f"{score.noticed} of {score.made}")
    show_table(shown)
    made = counted(mutation.made, "change")
    text = f"The tests notice {mutation.noticed:,} of {made} ({mutation.percent}%)."
    say(text, "green" if mutation.noticed == mutation.made else "yellow")


def _lines(score: Score) -> Iterator[str]:
    """Give a sentence per change; one for all of a rule that no case reaches."""
    if score.survivors and not score.is_reached:
        where = _place(score.survivors[0])
        number = counted(score.made, "change")
        yield f"{where}: {score.of}: no case reaches it; {number} not noticed."
        return
    for mutant in score.survivors:
        yield f"{_place(mutant)}: {score.of}: no test notices if {mutant.what}."


def _place(mutant: Mutant) -> str:
    place = mutant.place
    return f"{place.path}:{place.line}:{place.column}"


def body_of_mutation(mutation: Mutation) -> dict[str, object]:
    """Return the same as one JSON value."""
    return {
        "percent": mutation.percent,
        "made": mutation.made,
        "noticed": mutation.noticed,
        "rules": [
            {
                "rule": score.of,
                "made": score.made,
                "noticed": score.noticed,
                "reached": score.is_reached,
            }
            for score in mutation.scores.values()
        ],
        "survivors": [
            {
                "rule": score.of,
                "file": mutant.place.path,
                "line": mutant.place.line,
                "column": mutant.place.column,
                "change": mutant.what,
            }
            for score in mutation.scores.values()
            for mutant in score.survivors
        ],
    }
