"""How answers reach a person or a program.

Answers go to stdout, everything else to stderr. Text from the CRM is shown as text:
control and direction characters are taken out, markup is not read.
"""

from __future__ import annotations

import csv
import os
import re
import sys
from contextlib import contextmanager
from functools import cache
from typing import TYPE_CHECKING

import typer

from gatekeeper.core.wording import plain, visible
from gatekeeper.errors import SetupError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
    from typing import TextIO

    from rich.console import Console
    from rich.progress import TaskID
    from rich.table import Table
    from rich.text import Text

    from gatekeeper.ports import Progress

COLOURED = {"FORCE_COLOR", "TTY_COMPATIBLE"}
"""What people set to have colours where there is no terminal."""

WIDE = 200
"""Columns of a table that goes to a file or a pipe, where nothing need be folded."""

_FORMULA = re.compile(r"""[\s'"]*[=+@\-＝＋－＠]""")  # noqa: RUF001  Excel reads both widths
"""What a spreadsheet may take for a formula, blanks and quotes before it left aside."""
_ORDERS = re.compile("[\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]")
"""What JSON lets stand bare, and a terminal obeys or turns its direction at."""

SEVERITY_STYLE = {
    "critical": "bold red",
    "high": "red",
    "medium": "yellow",
    "low": "dim",
}
OUTCOME_MARK = {
    "pass": ("+", "green"),
    "fail": ("x", "red"),
    "cannot_tell": ("?", "yellow"),
    "not_applicable": ("-", "dim"),
}


@cache
def out() -> Console:
    """Return where answers go."""
    from rich.console import Console  # noqa: PLC0415  start-up time

    return Console(soft_wrap=True, highlight=False)


@cache
def err() -> Console:
    """Return where everything beside the answers goes."""
    from rich.console import Console  # noqa: PLC0415  start-up time

    return Console(stderr=True, soft_wrap=True, highlight=False)


def safe(value: object, style: str = "") -> Text:
    """Return text from anywhere as text that changes nothing on a terminal."""
    from rich.text import Text  # noqa: PLC0415  start-up time

    return Text(plain(str(value)), style=style)


def say(line: str = "", style: str = "") -> None:
    """Print one line of an answer, its indentation kept."""
    _print(out, sys.stdout, visible(line), style)


def ask(question: str, unasked: str) -> None:
    """Let a person agree.

    Args:
        question: What would be done.
        unasked: The command that does it without being asked.

    Raises:
        SetupError: Nobody did.
    """
    message = f"Nothing was done. To do it without being asked: {unasked}"
    try:
        agreed = typer.confirm(question, err=True)
    except typer.Abort:
        raise SetupError(message) from None
    if not agreed:
        raise SetupError(message)


def note(text: str, style: str = "") -> None:
    """Print beside the answer; line ends stay."""
    _print(err, sys.stderr, "\n".join(map(visible, text.split("\n"))), style)


def _print(
    console: Callable[[], Console], stream: TextIO, text: str, style: str
) -> None:
    """Print a text; Rich is loaded only where its style can show."""
    if style and (stream.isatty() or COLOURED & os.environ.keys()):
        from rich.text import Text  # noqa: PLC0415  start-up time

        console().print(Text(text, style=style))
    else:
        stream.write(f"{text}\n")
        stream.flush()  # answers and notes in one pipe stay in order


def counted(number: int, noun: str) -> str:
    """Return a number with its noun, in the singular for one."""
    return f"{number:,} {noun}{'' if number == 1 else 's'}"


def print_json(body: object) -> None:
    """Print one JSON value, indented."""
    import orjson  # noqa: PLC0415  start-up time

    options = orjson.OPT_INDENT_2 | orjson.OPT_NON_STR_KEYS
    text = orjson.dumps(body, default=_plain_json, option=options).decode()
    sys.stdout.write(_ORDERS.sub(_escaped, text) + "\n")


def _escaped(found: re.Match[str]) -> str:
    """Write a character as JSON may: its value is the same, and it orders nothing."""
    return f"\\u{ord(found[0]):04x}"


def _plain_json(value: object) -> object:
    """Write what JSON has no word for: decimals as text, exactly."""
    if isinstance(value, (set, frozenset)):
        return sorted(value)
    return str(value)


def print_csv(columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Print rows for a spreadsheet: every cell quoted, formulas disarmed."""
    writer = csv.writer(sys.stdout, quoting=csv.QUOTE_ALL, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([_cell(row.get(column)) for column in columns])


def _cell(value: object) -> str:
    """Write a cell no spreadsheet takes for a formula (promises S15).

    It is one line without control characters, for CSV is shown on terminals too.
    """
    text = "" if value is None else str(value)
    if not text.isprintable():
        text = visible(text)
    return f"'{text}" if _FORMULA.match(text) else text


def table(title: str, *columns: str, right: Sequence[str] = ()) -> Table:
    """Return an empty table in the one look of this program."""
    from rich.table import Table  # noqa: PLC0415  start-up time

    made = Table(title=title, title_justify="left", title_style="bold", box=None)
    for column in columns:
        made.add_column(
            column,
            justify="right" if column in right else "left",
            header_style="dim",
            overflow="fold",
            no_wrap=not made.columns,  # what a row is called stays in one piece
        )
    return made


def show_table(made: Table) -> None:
    """Print a table as wide as the terminal; wide enough for any name elsewhere."""
    # Rich takes no width beyond the console's own, which is 80 in a pipe.
    from rich.console import Console  # noqa: PLC0415  start-up time

    wide = out() if out().is_terminal else Console(width=WIDE, highlight=False)
    wide.print(made)


@contextmanager
def progress_bar(*, enabled: bool) -> Iterator[Progress]:
    """Show long work on a terminal; say nothing elsewhere."""
    if not (enabled and sys.stderr.isatty() and err().is_terminal):
        yield _silent
        return
    from rich.progress import (  # noqa: PLC0415  a tenth of the start-up time
        BarColumn,
        MofNCompleteColumn,
        TextColumn,
        TimeElapsedColumn,
    )
    from rich.progress import Progress as Bars  # noqa: PLC0415

    bars = Bars(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=err(),
        transient=True,
    )
    tasks: dict[str, TaskID] = {}

    def show(what: str, done: int, total: int | None) -> None:
        if what not in tasks:
            tasks[what] = bars.add_task(what, total=total)
        bars.update(tasks[what], completed=done, total=total)

    with bars:
        yield show


def _silent(what: str, done: int, total: int | None) -> None:
    """Ignore progress where nobody watches."""
