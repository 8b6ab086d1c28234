"""What the checker keeps while it reads one line: names used and mistakes found."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import CrmName
from gatekeeper.core.pack import Needs
from gatekeeper.language.messages import Message

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatekeeper.core.catalogue import RelationSpec
    from gatekeeper.language.scope import DefineSpec, ParamSpec, Scope
    from gatekeeper.language.tree import syntax, typed

DEEPEST_DEFINE = 4
TELLS_LATER = frozenset({"E508"})
"""Mistakes that leave a line as it is: a history that the CRM does not keep makes it
"cannot tell" until what gatekeeper saw for itself reaches back far enough."""
WARNS = frozenset({"E504"})
"""Nothing is lost by these: the line means what it meant."""


@dataclass(frozen=True, slots=True)
class Checked:
    """One line without mistakes, ready to be compiled.

    Attributes:
        test: Its tree with every name resolved.
        text: The line in canonical spelling, for people.
        needs: What it reads.
        canonical: The line with the definitions and parameter values it rests on;
            equal texts mean equal logic.
        uses_undecided: A parameter it uses has no value yet.
        maps: Parameters chosen by a field that have no `else`.
        warnings: What is odd about it, and mistakes that it can be judged with.
    """

    test: typed.Test
    text: str
    needs: Needs
    canonical: str
    uses_undecided: bool
    maps: tuple[typed.Chosen, ...]
    warnings: tuple[Message, ...]


@dataclass(frozen=True, slots=True)
class RowScope:
    """The collection whose rows a `where` looks at."""

    key: str
    spec: RelationSpec


@dataclass(frozen=True, slots=True)
class Walk:
    """How the inside of a node is checked: None after a mistake was noted."""

    test: Callable[[syntax.Test, Checking], typed.Test | None]
    value: Callable[[syntax.Value, Checking], typed.Value | None]


@dataclass(slots=True)
class Checking:
    """The state of checking one line.

    Attributes:
        walk: Leads back to the top of the tree of modules, for what lies inside.
        row: Set inside a `where`.
        expanding: Names of the definitions being read, outermost first.
        use: Where in the line the outermost definition is used: mistakes inside it
            are shown there, since its own text is elsewhere.
        leaf: The innermost condition that is being read.
        is_trial: Only whether there are mistakes is asked: to look for what somebody
            may have meant takes longer than all the rest.
        stages: Stage as the line calls it to what it was called first.
    """

    scope: Scope
    walk: Walk
    messages: list[Message] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    collections: dict[str, set[str]] = field(default_factory=dict)
    history: set[str] = field(default_factory=set)
    params: dict[str, ParamSpec] = field(default_factory=dict)
    defines: dict[str, DefineSpec] = field(default_factory=dict)
    maps: list[typed.Chosen] = field(default_factory=list)
    row: RowScope | None = None
    expanding: tuple[str, ...] = ()
    use: syntax.Span | None = None
    leaf: syntax.Test | None = None
    is_trial: bool = False
    stages: dict[str, str] = field(default_factory=dict)

    @property
    def crm_name(self) -> str:
        """The CRM as people call it."""
        return CrmName(self.scope.crm).label

    def test(self, node: syntax.Test) -> typed.Test | None:
        """Check a condition inside another node; None after a mistake was noted."""
        return self.walk.test(node, self)

    def value(self, node: syntax.Value) -> typed.Value | None:
        """Give a value inside another node its kind; None after a mistake."""
        return self.walk.value(node, self)

    def report(
        self, code: str, text: str, span: syntax.Span, remedy: str | None = None
    ) -> None:
        """Note a mistake (or a warning, by its code) in the line."""
        if self.use is not None:
            text = f"in {self.expanding[-1]}: {text}"
            span = self.use
        is_warning = code.startswith("W") or code in WARNS
        message = Message(code, text, span, remedy, is_warning=is_warning)
        if message not in self.messages:
            self.messages.append(message)

    def needs(self) -> Needs:
        """What the line reads, as found so far."""
        rows = {key: frozenset(names) for key, names in self.collections.items()}
        return Needs(
            frozenset(self.fields), dict(sorted(rows.items())), frozenset(self.history)
        )

    @contextmanager
    def inside(self, row: RowScope | None) -> Iterator[None]:
        """Read names as those of a row for a while."""
        outer, self.row = self.row, row
        try:
            yield
        finally:
            self.row = outer

    @contextmanager
    def expansion(self, define: DefineSpec, span: syntax.Span) -> Iterator[None]:
        """Read the inside of a definition for a while."""
        outer = self.expanding, self.use
        self.expanding = (*self.expanding, define.name)
        self.use = self.use or span
        self.defines[define.name] = define
        try:
            yield
        finally:
            self.expanding, self.use = outer
