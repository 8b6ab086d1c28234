"""The fifteen minutes of rules/README.md, walked as its reader walks them.

Each file is saved where the text says, each command typed as it is printed, and what
the guide shows of an answer must be there: whole lines in their order, `...` for any.
"""

from __future__ import annotations

import re
import shlex
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import time_machine

from gatekeeper.sandbox.clock import Clock
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.server import SandboxServer
from tests.cli.program import Program

if TYPE_CHECKING:
    from collections.abc import Iterator

README = Path(__file__).parents[1] / "rules" / "README.md"
WRITTEN = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)
"""The day on which the guide says its answers were printed."""

GAP = "..."
ADDRESS = "http://127.0.0.1:8765"
SERVE = "gatekeeper sandbox serve --data org --port 8765"


@dataclass(frozen=True)
class Step:
    """One block of the guide: its kind, the file last named before it, its text."""

    kind: str
    file: str
    body: str


def guide() -> str:
    text = README.read_text(encoding="utf-8")
    return text[text.index("## Fifteen minutes") : text.index("## How rules work")]


def steps() -> Iterator[Step]:
    text = guide()
    for block in re.finditer(r"^```(\w+)\n(.*?)^```", text, re.MULTILINE | re.DOTALL):
        named = re.findall(r"`([\w./-]*\.(?:yaml|env))`", text[: block.start()])
        yield Step(block[1], named[-1] if named else "", block[2])


def commands(body: str) -> Iterator[tuple[str, list[str]]]:
    """Each command of a block with the lines shown below it."""
    for part in re.split(r"^\$ ", body, flags=re.MULTILINE)[1:]:
        command, *shown = part.splitlines()
        yield command, shown


def missing(shown: list[str], printed: list[str]) -> str | None:
    """The first shown line that is not where it should be, None where all are."""
    at, may_skip = 0, False
    for line in shown:
        if line == GAP:
            may_skip = True
            continue
        rest = printed[at:]
        if line not in rest or (rest[0] != line and not may_skip):
            return line
        at, may_skip = at + rest.index(line) + 1, False
    return None if may_skip or at == len(printed) or not shown else "(the end)"


class Reader:
    """Somebody who does what the guide says, in an empty folder."""

    def __init__(self, program: Program, address: str) -> None:
        self.program = program
        self.address = address

    def follow(self, step: Step) -> None:
        match step.kind:
            case "console":
                for command, shown in commands(step.body):
                    self.type(command, shown)
            case "diff":
                self.correct(step)
            case _:
                self.save(step)

    def save(self, step: Step) -> None:
        path = self.program.folder / step.file
        path.parent.mkdir(parents=True, exist_ok=True)
        before = path.read_text(encoding="utf-8") + "\n" if path.exists() else ""
        text = step.body.replace(ADDRESS, self.address)
        path.write_text(before + text, encoding="utf-8")

    def correct(self, step: Step) -> None:
        lines = step.body.splitlines(keepends=True)
        old = "".join(line[1:] for line in lines if line.startswith("-"))
        new = "".join(line[1:] for line in lines if line.startswith("+"))
        self.program.edit(step.file.removeprefix("rules/"), old, new)

    def type(self, command: str, shown: list[str]) -> None:
        if not command.startswith("gatekeeper") or command == SERVE:
            return
        ended = self.program(*shlex.split(command)[1:])
        printed = [line.rstrip() for line in ended.out.splitlines()]
        lost = missing(shown, printed)
        assert lost is None, f"$ {command}\n{lost}\nis not in\n" + "\n".join(printed)


@pytest.mark.slow
def test_a_reader_who_copies_the_guide_sees_what_it_shows(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    program = Program(tmp_path, capsys)
    seed, *blocks = steps()
    typed = [line for step in blocks for line, _ in commands(step.body)]
    assert "sandbox seed" in seed.body
    assert SERVE in typed

    with time_machine.travel(WRITTEN, tick=True):
        Reader(program, ADDRESS).follow(seed)
        org = load_org(tmp_path / "org", Clock(None))
        with SandboxServer(org) as server:
            reader = Reader(program, server.url)
            for step in blocks:
                reader.follow(step)

    verbs = {line.split()[1] for line in typed if line.startswith("gatekeeper")}
    assert verbs >= {
        *("init", "fields", "rules", "validate", "plan", "violations", "explain"),
        *("test", "lint", "fmt", "setup-crm", "run", "waivers"),
    }


def test_a_line_that_was_not_printed_is_found():
    printed = ["a", "b", "c"]

    assert missing(["a", "b", "c"], printed) is None
    assert missing(["a", GAP], printed) is None
    assert missing([GAP, "c"], printed) is None
    assert missing([], printed) is None
    assert missing(["a", "c"], printed) == "c"
    assert missing(["b", GAP], printed) == "b"
    assert missing([GAP, "d"], printed) == "d"
    assert missing([GAP, "b"], printed) == "(the end)"
