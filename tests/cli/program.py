"""The command line in this process, in a folder of its own, against a sandbox."""

from __future__ import annotations

import io
import json
import logging
import os
import signal
import sys
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gatekeeper.cli.main import ended_with
from gatekeeper.sandbox.hubspot.stock import TOKEN
from gatekeeper.sandbox.salesforce.stock import CLIENT_ID, CLIENT_SECRET

if TYPE_CHECKING:
    from collections.abc import Iterator

    import pytest


@dataclass(frozen=True)
class Ended:
    """A command that came to its end."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON value on stdout, and nothing beside it."""
        return json.loads(self.out)

    @property
    def told(self) -> str:
        """What a person is told beside the answer: no log lines."""
        lines = [line for line in self.err.splitlines() if not line.startswith("{")]
        return "\n".join(lines).strip()


@dataclass(frozen=True)
class Program:
    """The command, where it runs, and how its words are caught."""

    folder: Path
    caught: pytest.CaptureFixture[str]

    def __call__(self, *arguments: str) -> Ended:
        self.caught.readouterr()
        with _machine_left_as_it_was(self.folder):
            code = ended_with(list(arguments))
        out, err = self.caught.readouterr()
        assert "Traceback" not in err, err
        assert "E999" not in err, err
        return Ended(code, out, err)

    def edit(self, name: str, old: str, new: str) -> None:
        """Change a file of the rule pack as a person would."""
        path = self.folder / "rules" / name
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new), encoding="utf-8")

    def enforce(self) -> None:
        self.edit("project.yaml", "mode_ceiling: observe", "mode_ceiling: enforce")


def log_in(url: str) -> None:
    """Set what `sandbox serve` prints; a fixture clears it after the test."""
    os.environ["GATEKEEPER_SALESFORCE_URL"] = url
    os.environ["GATEKEEPER_SALESFORCE_CLIENT_ID"] = CLIENT_ID
    os.environ["GATEKEEPER_SALESFORCE_CLIENT_SECRET"] = CLIENT_SECRET


def log_in_to_hubspot(url: str) -> None:
    """The same for a portal."""
    os.environ["GATEKEEPER_CRM"] = "hubspot"
    os.environ["GATEKEEPER_HUBSPOT_URL"] = url
    os.environ["GATEKEEPER_HUBSPOT_TOKEN"] = TOKEN


@contextmanager
def _machine_left_as_it_was(folder: Path) -> Iterator[None]:
    """Stand in a folder where nobody types; give back what a command takes.

    That is the log, and what is done on a signal.
    """
    typed, sys.stdin = sys.stdin, io.StringIO()
    before, root = Path.cwd(), logging.getLogger()
    handlers, level = root.handlers[:], root.level
    numbers = (signal.SIGINT, signal.SIGTERM)
    kept = [signal.getsignal(number) for number in numbers]
    os.chdir(folder)
    try:
        yield
    finally:
        sys.stdin = typed
        os.chdir(before)
        root.handlers, root.level = handlers, level
        for number, each in zip(numbers, kept, strict=True):
            signal.signal(number, each)
