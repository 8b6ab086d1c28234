"""people.yaml: who owes what, and who is asked last."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.pack import Needs
from gatekeeper.core.roles import Absence, People, Readers, RoleSource, RoleStep
from gatekeeper.pack.files import schema
from gatekeeper.pack.files.project import read_calendar
from gatekeeper.pack.files.values import (
    address,
    did_you_mean,
    must_be,
    not_one_of,
    text,
)
from gatekeeper.pack.source.nodes import Scalar, Table
from gatekeeper.pack.source.read import Noun, Reader

if TYPE_CHECKING:
    from collections.abc import Sequence
    from zoneinfo import ZoneInfo

    from gatekeeper.core.calendar import Calendar
    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.pack.source.nodes import Node

BUILT_IN_ROLES = ("deal_owner", "owner_manager")
_NO_ADDRESS = (
    "the name of a part that people play, not an address",
    "it stands in the keys of tasks for ever, also when the person is erased: write"
    " legal: [{address: somebody@example.com}], and legal in owed_by",
)
WITHOUT_ARGUMENT = (RoleSource.DEAL_OWNER, RoleSource.OWNER_MANAGER)


def check_role(reader: Reader, node: Node | None, roles: Sequence[str]) -> None:
    """Note an `owed_by` that nobody plays (E216)."""
    if isinstance(node, Scalar) and node.text.strip() not in roles:
        text_ = f'owed_by "{node.text}" is not a role of people.yaml.'
        advice = did_you_mean(node.text, roles) or f"roles: {', '.join(roles)}"
        reader.say(node.place, "E216", text_, advice)


def read_people(reader: Reader, table: Table, catalogue: Catalogue) -> People:
    """Read people.yaml; what cannot be read is left out."""
    read = reader.part(schema.PeopleFile, table, Noun("people.yaml"))
    roles: dict[str, tuple[RoleStep, ...]] = {}
    for key, node in reader.pairs(table.get("roles"), "roles"):
        if "@" in key.text:
            reader.unfit(key, "roles", must_be(*_NO_ADDRESS))
        steps = [
            _step(reader, entry, catalogue) for entry in reader.entries(node, key.text)
        ]
        roles[key.text] = tuple(step for step in steps if step is not None)
    return replace(
        _persons(reader, table),
        roles=roles,
        fallback=read.fallback if read else None,
        digests=_readers(reader, table.get("digests")),
        team_managers=_team_managers(reader, table.get("teams")),
    )


def _team_managers(reader: Reader, node: Node | None) -> dict[str, str]:
    """Read who manages a team, by its name in lower case."""
    managers: dict[str, str] = {}
    for key, team in reader.pairs(node, "teams"):
        part = reader.part(schema.TeamPart, team, Noun("a team", key.text))
        if part is not None:
            managers[key.text.casefold()] = part.manager
    return managers


def _readers(reader: Reader, node: Node | None) -> Readers:
    """Read who is sent digests beside the managers."""
    table = reader.table(node, "digests", "digests: {revops: revops@example.com}")
    part = reader.part(schema.ReadersPart, table, Noun("digests"))
    if table is None or part is None:
        return Readers()
    return Readers(
        revops=_addresses(reader, table, "revops"),
        leadership=_addresses(reader, table, "leadership"),
        owners=part.owners,
        fallback=part.fallback.casefold() if part.fallback else None,
    )


def _addresses(reader: Reader, table: Table, key: str) -> tuple[str, ...]:
    """Read one address or a list of them, each once."""
    node = table.get(key)
    entries = [node] if isinstance(node, Scalar) else reader.entries(node, key)
    found = [reader.value(entry, key, address, "").casefold() for entry in entries]
    return tuple(dict.fromkeys(filter(None, found)))


def _persons(reader: Reader, table: Table) -> People:
    """Read what the CRM does not say of some people, by address in lower case."""
    managers: dict[str, str] = {}
    absences: dict[str, tuple[Absence, ...]] = {}
    zones: dict[str, ZoneInfo] = {}
    slack: dict[str, str] = {}
    calendars: dict[str, Calendar] = {}
    for key, node in reader.pairs(table.get("people"), "people"):
        who = reader.value(key, "people", address, "").casefold()
        part = reader.part(schema.PersonPart, node, Noun("a person", key.text))
        if not who or part is None or not isinstance(node, Table):
            continue
        if part.manager is not None:
            managers[who] = part.manager
        if part.timezone is not None:
            zones[who] = part.timezone
        if part.slack is not None:
            slack[who] = part.slack
        if (days := node.get("calendar")) is not None:
            calendars[who] = read_calendar(reader, days, "calendar")
        away = [
            _absence(reader, each)
            for each in reader.entries(node.get("absent"), "absent")
        ]
        absences[who] = tuple(each for each in away if each is not None)
    return People(
        managers=managers,
        absences=absences,
        zones=zones,
        calendars=calendars,
        slack=slack,
    )


def _absence(reader: Reader, node: Node) -> Absence | None:
    part = reader.part(schema.AbsencePart, node, Noun("an absence"))
    if part is None:
        return None
    if part.until < part.start:
        shape = f"a day not before {part.start.isoformat()}, where it begins"
        until = node.get("until") if isinstance(node, Table) else None
        reader.unfit(until or node, "until", must_be(shape))
        return None
    return Absence(part.start, part.until)


def _step(reader: Reader, node: Node, catalogue: Catalogue) -> RoleStep | None:
    match node:
        case Scalar(text=word) if word in WITHOUT_ARGUMENT:
            return RoleStep(RoleSource(word))
        case Scalar():
            reader.unfit(node, "role", not_one_of(node.text, list(RoleSource)))
        case Table(pairs=((key, value),)) if key.text in _WITH_ARGUMENT:
            source = RoleSource(key.text)
            if source is RoleSource.ADDRESS:
                argument = reader.value(value, key.text, address, "")
            else:
                argument = reader.value(value, key.text, text, "")
            if source is RoleSource.FIELD and argument:
                _user_field(reader, value, argument, catalogue)
            return RoleStep(source, argument) if argument else None
        case Table(pairs=((key, _),)):
            unfit = not_one_of(key.text, list(_WITH_ARGUMENT))
            reader.unfit(key, "role", unfit)
        case _:
            shape = 'one place to look, such as {team_member: "Solution Architect"}'
            reader.unfit(node, "role", must_be(shape))
    return None


_WITH_ARGUMENT = (RoleSource.FIELD, RoleSource.TEAM_MEMBER, RoleSource.ADDRESS)


def _user_field(reader: Reader, node: Node, name: str, catalogue: Catalogue) -> None:
    spec = catalogue.deal.get(name)
    if spec is None:
        reader.say(
            node.place,
            "E401",
            f'there is no field "{name}" on the deal.',
            did_you_mean(name, catalogue.deal) or "gatekeeper fields list",
        )
    elif spec.kind is not Kind.USER:
        reader.say(
            node.place,
            "E411",
            f"{name} is of type {spec.kind} and holds no user.",
            "name a field of type user, or use address: somebody@example.com",
        )


def needs_of(people: People) -> Needs:
    """Return what has to be read to find the people of all roles."""
    needs = Needs(frozenset({"owner.manager"}))
    for step in (step for steps in people.roles.values() for step in steps):
        match step.source:
            case RoleSource.FIELD:
                needs |= Needs(frozenset({step.argument}))
            case RoleSource.TEAM_MEMBER:
                needs |= Needs(
                    collections={"team_members": frozenset({"role", "user"})}
                )
    return needs
