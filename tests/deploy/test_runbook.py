"""Whoever is called at night finds a row for whatever the program may have said."""

from __future__ import annotations

import inspect
import re

from typer._click import Command, Context
from typer.core import TyperGroup
from typer.main import get_command

from gatekeeper import errors
from gatekeeper.cli.main import EXIT_BUG, EXIT_CRM, app
from gatekeeper.core.model import WriteStatus
from gatekeeper.errors import GatekeeperError, StopError
from gatekeeper.ports import Delivery
from gatekeeper.ports.rows import RunStatus
from tests.deploy.files import DEPLOY

RUNBOOK = (DEPLOY / "runbook.md").read_text(encoding="utf-8")


def rows(title: str) -> dict[str, list[str]]:
    """The cells of the table whose first column has this title, by the first one."""
    table = re.search(rf"^\| {title} \|.*\n\|.*\n((?:\|.*\n)+)", RUNBOOK, re.MULTILINE)
    assert table is not None, title
    cells = [
        [cell.strip() for cell in row.strip("|").split("|")]
        for row in table.group(1).splitlines()
    ]
    return {first.strip("`"): rest for first, *rest in cells}


def classes() -> dict[str, type[GatekeeperError]]:
    found = dict(inspect.getmembers(errors, inspect.isclass))
    return {n: c for n, c in found.items() if issubclass(c, GatekeeperError)}


def test_every_error_has_a_row_with_its_exit_code_and_a_remedy() -> None:
    told = rows("error")

    assert told.keys() == classes().keys()
    for name, error in classes().items():
        code, meaning, remedy = told[name]
        assert meaning
        assert remedy
        if issubclass(error, StopError):
            assert code == str(error.exit_code), name
    assert told["Transient"][0] == str(EXIT_CRM)


def test_every_exit_code_has_a_row() -> None:
    used = {
        each.exit_code for each in classes().values() if issubclass(each, StopError)
    }

    assert {int(code) for code in rows("code")} >= used | {0, EXIT_BUG}


def test_every_end_of_a_run_of_a_write_and_of_a_digest_has_a_row() -> None:
    assert list(rows("status")) == [each.value for each in RunStatus]
    assert list(rows("outcome")) == [each.value for each in WriteStatus]
    assert list(rows("delivery")) == [each.value for each in Delivery]


def test_every_code_that_a_run_may_say_has_a_row() -> None:
    sources = [
        file.read_text(encoding="utf-8")
        for room in ("core", "flow")
        for file in (DEPLOY.parent / "gatekeeper" / room).rglob("*.py")
    ]
    said = {code for text in sources for code in re.findall(r"\bE[79]\d\d\b", text)}
    codes = re.findall(r"^\| `(E\d{3})` \|", RUNBOOK, re.MULTILINE)

    assert {code for code in said if code[1] == "9"} | {"E708"} == set(codes)


def test_every_command_and_option_that_the_runbook_names_exists() -> None:
    spans = re.findall(r"`(gatekeeper [^`]+)`", RUNBOOK)
    typed = re.findall(r"(?:bin/| worker |-- |^)(gatekeeper [a-z].*)$", RUNBOOK, re.M)
    assert len(spans) > 20
    for line in [*spans, *typed]:
        command: object = get_command(app)
        options = {word for word in line.split() if word.startswith("--")}
        for word in line.split()[1:]:
            if not isinstance(command, TyperGroup):
                break
            _, found, _ = command.resolve_command(Context(command), [word])
            assert found is not None, line
            command = found
        assert isinstance(command, Command), line
        assert options <= {flag for each in command.params for flag in each.opts}, line


def test_every_link_inside_the_runbook_leads_somewhere() -> None:
    headings = re.findall(r"^#+ (.+)$", RUNBOOK, re.MULTILINE)
    anchors = {
        re.sub(r"[^a-z0-9 -]", "", h.lower()).replace(" ", "-") for h in headings
    }
    links = re.findall(r"\]\(([^)]+)\)", RUNBOOK)

    assert {link[1:] for link in links if link.startswith("#")} <= anchors
    assert all((DEPLOY / link).exists() for link in links if not link.startswith("#"))
