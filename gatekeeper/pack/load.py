"""A folder of rule files to one checked rule pack.

`read_pack` reads and parses; `Draft.compile` asks what the names mean, with or
without the CRM's own description, and gives the pack. Both collect every mistake.
"""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.at_rest import collector_at_rest
from gatekeeper.core.calendar import local_date
from gatekeeper.core.catalogue import CrmName
from gatekeeper.core.roles import People
from gatekeeper.errors import PackError
from gatekeeper.language.messages import Place
from gatekeeper.pack.build.crm_checks import age_problems
from gatekeeper.pack.build.draft import build
from gatekeeper.pack.build.references import overdue
from gatekeeper.pack.build.teams import named_teams, team_problems
from gatekeeper.pack.files.declared import read_defs
from gatekeeper.pack.files.fields import Fields, read_fields
from gatekeeper.pack.files.fiscal import read_fiscal_calendar
from gatekeeper.pack.files.overlays import DraftOverlay, read_overlays
from gatekeeper.pack.files.people import read_people
from gatekeeper.pack.files.project import read_project
from gatekeeper.pack.files.rules import read_rules
from gatekeeper.pack.files.uses import Library, vocabulary
from gatekeeper.pack.files.waivers import DraftWaivers, read_waivers
from gatekeeper.pack.source.cells import spreadsheet
from gatekeeper.pack.source.folder import SINGLE, FileKind, has_header, read_folder
from gatekeeper.pack.source.nodes import Scalar
from gatekeeper.pack.source.problems import Problem, framed, in_order
from gatekeeper.pack.source.read import EnoughMistakesError, Reader, as_far_as

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from datetime import datetime
    from pathlib import Path

    from gatekeeper.core.catalogue import Catalogue, CrmSchema
    from gatekeeper.core.model import Person
    from gatekeeper.core.pack import Project, RulePack
    from gatekeeper.pack.build.draft import Built
    from gatekeeper.pack.files.declared import Names
    from gatekeeper.pack.files.rules import DraftFile, DraftRule
    from gatekeeper.pack.files.uses import Vocabulary
    from gatekeeper.pack.source.nodes import Table

OwnNames = dict[str, dict[str, str]]
Tables = list[tuple[FileKind, "Table"]]


@dataclass(frozen=True, slots=True)
class Draft:
    """A pack as read: parsed, its names not yet checked.

    Attributes:
        project: None where project.yaml is missing or cannot be used.
        files: Each file of rules with the names that may be used in it.
        shared: Each file of shared names, likewise.
        problems: The mistakes found so far, in the order of reading.
        rule_ids: Every id a rule has or had, to the one it has now.
        own_names: By CRM, its own names of built-in fields of the deal, each to ours.
    """

    project: Project | None
    people: People
    fields: Fields
    files: tuple[tuple[DraftFile, Vocabulary], ...]
    problems: tuple[Problem, ...]
    rule_ids: Mapping[str, str]
    waivers: DraftWaivers = field(default_factory=DraftWaivers)
    overlays: tuple[DraftOverlay, ...] = ()
    shared: tuple[tuple[Names, Vocabulary], ...] = ()
    project_table: Table | None = None
    people_table: Table | None = None
    own_names: OwnNames = field(default_factory=dict)
    _built: list[tuple[CrmSchema | None, Built]] = field(
        default_factory=list, init=False, repr=False, compare=False
    )

    @property
    def catalogue(self) -> Catalogue:
        """All names of fields, lookups and collections."""
        return self.fields.catalogue

    @property
    def rules(self) -> tuple[DraftRule, ...]:
        """The rules of all files as written."""
        return tuple(rule for file, _ in self.files for rule in file.rules)

    @property
    def teams(self) -> list[Scalar]:
        """Where a team of the CRM is named, in the order of the files."""
        return named_teams(self)

    @property
    def messages(self) -> tuple[str, ...]:
        """The mistakes found so far, framed."""
        return framed(self.problems)

    def compile(self, schema: CrmSchema | None) -> RulePack:
        """Check every name and give the pack.

        Fields that the CRM lacks or hides stop nothing: their lines become "cannot
        tell", and the pack's `remarks` name them.

        Args:
            schema: The CRM's description; None checks what can be checked without.

        Raises:
            PackError: The pack has mistakes; all of them are listed, with those that
                alone would stop nothing.
        """
        built = self.built(schema)
        if built.pack is None:
            mistakes = [each for each in built.problems if not each.is_warning]
            raise PackError(framed(mistakes or built.problems))
        return built.pack

    def built(self, schema: CrmSchema | None) -> Built:
        """Check and compile everything; asked again, return what was built last.

        Args:
            schema: As for `compile`.
        """
        for known, built in self._built:
            if known is schema:
                return built
        with collector_at_rest():
            self._built[:] = [(schema, build(self, schema))]
        return self._built[0][1]

    def findings(
        self,
        schema: CrmSchema | None,
        now: datetime | None = None,
        people: Iterable[Person] | None = None,
    ) -> list[Problem]:
        """Return every mistake and warning in file order, as `validate` prints them.

        Args:
            schema: The CRM's description, if it is at hand.
            now: When given, a description that is too old and a rule that should be
                out of the pack are mistakes too.
            people: When given, teams that none of them is in are told.
        """
        problems = [*self.built(schema).problems]
        if schema is not None and now is not None:
            problems += age_problems(self.project_table, schema, now)
        if self.project is not None and now is not None:
            today = local_date(now, self.project.zone)
            problems += overdue(self.rules, today)
        if schema is not None and people is not None:
            problems += self.team_problems(schema, people)
        return in_order(problems)

    def team_problems(
        self, schema: CrmSchema, people: Iterable[Person]
    ) -> list[Problem]:
        """Name the teams of people.yaml and overlays that nobody is in."""
        return team_problems(self.teams, people, CrmName(schema.crm).label)


@collector_at_rest()
def read_pack(
    folder: Path, *, crm: str | None = None, own_names: OwnNames | None = None
) -> Draft:
    """Read all files of a pack; their mistakes are collected, not raised.

    Args:
        folder: The folder that holds project.yaml.
        crm: The CRM the settings name, if they name one.
        own_names: What each CRM calls the built-in fields of the deal.

    Raises:
        SetupError: There is no such folder.
    """
    reader = Reader()
    tables = _tables(reader, folder)
    single = {kind: table for kind, table in tables if kind in SINGLE}
    project = _project(reader, folder, single.get(FileKind.PROJECT), crm)
    fields_table = single.get(FileKind.FIELDS)
    fields = Fields()
    if fields_table:
        fields = as_far_as(lambda: read_fields(reader, fields_table), fields)
    people_table = single.get(FileKind.PEOPLE)
    people = People()
    if people_table:
        people = as_far_as(
            lambda: read_people(reader, people_table, fields.catalogue), people
        )
    currency = project.currency if project else "USD"
    shared, files = _files(reader, tables, fields.catalogue, currency)
    kept = [table for kind, table in tables if kind is FileKind.WAIVERS]
    waivers = as_far_as(lambda: read_waivers(reader, kept, currency), DraftWaivers())
    laid = [table for kind, table in tables if kind is FileKind.OVERLAY]
    nothing: tuple[DraftOverlay, ...] = ()
    overlays = as_far_as(lambda: read_overlays(reader, laid, fields.catalogue), nothing)
    return Draft(
        project,
        people,
        fields,
        files,
        tuple(reader.problems),
        _present_ids(rule for file, _ in files for rule in file.rules),
        waivers,
        overlays,
        shared,
        single.get(FileKind.PROJECT),
        people_table,
        own_names or {},
    )


def _present_ids(rules: Iterable[DraftRule]) -> dict[str, str]:
    named = [rule for rule in rules if rule.id]
    formerly = {
        old: rule.id for rule in named if rule.part for old in rule.part.formerly
    }
    return {**formerly, **{rule.id: rule.id for rule in named}}


def _tables(reader: Reader, folder: Path) -> Tables:
    return [
        (kind, document.root)
        for kind, document in read_folder(reader, folder)
        if document.root is not None and has_header(reader, document.root, kind)
    ]


def _project(
    reader: Reader, folder: Path, table: Table | None, crm: str | None
) -> Project | None:
    if table is not None:
        project = as_far_as(lambda: read_project(reader, table, crm=crm), None)
        return as_far_as(lambda: _with_fiscal(reader, folder, table, project), project)
    if not (folder / "project.yaml").is_file():
        place = Place(f"{folder.name}/project.yaml", 1, 1, 1, "")
        text = "this rule pack has no project.yaml."
        reader.say(place, "E202", text, "start one with: gatekeeper init rules")
    return None


def _with_fiscal(
    reader: Reader, folder: Path, table: Table, project: Project | None
) -> Project | None:
    """Read the fiscal calendar that a project names."""
    named = table.get("fiscal_calendar")
    if project is None or not isinstance(named, Scalar):
        return project
    starts = table.key("fiscal_year_starts")
    if starts is not None:
        text = '"fiscal_year_starts" says nothing beside "fiscal_calendar".'
        reader.say(starts.place, "E201", text, "keep one of the two.")
    lines = spreadsheet(reader, folder, named, "fiscal_calendar")
    if lines is None:
        return project
    return replace(project, fiscal=read_fiscal_calendar(reader, lines, named))


def _files(
    reader: Reader, tables: Tables, catalogue: Catalogue, currency: str
) -> tuple[
    tuple[tuple[Names, Vocabulary], ...], tuple[tuple[DraftFile, Vocabulary], ...]
]:
    shared: dict[str, Names] = {}
    files: list[DraftFile] = []
    for kind, table in tables:
        with suppress(EnoughMistakesError):
            if kind is FileKind.DEFS:
                names = read_defs(reader, table, catalogue, currency)
                shared[table.source.path] = names
            elif kind is FileKind.RULES:
                files.append(read_rules(reader, table, catalogue, currency))
    library = Library(shared, frozenset(file.names.source.path for file in files))
    brought: list[tuple[Names, Vocabulary]] = []
    read: list[tuple[DraftFile, Vocabulary]] = []
    for names in shared.values():
        with suppress(EnoughMistakesError):
            brought.append((names, vocabulary(reader, names, library)))
    for file in files:
        with suppress(EnoughMistakesError):
            read.append((file, vocabulary(reader, file.names, library)))
    return tuple(brought), tuple(read)
