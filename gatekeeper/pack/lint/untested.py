"""Rules that no test names (W307). Reads the test files, judges nothing."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING

from gatekeeper.pack.lint.facts import Facts, warning
from gatekeeper.pack.source.folder import read_file
from gatekeeper.pack.source.nodes import Listing, Scalar, Table
from gatekeeper.pack.testing.suites import files_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from pathlib import Path

    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.problems import Problem

_IDS_OF_A_TABLE = "expect_violations"


def rules_named_in_tests(folder: Path) -> frozenset[str]:
    """Return what the cases of a pack's test files expect something of.

    Mistakes in test files are left to `gatekeeper test`.
    """
    return frozenset(name for path in files_of(folder) for name in _named(path))


def untested(facts: Iterable[Facts], tested: Collection[str]) -> Iterator[Problem]:
    """Give the rules that no test names."""
    for one in facts:
        rule_id = one.rule.id
        if rule_id not in tested:
            text = f"no test names {rule_id}: nobody would notice if it broke."
            remedy = (
                f"gatekeeper test --new {rule_id} > rules/tests/{rule_id}.test.yaml"
            )
            yield warning(one.id_place, "W307", text, remedy)


def _named(path: Path) -> Iterator[str]:
    root = read_file(path, path.name).root
    if root is None:
        return
    for case in _entries(root.get("cases")):
        if isinstance(case, Table):
            yield from _words(case.get("expect"))
    for table in _entries(root.get("cases_from")):
        if isinstance(table, Scalar):
            yield from _named_in_table(path.parent / table.text.strip())


def _entries(node: Node | None) -> tuple[Node, ...]:
    match node:
        case None:
            return ()
        case Listing(entries=entries):
            return entries
    return (node,)


def _words(node: Node | None) -> Iterator[str]:
    """Give every word of an expectation; ids are among them as keys or entries."""
    match node:
        case Scalar():
            yield node.text.strip()
        case Listing(entries=entries):
            for entry in entries:
                yield from _words(entry)
        case Table(pairs=pairs):
            for key, value in pairs:
                yield key.text.strip()
                yield from _words(value)


def _named_in_table(path: Path) -> Iterator[str]:
    try:
        lines = path.read_text(encoding="utf-8-sig").splitlines()
    except (OSError, UnicodeDecodeError):
        return
    for row in csv.DictReader(lines):
        yield from (row.get(_IDS_OF_A_TABLE) or "").split()
