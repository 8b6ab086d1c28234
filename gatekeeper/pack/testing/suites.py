"""Test files to suites that can be judged; every mistake is collected.

Reads the disk; everything it calls does not.
"""

from __future__ import annotations

import posixpath
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from gatekeeper.pack.build.draft import build
from gatekeeper.pack.files.people import BUILT_IN_ROLES
from gatekeeper.pack.files.values import must_be
from gatekeeper.pack.source.cells import spreadsheet
from gatekeeper.pack.source.folder import (
    FileKind,
    has_header,
    inside,
    read_file,
)
from gatekeeper.pack.source.nodes import Listing, Scalar, Table
from gatekeeper.pack.source.read import Noun, Reader, as_far_as
from gatekeeper.pack.testing.cases import Bench, read_case, read_clock
from gatekeeper.pack.testing.deals import Draft as DraftDeal
from gatekeeper.pack.testing.deals import read_subject
from gatekeeper.pack.testing.describe import (
    Known,
    read_picklists,
    read_pipelines,
    stands_for_itself,
)
from gatekeeper.pack.testing.expect import RuleIds
from gatekeeper.pack.testing.mutation.sides import with_rules
from gatekeeper.pack.testing.picklists import picklists_of
from gatekeeper.pack.testing.rows import World
from gatekeeper.pack.testing.schema import FilePart
from gatekeeper.pack.testing.sketch import STAGE, read_sketch
from gatekeeper.pack.testing.tables import read_table
from gatekeeper.pack.testing.values import Tongue
from gatekeeper.pack.testing.waivers import Compiled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from gatekeeper.core.catalogue import CrmSchema, Kind
    from gatekeeper.core.pack import RulePack
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.problems import Problem
    from gatekeeper.pack.testing.cases import Case

# What the files of a pack promise to be called, below its folder.
ENDING = "*.test.yaml"
CASE_HELP = "cases: [{name: a healthy deal, deal: healthy, expect: {violations: []}}]"


@dataclass(frozen=True, slots=True)
class Suite:
    """One test file, ready to be judged.

    Attributes:
        pack: The rules it tests, compiled against its own description.
        draft: The same as read, to be compiled again with other limits.
        schema: That description.
    """

    path: str
    pack: RulePack
    draft: Draft
    schema: CrmSchema
    cases: tuple[Case, ...]


def files_of(folder: Path) -> list[Path]:
    """Return the test files of a pack in the order of their names."""
    return inside(folder, ENDING)


def read_suites(
    folder: Path, files: Iterable[Path], draft: Draft, saved: CrmSchema | None
) -> tuple[list[Suite], list[Problem]]:
    """Read test files and compile the rules for each.

    Args:
        folder: The folder of the rule pack.
        files: The test files.
        draft: The pack as read.
        saved: The CRM's description as last read, if there is one.

    Returns:
        The suites, and the mistakes of all test files and of the pack.
    """
    reader = Reader(list(draft.problems))
    if draft.project is None:
        return [], reader.problems
    known = Known.of(draft, saved)
    suites: list[Suite] = []
    for path in files:
        document = read_file(path, _label(folder, path))
        reader.problems.extend(document.problems)
        table = document.root
        if table is None or not has_header(reader, table, FileKind.TEST):
            continue
        suite = as_far_as(_Reading(reader, known, path, table).suite, None)
        if suite is not None:
            suites.append(suite)
    return suites, reader.problems


def _label(folder: Path, path: Path) -> str:
    inside = path.absolute()
    if inside.is_relative_to(folder.absolute()):
        return f"{folder.name}/{inside.relative_to(folder.absolute()).as_posix()}"
    return path.as_posix()


@dataclass(frozen=True, slots=True)
class _Reading:
    """One test file while it is read."""

    reader: Reader
    known: Known
    path: Path
    table: Table

    def suite(self) -> Suite | None:
        """Read the file; None where its rules cannot be compiled."""
        reader, table = self.reader, self.table
        reader.part(FilePart, table, Noun("a test file", "this test"))
        draft = self.known.draft
        pipelines = read_pipelines(reader, table.get("pipelines"), draft)
        picklists = read_picklists(reader, table.get("picklists"), draft.catalogue)
        schema = self.known.schema(pipelines, picklists)
        draft = stands_for_itself(draft)
        built = build(draft, schema)
        reader.problems.extend(one for one in built.problems if one.stops)
        pack = built.pack
        pack = self._held(_grandfathered(pack, draft)) if pack else None
        cases = tuple(self._cases(self._bench(pack, schema)))
        if pack is None:
            return None
        return Suite(table.source.path, pack, draft, schema, cases)

    def _held(self, pack: RulePack) -> RulePack:
        """Keep the rules of the files that are named under `rules`; all without."""
        node = self.table.get("rules")
        if node is None:
            return pack
        held: set[str] = set()
        for entry in _scalars(node):
            held |= self._ids_of(entry)
        return with_rules(pack, lambda rule: rule if rule.id in held else None)

    def _ids_of(self, entry: Scalar) -> set[str]:
        wanted = _beside(self.table, entry.text)
        for file, _ in self.known.draft.files:
            if file.names.source.path == wanted:
                return {rule.id for rule in file.rules}
        text = f'"rules: {entry.text}" was not found next to this file.'
        self.reader.say(entry.place, "E211", text)
        return set()

    def _bench(self, pack: RulePack | None, schema: CrmSchema) -> Bench:
        draft, table = self.known.draft, self.table
        project = draft.project
        assert project is not None  # noqa: S101  (without one nothing is read)
        needs = pack.needs if pack else self.known.needs
        world = World(
            draft.catalogue,
            {pipeline.name: pipeline for pipeline in schema.pipelines},
            needs,
            Tongue(project.zone, project.currency),
            _custom_kinds(schema),
            picklists_of(schema, draft.catalogue),
            project.ignore_stints_under,
        )
        held = frozenset(rule.id for rule in pack.rules) if pack else frozenset()
        known = frozenset(rule.id for file, _ in draft.files for rule in file.rules)
        optional = frozenset(
            rule.id for rule in (pack.rules if pack else ()) if rule.is_optional
        )
        roles = (*BUILT_IN_ROLES, *draft.people.roles)
        ids = RuleIds(held or known, known, draft.rule_ids, optional, roles)
        clock = table.get("as_of")
        as_of = read_clock(self.reader, world, clock)
        waiving = Compiled(stands_for_itself(draft), schema, pack, ids)
        bench = Bench(
            self.reader, world, ids, {}, as_of, waiving, is_timed=clock is not None
        )
        deals = dict(self._deals(bench))
        for deal in deals.values():
            if STAGE in deal.base:
                read_subject(self.reader, world, deal)
        return replace(bench, deals=deals)

    def _deals(self, bench: Bench) -> Iterator[tuple[str, DraftDeal]]:
        for key, node in self.reader.pairs(self.table.get("deals"), "deals"):
            table = self.reader.table(node, key.text)
            if table is not None:
                base = read_sketch(self.reader, bench.world, table.pairs)
                yield key.text.strip(), DraftDeal(key, base, bench.history(base))

    def _cases(self, bench: Bench) -> Iterator[Case]:
        written = self.table.get("cases")
        is_none = written is None or (
            isinstance(written, Listing) and not written.entries
        )
        if is_none and self.table.get("cases_from") is None:
            place = (self.table.key("cases") or self.table).place
            text = "this test has no case, so it holds no rule to anything."
            self.reader.say(place, "E804", text, CASE_HELP)
        for node in self.reader.entries(self.table.get("cases"), "cases"):
            if isinstance(node, Table):
                case = read_case(bench, node)
                if case is not None:
                    yield case
            else:
                wanted = must_be("a case with a name, a deal and what to expect")
                self.reader.unfit(node, "cases", wanted)
        for entry in _scalars(self.table.get("cases_from")):
            lines = spreadsheet(self.reader, self.path.parent, entry, "cases_from")
            if lines is not None:
                yield from read_table(bench, lines, entry)


def _grandfathered(pack: RulePack, draft: Draft) -> RulePack:
    """Leave old deals alone only where a rule itself says since when (A32)."""
    stated = {
        rule.id
        for rule in draft.rules
        if rule.part is not None and rule.part.effective_from is not None
    }
    return with_rules(
        pack,
        lambda rule: (
            rule if rule.id in stated else replace(rule, includes_existing=True)
        ),
    )


def _beside(table: Table, name: str) -> str:
    """Return the path of a file that is named from a test file."""
    folder = posixpath.dirname(table.source.path)
    return posixpath.normpath(posixpath.join(folder, name))


def _scalars(node: Node | None) -> Iterator[Scalar]:
    entries = node.entries if isinstance(node, Listing) else (node,)
    return (entry for entry in entries if isinstance(entry, Scalar))


def _custom_kinds(schema: CrmSchema) -> dict[str, Kind]:
    found = {f"custom.{path}": known for path, known in schema.by_path.items()}
    found |= {
        name: known
        for name, known in schema.fields.items()
        if name.startswith("custom.")
    }
    return {name: known.kinds[0] for name, known in found.items() if known.kinds}
