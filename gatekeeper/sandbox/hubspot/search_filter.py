"""What a search's filters mean.

Numbers and times are compared as such, enumerations as they are written, everything
else without regard to case; the values of IN must be lower-case already, as HubSpot
asks. A record without a value passes NEQ and NOT_IN.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.call import Input, id_of, names_in
from gatekeeper.sandbox.hubspot.errors import HubSpotError, invalid_input
from gatekeeper.sandbox.hubspot.times import instant

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.kinds import ObjectKind, Property
    from gatekeeper.sandbox.hubspot.portal import Portal
    from gatekeeper.sandbox.state import Stored

Test = Callable[["Stored"], bool]
Comparable = float | str
_MOST_GROUPS, _MOST_FILTERS, _MOST_IN_ALL = 5, 6, 18
_WORD = re.compile(r"[^\W_]+")
_COMPARISONS: dict[str, Callable[[Comparable, Comparable], bool]] = {
    "EQ": lambda held, given: held == given,
    "LT": lambda held, given: held < given,  # type: ignore[operator]
    "LTE": lambda held, given: held <= given,  # type: ignore[operator]
    "GT": lambda held, given: held > given,  # type: ignore[operator]
    "GTE": lambda held, given: held >= given,  # type: ignore[operator]
}


def filters_in(portal: Portal, kind: ObjectKind, given: Input) -> Test:
    """Return the test of a search's `filterGroups`: any group, all of its filters.

    Raises:
        HubSpotError: There are too many, or one makes no sense.
    """
    groups = [_objects(group, "filters") for group in _objects(given, "filterGroups")]
    count = sum(map(len, groups))
    if len(groups) > _MOST_GROUPS or count > _MOST_IN_ALL:
        raise _too_many()
    if any(len(group) > _MOST_FILTERS for group in groups):
        raise _too_many()
    tests = [[_test(portal, kind, each) for each in group] for group in groups]
    if not tests:
        return lambda _row: True
    return lambda row: any(all(test(row) for test in group) for group in tests)


def words_in(kind: ObjectKind, text: str) -> Test:
    """Return the test of a search's `query`: every word in one of the main texts."""
    words = text.lower().split()
    names = [name for name in kind.defaults if name not in kind.always]

    def matches(row: Stored) -> bool:
        held = " ".join(str(row[name]).lower() for name in names if row[name])
        return all(word in held for word in words)

    return matches


def comparable(definition: Property, value: str) -> Comparable:
    """Return a value as it is compared.

    Raises:
        ValueError: It is no value of the property's type.
    """
    match definition.type:
        case "number":
            return float(value)
        case "datetime" | "date":
            return instant(value).timestamp()
        case "enumeration":
            return value
        case _:
            return value.lower()


def _test(portal: Portal, kind: ObjectKind, given: Input) -> Test:
    name, operator = id_of(given, "propertyName"), id_of(given, "operator")
    if name.startswith("associations."):
        return _linked(portal, kind, name.removeprefix("associations."), given)
    definition = kind.shown(name)
    if definition is None:
        raise HubSpotError(f"Property '{name}' does not exist on {kind.word}")
    match operator:
        case "HAS_PROPERTY":
            return lambda row: bool(row[name])
        case "NOT_HAS_PROPERTY":
            return lambda row: not row[name]
        case "IN" | "NOT_IN":
            return _among(definition, names_in(given, "values"), operator)
        case "CONTAINS_TOKEN" | "NOT_CONTAINS_TOKEN":
            return _token(name, id_of(given, "value"), operator)
        case _:
            return _compared(definition, operator, given)


def _compared(definition: Property, operator: str, given: Input) -> Test:
    bound = _bound(definition, given, "value")
    if operator == "BETWEEN":
        high = _bound(definition, given, "highValue")
        return _held(
            definition,
            lambda held: bound <= held <= high,  # type: ignore[operator]
        )
    if operator == "NEQ":
        equal = _held(definition, lambda held: held == bound)
        return lambda row: not equal(row)
    comparison = _COMPARISONS.get(operator)
    if comparison is None:
        raise invalid_input(f"'{operator}' is not a valid operator")
    return _held(definition, lambda held: comparison(held, bound))


def _held(definition: Property, test: Callable[[Comparable], bool]) -> Test:
    """Return a test of the value a record holds; one without a value fails it."""

    def matches(row: Stored) -> bool:
        value = row[definition.name]
        return bool(value) and test(comparable(definition, str(value)))

    return matches


def _bound(definition: Property, given: Input, key: str) -> Comparable:
    value = id_of(given, key)
    try:
        return comparable(definition, value)
    except ValueError:
        raise HubSpotError(
            f"'{value}' is not a valid {definition.type} for {definition.name}"
        ) from None


def _among(definition: Property, values: list[str], operator: str) -> Test:
    if not values:
        raise invalid_input(f"{operator} needs 'values'")
    name, folds = definition.name, definition.type == "string"
    wanted = set(values)

    def matches(row: Stored) -> bool:
        held = str(row[name] or "")
        return (held.lower() if folds else held) in wanted

    return matches if operator == "IN" else lambda row: not matches(row)


def _token(name: str, value: str, operator: str) -> Test:
    pattern = value.lower()

    def matches(row: Stored) -> bool:
        words = _WORD.findall(str(row[name] or "").lower())
        return any(fnmatchcase(word, pattern) for word in words)

    return matches if operator == "CONTAINS_TOKEN" else lambda row: not matches(row)


def _linked(portal: Portal, kind: ObjectKind, word: str, given: Input) -> Test:
    other = portal.kind(word)
    if other is None:
        raise HubSpotError(f"Property 'associations.{word}' does not exist")
    held = portal.links.of((other.name, kind.name), id_of(given, "value"))
    return lambda row: row["hs_object_id"] in held


def _objects(given: Input, name: str) -> list[Input]:
    listed = given.get(name) or []
    if not isinstance(listed, list) or not all(isinstance(o, dict) for o in listed):
        raise invalid_input(f"'{name}' must be a list of objects")
    return listed


def _too_many() -> HubSpotError:
    return HubSpotError(
        f"Too many filters: at most {_MOST_GROUPS} groups of {_MOST_FILTERS} and "
        f"{_MOST_IN_ALL} in all"
    )
