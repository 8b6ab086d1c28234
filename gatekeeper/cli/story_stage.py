"""Where the demo's story plays, and what each chapter of it does alike."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.bootstrap import opened
from gatekeeper.cli.console import out, progress_bar, say
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.ports import RunKind

if TYPE_CHECKING:
    from gatekeeper.bootstrap import Ground
    from gatekeeper.cli.story_world import World
    from gatekeeper.flow.report import RunReport
    from gatekeeper.sandbox.letterbox import Letterbox

SHOWN = 8
"""How many of a list the story shows."""


@dataclass(frozen=True, slots=True)
class Stage:
    """Where the story plays.

    Attributes:
        letterbox: The mail server that digests go to.
    """

    world: World
    url: str
    ground: Ground
    folder: Path
    letterbox: Letterbox


def chapter(title: str, text: str) -> None:
    """Begin a chapter."""
    say()
    out().rule(f"[bold cyan]{title}", align="left", style="cyan")
    say(text, "dim")


def run(stage: Stage) -> RunReport:
    """Do what `gatekeeper run` does."""
    with (
        progress_bar(enabled=True) as progress,
        opened(stage.ground, progress) as work,
    ):
        order = RunOrder(work.services.crm.server_time(), RunKind.RUN)
        return run_once(work.services, work.pack, work.schema, order)
