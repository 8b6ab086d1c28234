"""Nodes to the parts of the schema, every mistake a message with its place. Pure."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NoReturn, TypeVar

from gatekeeper.errors import SetupError
from gatekeeper.language.suggest import closest
from gatekeeper.pack.files.schema import Part, keys_of, validate
from gatekeeper.pack.files.values import Unfit, did_you_mean, must_be
from gatekeeper.pack.source.cut_texts import cut_by_comma
from gatekeeper.pack.source.nodes import Listing, Node, Scalar, Table, plain
from gatekeeper.pack.source.problems import ENOUGH, Problem
from gatekeeper.pack.source.traps import cut_at_a_number

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gatekeeper.language.messages import Place
    from gatekeeper.language.tree.syntax import Test

P = TypeVar("P", bound=Part)
V = TypeVar("V")

LONGEST_QUOTE = 40
PROSE = frozenset({"title", "fix", "why", "reason"})
"""Keys whose text people read."""
MOST_CHECKS = 5_000
MOST_KEYS_LISTED = 8
KEYS_SHOWN = 5
MISSING_HELP = {
    "version": "version: 1",
    "crm": "crm: salesforce",
    "timezone": "for example: timezone: America/New_York",
    "pipeline": 'name a pipeline of the CRM, or all of them with: pipeline: "*"',
    "stages": "write the rules under their stage: stages: {Discovery: {exit: [...]}}",
    "title": "say in a few words what must be true.",
    "require": "write the check, for example: require: next_step is filled",
    "fix": "say in one sentence what the seller should do.",
    "id": "for example: ent-discovery-criteria (lower case, digits, hyphens; never"
    " change it later).",
    "check": "write the check, for example: check: next_step is filled",
    "type": "for example: type: money",
    "since": "since: 2026-11-01",
    "for": 'for: {team: ["EMEA"]}',
    "until": "until: 2027-03-31 (the last day it is off)",
    "rule": "rule: ent-prop-discount, or a list of rules",
    "reason": "say in one sentence why.",
    "requested_by": "requested_by: ana.ruiz@example.com",
    "approved_by": "approved_by: revops@example.com (not the one who asked)",
    "approved_on": "approved_on: 2026-11-03",
}


@dataclass(frozen=True, slots=True)
class Noun:
    """What a part is called in messages: `kind` "a rule", `name` "rule ent-x"."""

    kind: str
    name: str = ""

    @property
    def owner(self) -> str:
        """The name, or the kind where there is no name."""
        return self.name or self.kind


class EnoughMistakesError(SetupError):
    """A file has so many mistakes that reading on would help nobody."""


def as_far_as(read: Callable[[], V], otherwise: V) -> V:
    """Read something, or take the other value where it has too many mistakes."""
    try:
        return read()
    except EnoughMistakesError:
        return otherwise


@dataclass(slots=True)
class Reader:
    """Collects the mistakes while parts are read.

    Attributes:
        parsed: The tree of each different check; one text is read once.
    """

    problems: list[Problem] = field(default_factory=list)
    parsed: dict[str, Test] = field(default_factory=dict, init=False)
    _count: Counter[str] = field(default_factory=Counter, init=False)
    _checks: Counter[str] = field(default_factory=Counter, init=False)

    def __post_init__(self) -> None:
        self._count.update(one.place.path for one in self.problems if one.stops)

    def say(
        self, place: Place, code: str, text: str, advice: str | None = None
    ) -> None:
        """Note a mistake.

        Raises:
            EnoughMistakesError: As for `note`.
        """
        self.note(Problem(place, code, text, advice))

    def note(self, problem: Problem) -> None:
        """Note a mistake or a warning.

        Raises:
            EnoughMistakesError: The file has had its share of mistakes.
        """
        path = problem.place.path
        if problem.stops:
            if self._count[path] >= ENOUGH:
                raise EnoughMistakesError(path)
            self._count[path] += 1
        self.problems.append(problem)

    def count_check(self, scalar: Scalar) -> None:
        """Count one check of a file.

        Raises:
            EnoughMistakesError: The file has more checks than anybody maintains.
        """
        path = scalar.source.path
        self._checks[path] += 1
        if self._checks[path] > MOST_CHECKS:
            self.too_many(scalar, f"{MOST_CHECKS:,} checks")

    def too_many(self, node: Node, limit: str) -> NoReturn:
        """Refuse a file that holds more of something than anybody maintains.

        Raises:
            EnoughMistakesError: Always.
        """
        text = f"this file holds more than {limit}."
        self.say(node.place, "E113", text, "divide it into several files.")
        raise EnoughMistakesError(node.source.path)

    def unfit(self, node: Node, key: str, unfit: Unfit) -> None:
        """Note that what stands under `key` is not what is asked for."""
        if isinstance(node, Listing) and unfit.entry is not None:
            node = node.entries[unfit.entry]
        text = unfit.text.replace("{found}", found(node))
        text = text.replace('"{key}"', key if '"' in key else f'"{key}"')
        text = text.replace("{key}", key)
        place = node.source.place(node.start, node.end)
        self.say(place, unfit.code, text, unfit.advice)

    def part(self, model: type[P], node: Node | None, noun: Noun) -> P | None:
        """Read one part, a key with nothing under it as not written; None if unread."""
        table = self.table(node, noun.owner)
        if table is None:
            return None
        allowed = keys_of(model)
        known = [pair for pair in table.pairs if pair[0].text in allowed]
        meant: set[str] = set()
        if len(known) < len(table.pairs):
            meant = self._unknown_keys(allowed, table, noun)
        self._cut_prose(known)
        written = {key.text: plain(value) for key, value in known}
        given = {key: value for key, value in written.items() if value is not None}
        read, faults = validate(model, given)
        nodes = {key.text: (key, value) for key, value in known}
        for fault in faults:
            key, value = nodes.get(fault.key, (None, None))
            if fault.unfit is None or key is None or value is None:
                if fault.key not in meant:
                    self.missing(key.place if key else table.place, noun, fault.key)
            else:
                self.unfit(value, fault.key, fault.unfit)
        return read

    def missing(self, place: Place, noun: Noun, key: str) -> None:
        """Note that a required key is not there."""
        if key == "id":
            self.say(place, "E203", f'{noun.owner} has no "id".', MISSING_HELP[key])
            return
        advice = MISSING_HELP.get(key)
        if key == "kind":
            advice = f"kind: {_kind_of(place.path)}"
        self.say(place, "E202", f'{noun.owner} has no "{key}".', advice)

    def _cut_prose(self, known: list[tuple[Scalar, Node]]) -> None:
        """Note the texts whose end YAML took for a comment."""
        for key, value in known:
            if key.text in PROSE and isinstance(value, Scalar):
                cut = cut_at_a_number(value, f'"{key.text}"')
                if cut is not None:
                    self.note(cut)

    def _is_cut(self, table: Table, place: int) -> bool:
        """Whether a key is the rest of the text before it, which is noted once."""
        cut = cut_by_comma(table, place)
        if cut is not None and not cut_by_comma(table, place - 1):
            self.note(cut)
        return cut is not None

    def _unknown_keys(
        self, allowed: Sequence[str], table: Table, noun: Noun
    ) -> set[str]:
        """Note the keys that are none; return those that are meant by them."""
        meant: set[str] = set()
        shown = ", ".join(allowed)
        if len(allowed) > MOST_KEYS_LISTED:
            shown = ", ".join(allowed[:KEYS_SHOWN]) + ", ..."
        for place, (key, _) in enumerate(table.pairs):
            if key.text in allowed or self._is_cut(table, place):
                continue
            name = short(key.text)
            near = did_you_mean(name, allowed)
            meant.update(closest(name, allowed)[:1])
            text = f'"{name}" is not a key of {noun.kind}.'
            advice = f"{near} " if near else ""
            self.say(key.place, "E201", text, f"{advice}Allowed keys: {shown}")
        return meant

    def table(
        self, node: Node | None, name: str, example: str | None = None
    ) -> Table | None:
        """Take a mapping, or say that one belongs here, with an example of one."""
        if node is None or isinstance(node, Table):
            return node
        self.unfit(node, name, must_be("a mapping of keys and values", example))
        return None

    def pairs(
        self, node: Node | None, name: str, example: str | None = None
    ) -> Iterator[tuple[Scalar, Node]]:
        """Give the keys and values of a mapping; nothing where it is none."""
        table = self.table(node, name, example)
        yield from table.pairs if table else ()

    def entries(self, node: Node | None, name: str) -> Iterator[Node]:
        """Give the entries of a list; nothing where it is none."""
        if isinstance(node, Listing):
            yield from node.entries
        elif node is not None:
            self.unfit(node, name, must_be("a list", _as_entry(node)))

    def value(self, node: Node, key: str, read: Callable[[object], V], default: V) -> V:
        """Read one value outside a part."""
        try:
            return read(plain(node))
        except Unfit as unfit:
            self.unfit(node, key, unfit)
            return default


def _as_entry(node: Node) -> str | None:
    """Show how a mapping that stands where a list belongs becomes its entry."""
    if not isinstance(node, Table) or not node.pairs:
        return None
    written = node.source.text[node.start : node.end]
    if written.startswith("{"):
        return f"write [{short(written)}]"
    first = node.place.source_line[node.place.column - 1 :]
    return f"write - before its first key: - {short(first)}"


def _kind_of(path: str) -> str:
    """Return what a file is by its name: `e.rules.yaml` holds rules."""
    return path.rpartition("/")[2].removesuffix(".yaml").rpartition(".")[2]


def found(node: Node) -> str:
    """Say what stands there, short enough for a sentence."""
    match node:
        case Scalar(text="", style="") | Table(pairs=()):
            return "nothing"
        case Scalar(text=text):
            return f'"{short(text)}"'
        case Listing(source=source, start=start, end=end):
            return f"the list {short(source.text[start:end])}"
        case Table():
            return f"the keys {short(', '.join(key.text for key, _ in node.pairs))}"


def short(text: str) -> str:
    """Cut a text so that it fits into a sentence."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else line[:LONGEST_QUOTE] + "..."
