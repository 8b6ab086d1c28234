"""What the files of a pack say of each other: ids, roles, the last resort."""

from __future__ import annotations

from contextlib import suppress
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING

from gatekeeper.core.model import Mode
from gatekeeper.pack.files.people import BUILT_IN_ROLES, check_role
from gatekeeper.pack.files.values import did_you_mean_rule
from gatekeeper.pack.source.nodes import Listing, Scalar, Table
from gatekeeper.pack.source.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from datetime import date

    from gatekeeper.pack.files.rules import DraftRule
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.read import Reader


def check_references(reader: Reader, draft: Draft) -> None:
    """Note what one file says of another that is not there, or is there twice."""
    rules = [rule for file, _ in draft.files for rule in file.rules]
    known = _ids(reader, rules)
    for rule in rules:
        deprecated = rule.table.get("deprecated")
        named = [*scalars(rule.table.get("suppressed_by"))]
        if isinstance(deprecated, Table):
            named.extend(scalars(deprecated.get("replaced_by")))
        for node in named:
            if node.text.strip() not in known:
                reader.say(
                    node.place,
                    "E219",
                    f"{rule.id} names rule {node.text}, which does not exist.",
                    did_you_mean_rule(node.text, known),
                )
        _deprecated(reader, rule)
    _circles(reader, rules)
    _roles(reader, draft, rules)
    _fallback(reader, draft)


def _circles(reader: Reader, rules: list[DraftRule]) -> None:
    """Note rules that quiet each other, so that none would raise a task (E223)."""
    quieted = {
        rule.id: {
            node.text.strip(): node for node in scalars(rule.table.get("suppressed_by"))
        }
        for rule in rules
    }
    said: set[str] = set()
    free = _leading_out(quieted)
    for first in quieted:
        if first in free or first in said:
            continue
        circle = _circle(first, quieted)
        if not circle or said.intersection(circle):
            continue
        said.update(circle)
        node = quieted[first][circle[1]]
        which = "".join(f", which is suppressed by {one}" for one in circle[2:])
        text = f"{first} is suppressed by {circle[1]}{which}: none raises a task."
        reader.say(node.place, "E223", text, "take one of them out.")


def _leading_out(quieted: Mapping[str, Mapping[str, Scalar]]) -> set[str]:
    """Return the rules from which every way ends, so that none leads back."""
    free: set[str] = set()
    sorter = TopologicalSorter(quieted)
    with suppress(CycleError):  # it gives what lies before a circle all the same
        sorter.prepare()
    while ready := sorter.get_ready():
        free.update(ready)
        sorter.done(*ready)
    return free


def _circle(first: str, quieted: Mapping[str, Mapping[str, Scalar]]) -> list[str]:
    """Return the way from a rule back to itself; empty where there is none."""
    came_from, reached = {first: ""}, [first]
    for one in reached:
        for other in quieted.get(one, ()):
            if other == first:
                return [*_way(one, came_from), first]
            if other not in came_from:
                came_from[other] = one
                reached.append(other)
    return []


def _way(last: str, came_from: Mapping[str, str]) -> list[str]:
    way = [last]
    while before := came_from[way[-1]]:
        way.append(before)
    return way[::-1]


def _deprecated(reader: Reader, rule: DraftRule) -> None:
    """Say that a rule still runs though it is on its way out (W201)."""
    key, read = rule.table.key("deprecated"), rule.deprecated
    if key is None or read is None:
        return
    text = f"{rule.id} is deprecated since {read.since:%-d %b %Y} and still runs."
    advice = "take the rule out"
    if read.remove_after is not None:
        advice += f" after {read.remove_after:%-d %b %Y}"
    if read.replaced_by is not None:
        advice += f"; {read.replaced_by} replaces it"
    problem = Problem(key.place, "W201", text, f"{advice}.", is_warning=True)
    reader.note(problem)


def overdue(rules: Iterable[DraftRule], today: date) -> list[Problem]:
    """Name the rules that should be out of the pack by now (E222)."""
    problems: list[Problem] = []
    for rule in rules:
        key, read = rule.table.key("deprecated"), rule.deprecated
        last = read.remove_after if read else None
        if key is not None and last is not None and last < today:
            text = (
                f"{rule.id} was to be taken out after {last:%-d %b %Y}; it still runs."
            )
            advice = "take the rule out, or give it a later remove_after."
            problems.append(Problem(key.place, "E222", text, advice))
    return problems


def _ids(reader: Reader, rules: list[DraftRule]) -> dict[str, Scalar]:
    """Return the node of every id; an id used twice is a mistake (E205)."""
    known: dict[str, Scalar] = {}
    claims = [*_claims(rules, "id"), *_claims(rules, "formerly")]
    for node in claims:
        other = known.setdefault(node.text.strip(), node)
        if other is not node:
            place = other.place
            reader.say(
                node.place,
                "E205",
                f"id {node.text} is also used in {place.path}:{place.line}.",
                "ids are unique over all files; tasks and waivers hang on them.",
            )
    ids = {node.text.strip() for node in _claims(rules, "id")}
    return {word: node for word, node in known.items() if word in ids}


def _claims(rules: list[DraftRule], key: str) -> Iterator[Scalar]:
    for rule in rules:
        yield from scalars(rule.table.get(key))


def scalars(node: Node | None) -> tuple[Scalar, ...]:
    """Return the texts of one text or a list of them."""
    entries = node.entries if isinstance(node, Listing) else (node,)
    return tuple(entry for entry in entries if isinstance(entry, Scalar))


def _roles(reader: Reader, draft: Draft, rules: list[DraftRule]) -> None:
    roles = [*BUILT_IN_ROLES, *draft.people.roles]
    defaults = [file.defaults_table for file, _ in draft.files]
    worse = (entry.table for rule in rules for entry in rule.escalate)
    for table in (*defaults, *(rule.table for rule in rules), *worse):
        check_role(reader, table.get("owed_by") if table else None, roles)


def _fallback(reader: Reader, draft: Draft) -> None:
    """Ask for the person of last resort where tasks are written."""
    project = draft.project
    if project is None or project.mode_ceiling is not Mode.ENFORCE:
        return
    if draft.people.fallback is not None:
        return
    table = draft.people_table or draft.project_table
    if table is None or (draft.people_table and draft.people_table.get("fallback")):
        return
    ceiling = table.key("mode_ceiling")
    reader.say(
        ceiling.place if ceiling else table.place,
        "E202",
        'people.yaml has no "fallback".',
        "fallback: revops@example.com (who is asked where nobody else can be;"
        " required by mode_ceiling: enforce)",
    )
