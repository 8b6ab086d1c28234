"""`params:` of a file: the numbers people argue about, with their types."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Kind
from gatekeeper.language.parser.numbers import mistaken_points, percentage_meant
from gatekeeper.language.scope import ParamSpec, ParamValue
from gatekeeper.language.tree.syntax import Duration, Span, TimeUnit
from gatekeeper.pack.files import rule_schema
from gatekeeper.pack.files.names import check_name, short_place
from gatekeeper.pack.files.times import LENGTH_HELP, day, length, moment
from gatekeeper.pack.files.values import (
    Unfit,
    decimal,
    must_be,
    not_one_of,
    text,
    yes_no,
)
from gatekeeper.pack.source.nodes import Listing, Scalar
from gatekeeper.pack.source.read import Noun

if TYPE_CHECKING:
    from decimal import Decimal

    from gatekeeper.core.catalogue import Catalogue
    from gatekeeper.pack.source.nodes import Node, Table
    from gatekeeper.pack.source.read import Reader

UNDECIDED = "undecided"
LIST_OF = "list of "
_KINDS = [kind for kind in Kind if kind not in {Kind.REFERENCE, Kind.MULTI_PICKLIST}]

Value = ParamValue | tuple[ParamValue, ...]


def read_params(
    reader: Reader, node: Node | None, catalogue: Catalogue
) -> dict[str, ParamSpec]:
    """Read all parameters of a file; what cannot be read is declared all the same."""
    params: dict[str, ParamSpec] = {}
    for key, value in reader.pairs(node, "params"):
        check_name(reader, key)
        spec = _param(reader, key, value, catalogue)
        params[key.text] = spec or ParamSpec(
            key.text, Kind.TEXT, place=short_place(key), is_typed=False
        )
    return params


def overridden(reader: Reader, spec: ParamSpec, key: Scalar, node: Node) -> ParamSpec:
    """Return a parameter with the one value an overlay gives it."""
    typed = _Typed(reader, spec.kind, is_list=spec.is_list)
    return typed.single(key, node) or spec


def _param(
    reader: Reader, key: Scalar, node: Node, catalogue: Catalogue
) -> ParamSpec | None:
    noun = Noun("a parameter", f"parameter {key.text}")
    part = reader.part(rule_schema.ParamPart, node, noun)
    table = reader.table(node, noun.owner)
    if part is None or table is None:
        return None
    typed = _Typed.of(reader, table, part.type)
    if typed is None:
        return None
    undecided = typed.undecided(key)
    if not _is_whole(reader, key, part, table):
        return undecided
    if part.by is None:  # a value that cannot be read is noted here, not at each use
        return typed.single(key, table.get("value")) or undecided
    return typed.chosen(key, part.by, table, _kinds_of(part.by, catalogue))


def _kinds_of(by: str, catalogue: Catalogue) -> frozenset[Kind]:
    """Return what the field that chooses may be, on the deal or a row (A2)."""
    relation, _, name = by.rpartition(".")
    if relation:
        known = catalogue.lookups.get(relation)
        places = [known.fields] if known else []
    else:
        rows = (each.fields for each in catalogue.collections.values())
        places = [catalogue.deal, *rows]
    return frozenset(fields[name].kind for fields in places if name in fields)


def _is_whole(
    reader: Reader, key: Scalar, part: rule_schema.ParamPart, table: Table
) -> bool:
    """Whether it has one value, or a field that chooses among several."""
    chosen = [name for name in ("values", "from") if table.get(name) is not None]
    if part.by is None and (chosen or table.get("value") is None):
        missing = "by" if chosen else "value"
    elif part.by is not None and len(chosen) != 1:
        missing = "values"
    elif part.by is not None and table.get("value") is not None:
        text = f'parameter {key.text} has both "value" and "by"; keep one.'
        reader.say(key.place, "E206", text)
        return False
    else:
        return True
    advice = {
        "by": "name the field that chooses: by: account.segment",
        "value": "value: 50_000, or value: undecided",
        "values": 'one of "values" or "from": values: {SMB: 7 days}, else: 30 days',
    }[missing]
    text = f'parameter {key.text} has no "{missing}".'
    reader.say(key.place, "E202", text, advice)
    return False


class _Typed:
    """Reads the values of one parameter as its type says."""

    def __init__(self, reader: Reader, kind: Kind, *, is_list: bool) -> None:
        self.reader = reader
        self.kind = kind
        self.is_list = is_list

    @classmethod
    def of(cls, reader: Reader, table: Table, written: str) -> _Typed | None:
        """Take the type as written: `money`, `list of text`."""
        word = written.removeprefix(LIST_OF).strip()
        node = table.get("type")
        if word not in _KINDS and node is not None:
            reader.unfit(node, "type", not_one_of(word, _KINDS))
            return None
        is_list = written.startswith(LIST_OF) or isinstance(table.get("value"), Listing)
        return cls(reader, Kind(word), is_list=is_list)

    def single(self, key: Scalar, node: Node | None) -> ParamSpec | None:
        """Read `value:`; None where it cannot be read."""
        if isinstance(node, Scalar) and node.text == UNDECIDED:
            return self.undecided(key)
        value = self.value(node, "value") if node else None
        return None if value is None else replace(self.undecided(key), value=value)

    def undecided(self, key: Scalar) -> ParamSpec:
        """Return it without a value."""
        return ParamSpec(
            key.text, self.kind, is_list=self.is_list, place=short_place(key)
        )

    def chosen(
        self, key: Scalar, by: str, table: Table, kinds: frozenset[Kind]
    ) -> ParamSpec:
        """Read `values:` or `from:` with `else:`."""
        reader = self.reader
        otherwise = table.get("else")
        values: dict[str, Value] = {}
        for word, node in reader.pairs(table.get("values"), "values"):
            value = self.value(node, word.text)
            if value is not None:
                values[word.text] = value
        return ParamSpec(
            key.text,
            self.kind,
            is_list=self.is_list,
            by=by,
            values=values if table.get("values") is not None else None,
            bands=self._bands(table, by, kinds),
            otherwise=self.value(otherwise, "else") if otherwise else None,
            place=short_place(key),
        )

    def _bands(
        self, table: Table, by: str, kinds: frozenset[Kind]
    ) -> tuple[tuple[Decimal, ParamValue], ...] | None:
        if table.get("from") is None:
            return None
        bands: dict[Decimal, ParamValue] = {}
        for limit, node in self.reader.pairs(table.get("from"), "from"):
            try:
                start = _limit(limit.text, kinds)
            except Unfit as unfit:
                key = by if kinds == {Kind.PERCENT} else "from"
                self.reader.unfit(limit, key, unfit)
                continue
            value = self._one(node, limit.text)
            if value is not None:
                bands[start] = value
        return tuple(sorted(bands.items(), key=lambda band: band[0]))

    def value(self, node: Node | None, key: str) -> Value | None:
        """Read one value, or a list of them where the type is a list."""
        if not self.is_list or node is None:
            return self._one(node, key) if node else None
        read = [self._one(entry, key) for entry in self.reader.entries(node, key)]
        return tuple(value for value in read if value is not None)

    def _one(self, node: Node, key: str) -> ParamValue | None:
        try:
            return param_value(self.kind, node.text if isinstance(node, Scalar) else "")
        except Unfit as unfit:
            self.reader.unfit(node, key, unfit)
            return None


def _limit(written: str, kinds: frozenset[Kind]) -> Decimal:
    """Read the lower limit of a band, as a value of the field that chooses.

    Raises:
        Unfit: It is none.
    """
    bare = decimal(written)
    if kinds == {Kind.PERCENT} and (bare is None or 0 < bare < 1):
        return _percentage(written)  # 20 says what it means here; 0.2 seldom does
    may_be_percent = not kinds or Kind.PERCENT in kinds
    start = decimal(written.removesuffix("%")) if may_be_percent else bare
    if start is None:
        raise must_be("a lower limit such as 20k")
    return start


def param_value(kind: Kind, written: str) -> ParamValue:
    """Read one value of a parameter.

    Raises:
        Unfit: It is no value of that kind.
    """
    match kind:
        case Kind.NUMBER | Kind.MONEY:
            return _number(written)
        case Kind.PERCENT:
            return _percentage(written)
        case Kind.DATE:
            return day(written)
        case Kind.DATETIME:
            return moment(written)
        case Kind.DURATION:
            return _duration(written)
        case Kind.YES_NO:
            return yes_no(written)
        case _:
            return text(written)


def _number(written: str) -> Decimal:
    number = decimal(written)
    if mistake := mistaken_points(written):
        raise Unfit("E306", *mistake)
    if number is not None:
        return number
    if decimal(written.replace(",", "")) is not None:
        raise Unfit("E306", "numbers have no commas.", "write 50000, 50_000 or 50k.")
    raise must_be("a number such as 50_000")


def _percentage(written: str) -> Decimal:
    number = decimal(written.removesuffix("%").strip())
    if number is None:
        raise must_be("a percentage such as 20%")
    if not written.endswith("%"):
        raise Unfit(
            "E417",
            f"{{key}} is a percentage; {written} would mean {written}%.",
            f"write {percentage_meant(number)}.",
        )
    return number


def _duration(written: str) -> Duration:
    if decimal(written) is not None:
        raise Unfit("E208", f'"{{key}}: {written}" needs a unit.', LENGTH_HELP)
    found = length(written)
    if found is None or found[2] not in set(TimeUnit):
        raise must_be('a length of time such as "14 days"')
    count, is_business, word = found
    unit = TimeUnit(word)
    if is_business and unit not in {TimeUnit.DAYS, TimeUnit.HOURS}:
        raise must_be('a length of time such as "14 business days"')
    return Duration(count, unit, is_business, Span(0, len(written)))
