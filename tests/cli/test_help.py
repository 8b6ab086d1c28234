"""Help: every command says what it does and shows how."""

from __future__ import annotations

import subprocess
import sys
from typing import TYPE_CHECKING

import pytest
import typer
from typer.main import get_command

from gatekeeper.cli.main import app
from gatekeeper.cli.on_demand import COMMANDS as COMMANDS_OF_THE_LIST

if TYPE_CHECKING:
    from tests.cli.program import Program


def _words(group: typer.core.TyperGroup, before: tuple[str, ...] = ()):
    context = typer.Context(group)
    for name in group.list_commands(context):
        _, command, _ = group.resolve_command(context, [name])
        yield (*before, name)
        if isinstance(command, typer.core.TyperGroup):
            yield from _words(command, (*before, name))


ROOT = get_command(app)
assert isinstance(ROOT, typer.core.TyperGroup)
COMMANDS = list(_words(ROOT))


@pytest.mark.parametrize("words", COMMANDS, ids=" ".join)
def test_help_shows_an_example_that_begins_with_the_command(
    program: Program, words: tuple[str, ...]
):
    ended = program(*words, "--help")

    assert ended.code == 0
    _, _, examples = ended.out.partition("Example")
    assert f"gatekeeper {' '.join(words)}" in " ".join(examples.split())


@pytest.mark.parametrize(
    "arguments",
    [("nonsense",), ("run", "--nope"), ("explain",), ("runs", "list", "--limit", "0")],
    ids=" ".join,
)
def test_a_mistyped_command_ends_with_two_and_names_the_mistake(
    program: Program, arguments: tuple[str, ...]
):
    ended = program(*arguments)

    assert ended.code == 2
    assert ended.out == ""
    assert "Usage: gatekeeper" in ended.err


@pytest.mark.parametrize("name", COMMANDS_OF_THE_LIST)
def test_the_list_says_of_a_command_what_its_own_help_begins_with(name: str):
    assert isinstance(ROOT, typer.core.TyperGroup)

    _, command, _ = ROOT.resolve_command(typer.Context(ROOT), [name])

    assert command is not None
    assert command.help is not None
    assert COMMANDS_OF_THE_LIST[name][1] == command.help.split("\n\n")[0]


def test_a_near_name_is_proposed(program: Program):
    assert "Did you mean 'validate'?" in program("valdate").err


def test_help_loads_no_command():
    """What makes the command answer at once (about a fifth of a second of work)."""
    code = (
        "import sys; from gatekeeper.cli.main import ended_with;"
        " ended_with(['--help']); print(*sys.modules, sep='\\n')"
    )
    loaded = subprocess.run(  # noqa: S603
        [sys.executable, "-c", code], capture_output=True, text=True, check=True
    ).stdout.splitlines()

    ours = {name for name in loaded if name.startswith("gatekeeper.")}
    parts = {"cli", "cli.console", "cli.main", "cli.on_demand"}
    parts |= {"core", "core.wording", "errors"}
    assert ours == {f"gatekeeper.{part}" for part in parts}
    heavy = {"alembic", "lark", "pydantic", "re2", "requests", "simple_salesforce"}
    heavy |= {"sqlalchemy", "starlette", "structlog", "uvicorn", "yaml"}
    assert heavy & set(loaded) == set()


def test_an_offline_check_loads_no_database_and_no_crm(program: Program):
    """A saved description is read by the standard library alone."""
    assert program("init").code == 0

    loaded = loaded_by(program, "validate", "--offline")

    assert loaded[0].endswith("no mistakes, 0 warnings, checked without a CRM.")
    heavy = {"alembic", "requests", "simple_salesforce", "sqlalchemy", "starlette"}
    heavy |= {"lark"}  # the tables of the grammar are kept
    heavy |= {"structlog"}  # nothing is logged
    heavy |= {"pydantic_settings"}  # nothing is set
    heavy |= {"holidays"}  # no business day is counted
    heavy |= {"rich"}  # nobody sees colours in a pipe
    heavy |= {"msgspec", "sqlite3"}  # nothing was saved
    heavy |= {"gatekeeper.core.model.artifacts"}  # nothing is written
    assert heavy & set(loaded) == set()
    assert not (program.folder / "gatekeeper.db").exists()


def test_the_list_of_rules_works_out_no_holiday(program: Program):
    assert program("init").code == 0

    loaded = loaded_by(program, "rules", "list")

    assert "gatekeeper.core.pack" in loaded
    assert "holidays" not in loaded


def loaded_by(program: Program, *arguments: str) -> list[str]:
    """Return what a command said, and after it what it loaded, line by line."""
    code = (
        "import sys; from gatekeeper.cli.main import ended_with;"
        f" ended_with({[*arguments]}); print(*sys.modules, sep='\\n')"
    )
    return subprocess.run(  # noqa: S603
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=program.folder,
    ).stdout.splitlines()


def test_the_version_is_one_line(program: Program):
    assert program("--version").out.startswith("gatekeeper ")


def test_the_package_itself_runs_as_the_command():
    command = [sys.executable, "-m", "gatekeeper", "rules", "--help"]

    ended = subprocess.run(command, capture_output=True, text=True, check=True)  # noqa: S603

    assert "gatekeeper rules" in ended.stdout
