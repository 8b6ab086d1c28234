"""Files of overlays, as written: for whom, and what is different there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING

from gatekeeper.core.overlays import MATCHED_BY
from gatekeeper.pack.files import rule_schema, schema
from gatekeeper.pack.files.names import short_place
from gatekeeper.pack.files.people import check_role
from gatekeeper.pack.files.project import read_calendar
from gatekeeper.pack.files.schema import keys_of
from gatekeeper.pack.files.values import did_you_mean_rule, must_be
from gatekeeper.pack.source.nodes import Listing, Scalar, Table
from gatekeeper.pack.source.read import Noun

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from zoneinfo import ZoneInfo

    from gatekeeper.core.calendar import Calendar
    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.pack.source.nodes import Node
    from gatekeeper.pack.source.read import Reader

_OF_RULES = frozenset(keys_of(rule_schema.RulePart))
_MAY_CHANGE = frozenset(keys_of(rule_schema.OverlayRule))
_WHO = {
    "team": "deal owners in team",
    "territory": "deals in territory",
    "pipeline": "deals in pipeline",
}


@dataclass(frozen=True, slots=True)
class DraftOverlay:
    """One overlay as written.

    Attributes:
        key: The key `for`, for its place.
        teams: Where the teams among these are named.
        rules: Id as written to what is different, with the node of the id.
        params: Name to value as written.
    """

    name: str
    key: Scalar
    matches: Mapping[str, tuple[str, ...]]
    teams: tuple[Scalar, ...]
    zone: ZoneInfo | None
    calendar: Calendar | None
    rules: tuple[tuple[Scalar, Table, rule_schema.OverlayRule], ...]
    params: tuple[tuple[Scalar, Node], ...]

    @property
    def place(self) -> str:
        """`file:line`."""
        return short_place(self.key)


def read_overlays(
    reader: Reader, tables: Sequence[Table], catalogue: Catalogue
) -> tuple[DraftOverlay, ...]:
    """Read all overlays; those that say for nobody are left out."""
    read = [_overlay(reader, table, catalogue) for table in tables]
    overlays = tuple(each for each in read if each is not None)
    for one, other in combinations(overlays, 2):
        _keep_apart(reader, one, other)
    return overlays


def _overlay(reader: Reader, table: Table, catalogue: Catalogue) -> DraftOverlay | None:
    name = table.source.path.rpartition("/")[2].removesuffix(".overlay.yaml")
    noun = Noun("an overlay", f"overlay {name}")
    part = reader.part(schema.OverlayFile, table, noun)
    matches = _matches(reader, table.get("for"), catalogue)
    calendar = table.get("business_calendar")
    days = read_calendar(reader, calendar) if calendar is not None else None
    rules = [
        (key, node, changed)
        for key, node in reader.pairs(table.get("rules"), "rules")
        if (changed := _rule(reader, name, key, node)) is not None
        and isinstance(node, Table)
    ]
    key = table.key("for")
    if part is None or key is None or not matches:
        return None
    params = tuple(reader.pairs(table.get("params"), "params"))
    teams = _teams(table.get("for"))
    return DraftOverlay(
        name, key, matches, teams, part.timezone, days, tuple(rules), params
    )


def _teams(node: Node | None) -> tuple[Scalar, ...]:
    named = node.get("team") if isinstance(node, Table) else None
    entries = named.entries if isinstance(named, Listing) else (named,)
    return tuple(each for each in entries if isinstance(each, Scalar))


def _matches(
    reader: Reader, node: Node | None, catalogue: Catalogue
) -> dict[str, tuple[str, ...]]:
    part = reader.part(rule_schema.OverlayFor, node, Noun("for"))
    if part is None or not isinstance(node, Table):
        return {}
    written = {key: getattr(part, key) for key in MATCHED_BY}
    matches = {key: values for key, values in written.items() if values}
    if not matches:
        reader.unfit(node, "for", must_be("a team, a territory or a pipeline"))
    key = node.key("territory")
    if key is not None and "territory" not in catalogue.deal:
        reader.say(
            key.place,
            "E401",
            'there is no field "territory" on the deal.',
            "declare one in fields.yaml: territory: {type: text, salesforce: ...}",
        )
    return matches


def _rule(
    reader: Reader, name: str, key: Scalar, node: Node
) -> rule_schema.OverlayRule | None:
    """Read what is different of a rule; other keys of a rule are refused (E705)."""
    noun = Noun("a rule of an overlay", f"{key.text} in overlay {name}")
    table = reader.table(node, noun.owner)
    if table is None:
        return None
    refused = [one for one, _ in table.pairs if one.text in _OF_RULES - _MAY_CHANGE]
    for one in refused:
        reader.say(
            one.place,
            "E705",
            f'an overlay may not change "{one.text}" of {key.text}.',
            "make a copy with its own id, and disable this one in the overlay.",
        )
    rest = tuple(pair for pair in table.pairs if pair[0] not in refused)
    part = reader.part(rule_schema.OverlayRule, replace(table, pairs=rest), noun)
    if part is not None and not part.enabled:
        for word, given in (("reason", part.reason), ("until", part.until)):
            if not given and table.get(word) is None:
                reader.missing(key.place, noun, word)
    return part


def _keep_apart(reader: Reader, one: DraftOverlay, other: DraftOverlay) -> None:
    """Refuse two overlays that one deal could match (E704)."""
    who = "deals"
    for key in one.matches.keys() & other.matches.keys():
        known = {value.casefold() for value in one.matches[key]}
        both = [value for value in other.matches[key] if value.casefold() in known]
        if not both:
            return
        who = f"{_WHO[key]} {both[0]}"
    reader.say(
        other.key.place,
        "E704",
        f"{who} match two overlays: {one.name}, {other.name}. A deal may match one.",
        None if who != "deals" else "name a team, or a pipeline, in both of them.",
    )


def check_overlays(
    reader: Reader,
    overlays: Sequence[DraftOverlay],
    names: Mapping[str, str],
    roles: Sequence[str],
) -> None:
    """Note what overlays say of rules and roles that is not so."""
    for overlay in overlays:
        for key, table, _ in overlay.rules:
            if key.text not in names:
                reader.say(
                    key.place,
                    "E219",
                    f"overlay {overlay.name} names rule {key.text}, which does not"
                    " exist.",
                    did_you_mean_rule(key.text, names),
                )
            check_role(reader, table.get("owed_by"), roles)
