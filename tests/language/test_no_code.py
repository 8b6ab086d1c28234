"""Rules are values: whatever they say, nothing of it is executed."""

from __future__ import annotations

import ast
import json
from pathlib import Path

import pytest

import gatekeeper
from tests.pack.packs import a_draft, rule

ROOT = Path(gatekeeper.__file__).parent
ROOMS = ("core", "language", "pack")
EXECUTES = frozenset(
    {
        *("eval", "exec", "compile", "__import__", "globals", "locals", "vars"),
        *("delattr", "open", "input", "breakpoint"),
    }
)
RUNS_TEXT = frozenset(
    {
        *("pickle", "marshal", "shelve", "code", "codeop", "runpy", "subprocess"),
        *("ctypes", "jinja2", "mako", "socket", "requests", "urllib3"),
    }
)
LIKE_CODE = [
    "__import__('os').system('id')",
    "amount.__class__ is filled",
    "amount.__class__.__mro__[1].__subclasses__() is filled",
    "(lambda: 1)() > 0",
    "[x for x in (1, 2)] is filled",
    "{{ 7 * 7 }} > 0",
    "{% for x in y %} is filled",
    "${7*7} > 0",
    "amount > 0; import os",
    "amount > eval('1')",
    "exec('1') is filled",
    "`id` is filled",
    "$(id) is filled",
    "owner.name.format(amount) is filled",
    "'%s' % amount is filled",
]


def _modules() -> list[str]:
    return [
        path.relative_to(ROOT).as_posix()
        for room in ROOMS
        for path in sorted((ROOT / room).rglob("*.py"))
    ]


@pytest.mark.promise("S10")
@pytest.mark.parametrize("module", _modules())
def test_no_module_that_reads_rules_can_execute_a_text(module: str) -> None:
    tree = ast.parse((ROOT / module).read_text(encoding="utf-8"))
    called = {
        node.func.id
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }
    imported = {
        name.partition(".")[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Import | ast.ImportFrom)
        for name in _names(node)
    }

    assert not called & EXECUTES
    assert not imported & RUNS_TEXT


def _names(node: ast.Import | ast.ImportFrom) -> list[str]:
    if isinstance(node, ast.ImportFrom):
        return [node.module or ""]
    return [each.name for each in node.names]


@pytest.mark.promise("S10")
@pytest.mark.parametrize("line", LIKE_CODE)
def test_a_line_like_code_is_a_mistake_and_nothing_else(
    tmp_path: Path, line: str
) -> None:
    rules = rule("id: ent-a", "title: T", f"require: {json.dumps(line)}", "fix: F")

    (found, *_) = a_draft(tmp_path, e_rules=rules).findings(None)

    assert found.code.startswith(("E3", "E4"))
