"""What became of the mutants of each module, as a table and a list of survivors."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path


@dataclass(frozen=True)
class Survivor:
    """A fault that no test noticed.

    Attributes:
        number: Its place among the mutants of its module.
    """

    number: int
    line: int
    was: str
    now: str
    has_tests: bool


@dataclass(frozen=True)
class Score:
    """The trials of one module.

    Attributes:
        found: Mutants the module has.
        tried: Those tried; fewer where a sample was taken.
        version: Stands for the text of the module and the ways to change it.
    """

    module: str
    version: str
    found: int
    tried: int
    killed: int
    seconds: float
    survivors: tuple[Survivor, ...]


def keep(score: Score, folder: Path) -> None:
    """Write a score beside those of other modules."""
    name = score.module.replace("/", ".")
    text = json.dumps(asdict(score), indent=1, ensure_ascii=False)
    (folder / f"{name}.json").write_text(text, encoding="utf-8")


def kept(folder: Path) -> list[Score]:
    """Read all scores of a folder, by module."""
    found = []
    for path in sorted(folder.glob("*.json")):
        values = json.loads(path.read_text("utf-8"))
        survivors = tuple(Survivor(**each) for each in values.pop("survivors"))
        found.append(Score(**values, survivors=survivors))
    return found


def table(scores: Sequence[Score]) -> str:
    """Say the scores, then every survivor with its line."""
    killed, tried = (
        sum(score.killed for score in scores),
        sum(score.tried for score in scores),
    )
    head = [
        "| module | mutants | tried | killed | survivors | score |",
        "|---|---:|---:|---:|---:|---:|",
    ]
    rows = [
        f"| {score.module} | {score.found} | {score.tried} | {score.killed}"
        f" | {len(score.survivors)} | {_percent(score.killed, score.tried)} |"
        for score in scores
    ]
    found = sum(score.found for score in scores)
    rows.append(
        f"| together | {found} | {tried} | {killed} | {tried - killed}"
        f" | {_percent(killed, tried)} |"
    )
    lists = [_survivors(score) for score in scores if score.survivors]
    return "\n".join([*head, *rows, *lists]) + "\n"


def _percent(part: int, whole: int) -> str:
    return f"{100 * part / whole:.1f} %" if whole else "-"


def _survivors(score: Score) -> str:
    lines = [
        f"  {each.line}: {each.was}  ->  {each.now}"
        f"{'' if each.has_tests else '   (no test runs this line)'}"
        for each in score.survivors
    ]
    return "\n".join(["", f"{score.module}: survivors", *lines])
