"""people.yaml: who owes what, and who is asked last."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.pack import Needs
from gatekeeper.core.roles import Absence, People, RoleSource, RoleStep
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
    from zoneinfo import ZoneInfo

    from gatekeeper.core.calendar import Calendar
    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.pack.source.nodes import Node

BUILT_IN_ROLES = ("deal_owner", "owner_manager")
WITHOUT_ARGUMENT = (RoleSource.DEAL_OWNER, RoleSource.OWNER_MANAGER)


def read_people(reader: Reader, table: Table, catalogue: Catalogue) -> People:
    """Read people.yaml; what cannot be read is left out."""
    read = reader.part(schema.PeopleFile, table, Noun("people.yaml"))
    roles: dict[str, tuple[RoleStep, ...]] = {}
    for key, node in reader.pairs(table.get("roles"), "roles"):
        steps = [
            _step(reader, entry, catalogue) for entry in reader.entries(node, key.text)
        ]
        roles[key.text] = tuple(step for step in steps if step is not None)
    said = _persons(reader, table)
    return replace(said, roles=roles, fallback=read.fallback if read else None)


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
