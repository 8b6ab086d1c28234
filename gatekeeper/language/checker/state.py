"""What the checker keeps while it reads one line: names used and mistakes found."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import CrmName
from gatekeeper.core.pack import Needs
from gatekeeper.language.messages import Message
from gatekeeper.language.tree.format import canonical
from gatekeeper.language.tree.node import node

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from gatekeeper.core.catalogue import RelationSpec
    from gatekeeper.language.scope import DefineSpec, ParamSpec, Scope
    from gatekeeper.language.tree import syntax, typed

TELLS_LATER = frozenset({"E508"})
"""Mistakes that leave a line as it is: a history that the CRM does not keep makes it
"cannot tell" until what gatekeeper saw for itself reaches back far enough."""
WARNS = frozenset({"E504"})
"""Nothing is lost by these: the line means what it meant."""


def stops(message: Message) -> bool:
    """Whether no line may have it."""
    return not message.is_warning and message.code not in TELLS_LATER


@node
class Checked:
    """One line without mistakes, ready to be compiled.

    Attributes:
        written: Its tree as it was read.
        test: The tree with every name resolved.
        needs: What it reads.
        canonical: The line with the definitions and parameter values it rests on;
            equal texts mean equal logic.
        params: Names of the parameters it uses, in its definitions too.
        uses_undecided: A parameter it uses has no value yet.
        maps: Parameters chosen by a field that have no `else`.
        warnings: What is odd about it, and mistakes that it can be judged with.
    """

    written: syntax.Test
    test: typed.Test
    needs: Needs
    canonical: str
    params: frozenset[str]
    uses_undecided: bool
    maps: tuple[typed.Chosen, ...]
    warnings: tuple[Message, ...]

    @property
    def text(self) -> str:
        """The line in canonical spelling, for people; few are ever shown."""
        return canonical(self.written)


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
        size: How many values and conditions were read, those of definitions counted
            wherever they are used.
        depth: How many definitions lie in one another below here.
        is_too_large: That is more than a line may be; it was said.
    """

    scope: Scope
    walk: Walk
    messages: list[Message] = field(default_factory=list)
    fields: set[str] = field(default_factory=set)
    collections: dict[str, set[str]] = field(default_factory=dict)
    history: set[str] = field(default_factory=set)
    params: dict[str, ParamSpec] = field(default_factory=dict)
    defines: dict[str, DefineSpec] = field(default_factory=dict)
    maps: dict[str, typed.Chosen] = field(default_factory=dict)
    row: RowScope | None = None
    expanding: tuple[str, ...] = ()
    use: syntax.Span | None = None
    leaf: syntax.Test | None = None
    is_trial: bool = False
    stages: dict[str, str] = field(default_factory=dict)
    size: int = 0
    depth: int = 0
    is_too_large: bool = False

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
        self.note(Message(code, text, span, remedy, is_warning=is_warning))

    def needs(self) -> Needs:
        """What the line reads, as found so far."""
        fields, history = frozenset(self.fields), frozenset(self.history)
        rows = {key: frozenset(names) for key, names in self.collections.items()}
        key = fields, history, frozenset(rows.items())
        found = self.scope.kept.needs.get(key)
        if found is None:  # few lines read what no other does
            found = Needs(fields, dict(sorted(rows.items())), history)
            self.scope.kept.needs[key] = found
        return found

    @contextmanager
    def inside(self, row: RowScope | None) -> Iterator[None]:
        """Read names as those of a row for a while."""
        outer, self.row = self.row, row
        try:
            yield
        finally:
            self.row = outer

    def below(self, define: DefineSpec, span: syntax.Span) -> Checking:
        """Begin to read the inside of a definition where it is used."""
        return Checking(
            self.scope,
            self.walk,
            row=self.row,
            expanding=(*self.expanding, define.name),
            defines={define.name: define},
            use=self.use or span,
            is_trial=self.is_trial,
        )

    def take(self, inner: Checking, span: syntax.Span) -> None:
        """Take over what was found inside a definition that is used here."""
        self.fields |= inner.fields
        for key, names in inner.collections.items():
            self.collections.setdefault(key, set()).update(names)
        self.history |= inner.history
        self.params |= inner.params
        self.defines |= inner.defines
        self.maps |= inner.maps
        self.stages |= inner.stages
        self.size += inner.size
        self.depth = max(self.depth, inner.depth + 1)
        self.is_too_large |= inner.is_too_large
        for message in inner.messages:
            self.note(replace(message, span=self.use or span))

    def note(self, message: Message) -> None:
        """Note a message once."""
        if message not in self.messages:
            self.messages.append(message)
