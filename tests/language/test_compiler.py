"""Properties of compiled lines over random checks and random deals."""

from __future__ import annotations

import dataclasses
import re
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.context import Context
from gatekeeper.core.model import (
    EMPTY,
    Deal,
    Line,
    Money,
    Person,
    Standing,
    Unavailable,
)
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import compile_line
from gatekeeper.language.parser.line import parse
from tests.builders import NEW_YORK, dollars
from tests.language import logic
from tests.language.scopes import ENTERPRISE, SCOPE
from tests.language.test_logic import ANSWERS, CONTEXT, FIELDS, RELATED, _table

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

HIDDEN = Unavailable("hidden")
NOW = Context(
    now=datetime(2026, 11, 20, 14, tzinfo=UTC),
    zone=NEW_YORK,
    calendar=Calendar(),
    pipelines={"Enterprise": ENTERPRISE},
)


# ---- random checks, as text ---------------------------------------------------------

numbers = st.sampled_from(["0", "1", "2", "20", "50k", "1.5"])
dates = st.sampled_from(["today", "2026-11-20", "2026-12-18", "2026-01-31"])
compares = st.sampled_from(["=", "!=", "<", "<=", ">", ">="])
quantities = st.sampled_from(["some", "no", "at least 2", "at most 1", "exactly 2"])


def _joined(pattern: str, *parts: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.tuples(*parts).map(lambda chosen: pattern.format(*chosen))


def _row_tests(names: list[str]) -> SearchStrategy[str]:
    leaf = st.one_of(
        _joined("{0} is filled", st.sampled_from(names)),
        _joined("{0} is empty", st.sampled_from(names)),
        _joined("deal.seats {0} {1}", compares, numbers),
        st.just("deal.is_renewal is true"),
    )
    if "role" in names:
        leaf |= st.sampled_from(
            ['role = "Champion"', 'role != "User"', 'role in ["User", "Champion"]']
        ) | st.just("is_primary is true")
    else:
        leaf |= _joined("quantity {0} {1}", compares, numbers)
    return _nested(leaf)


def _nested(leaf: SearchStrategy[str]) -> SearchStrategy[str]:
    return st.recursive(
        leaf,
        lambda inner: st.one_of(
            _joined("({0} and {1})", inner, inner),
            _joined("({0} or {1})", inner, inner),
            _joined("not ({0})", inner),
        ),
        max_leaves=3,
    )


contact_tests = _row_tests(["role", "is_primary"])
product_tests = _row_tests(["quantity", "total"])
plain_numbers = st.recursive(
    st.one_of(
        st.just("seats"),
        st.just("length(next_step)"),
        st.just("days_until(close_date)"),
        st.just("count(contacts)"),
        st.just("sum(line_items.quantity)"),
        st.just("max(line_items.quantity)"),
        _joined("count(contacts where {0})", contact_tests),
        _joined("sum(line_items.quantity where {0})", product_tests),
        numbers,
    ),
    lambda inner: st.one_of(
        _joined("({0} + {1})", inner, inner),
        _joined("({0} - {1})", inner, inner),
        _joined("({0} * {1})", inner, inner),
        _joined("({0} / {1})", inner, inner),
        _joined("abs({0})", inner),
        _joined("coalesce({0}, {1})", inner, inner),
    ),
    max_leaves=3,
)
leaves = st.one_of(
    _joined("{0} {1} {2}", plain_numbers, compares, plain_numbers),
    _joined("amount {0} {1}", compares, numbers),
    _joined("amount {0} coalesce(amount, {1})", compares, numbers),
    _joined("seats between {0} and {1}", numbers, plain_numbers),
    _joined("seats not between {0} and {1}", numbers, numbers),
    _joined("close_date {0} {1}", compares, dates),
    _joined("close_date {0} coalesce(signature_date, {1})", compares, dates),
    _joined(
        "close_date within {0} {1} days",
        st.sampled_from(["last", "next"]),
        st.sampled_from(["0", "28", "400"]),
    ),
    _joined(
        "{0} is {1}",
        st.sampled_from(["amount", "next_step", "close_date", "seats", "is_renewal"]),
        st.sampled_from(["filled", "empty", "not filled", "not empty"]),
    ),
    st.sampled_from(["is_renewal", "is_renewal is false", "is_renewal is true"]),
    st.sampled_from(
        [
            'next_step contains "send"',
            'next_step not contains "zz"',
            'next_step = "SEND it"',
            'security_review in ["Approved", "In progress"]',
            'security_review not in ["Approved"]',
            'security_review != "approved"',
        ]
    ),
    quantities.map(lambda how: f"{how} contacts"),
    _joined("({0} contacts where {1})", quantities, contact_tests),
    _joined("({0} line_items where {1})", quantities, product_tests),
    _joined("(every contact has ({0}))", contact_tests),
    _joined("(every line_item where ({0}) has ({1}))", product_tests, product_tests),
)
checks = st.recursive(
    leaves,
    lambda inner: st.one_of(
        _joined("({0} and {1})", inner, inner),
        _joined("({0} or {1})", inner, inner),
        _joined("not ({0})", inner),
    ),
    max_leaves=4,
).filter(lambda text: len(text) < 400)


# ---- random deals -------------------------------------------------------------------


def _maybe(values: SearchStrategy[Any]) -> SearchStrategy[Any]:
    return st.one_of(values, values, st.just(EMPTY), st.just(HIDDEN))


def _dollars(amount: Decimal) -> Money:
    return Money(amount, "USD")


small = st.sampled_from([Decimal(n) for n in ("0", "1", "2", "20", "1.5")])
days = st.sampled_from([date(2026, 11, 20), date(2026, 12, 18), date(2026, 1, 31)])
texts = st.sampled_from(["", "  ", "Send it", "zzz"])
roles = st.sampled_from(["Champion", "User", "Economic_Buyer"])


def _rows(**fields: SearchStrategy[Any]) -> SearchStrategy[Any]:
    row = st.fixed_dictionaries({name: _maybe(one) for name, one in fields.items()})
    return st.lists(row, max_size=3).map(tuple) | st.just(HIDDEN)


deals = st.builds(
    lambda fields, contacts, products: Deal(
        org="o",
        id="1",
        name="n",
        pipeline="Enterprise",
        stage="Proposal",
        stage_label="Proposal",
        owner_id=None,
        url="",
        fields=fields,
        related={"contacts": contacts, "line_items": products},
    ),
    st.fixed_dictionaries(
        {
            "amount": _maybe(small.map(_dollars) | st.just(dollars(50_000))),
            "seats": _maybe(small),
            "close_date": _maybe(days),
            "signature_date": _maybe(days),
            "next_step": _maybe(texts),
            "is_renewal": _maybe(st.booleans()),
            "security_review": _maybe(st.sampled_from(["Approved", "In_progress"])),
        }
    ),
    _rows(name=st.just("A"), role=roles, is_primary=st.booleans()),
    _rows(product=st.just("P"), quantity=small, total=small.map(_dollars)),
)


def _compiled(text: str) -> Line:
    return compile_line(check(parse(text), SCOPE))


def test_closures_answer_as_the_plain_reading_does() -> None:
    answers = logic.compare(400, first_seed=0)

    assert set(answers) == {"true", "false", "unknown", "cannot tell"}


# ---- explanations -------------------------------------------------------------------


def _standing(answer: object) -> Standing:
    if answer is True:
        return Standing.MET
    if isinstance(answer, Unavailable):
        return Standing.CANNOT_TELL
    return Standing.NOT_MET


@settings(max_examples=200)
@given(checks, deals)
def test_an_explanation_agrees_with_the_answer(text: str, deal: Deal) -> None:
    line = _compiled(text)
    answer = line.test(deal, NOW)
    finding = line.explain(deal, NOW)

    assert finding.standing is _standing(answer)
    is_met = finding.standing is Standing.MET
    assert finding.text.lower().endswith("met.") is is_met
    assert (
        finding.text.startswith("Cannot tell")
        is (finding.standing is Standing.CANNOT_TELL)
        or finding.parts
    )
    assert finding.text.strip()
    assert finding.lasting_text.strip()
    if answer is EMPTY and not finding.parts:
        assert finding.because_empty


@settings(max_examples=200)
@given(checks, deals, st.integers(1, 40))
def test_lasting_words_do_not_change_with_time_alone(
    text: str, deal: Deal, later: int
) -> None:
    line = _compiled(text)
    then = dataclasses.replace(NOW, now=NOW.now + timedelta(days=later))
    if line.test(deal, NOW) is not line.test(deal, then):
        return
    parts = [line.explain(deal, at) for at in (NOW, then)]
    if [part.standing for part in parts[0].parts] != [
        part.standing for part in parts[1].parts
    ]:
        return
    if " or " in text or "not (" in text or re.search(r"\(.* and ", text):
        return  # which parts of it stand in the way may itself change

    assert parts[0].lasting_text == parts[1].lasting_text


# ---- never an error -----------------------------------------------------------------

KNOWN_CHECKS = [text for text, _ in _table(ANSWERS)]
LINES = {text: _compiled(text) for text in KNOWN_CHECKS}
any_value = st.one_of(
    st.text(max_size=5),
    st.decimals(allow_nan=True, allow_infinity=True),
    st.sampled_from([Decimal("1e999999"), Decimal("sNaN"), Decimal("-1e-999999")]),
    st.builds(Money, st.decimals(allow_nan=True), st.sampled_from(["USD", "EUR", "X"])),
    st.booleans(),
    st.dates(),
    st.datetimes(timezones=st.just(UTC)),
    st.timedeltas(),
    st.frozensets(st.text(max_size=3), max_size=3),
    st.builds(Person, st.text(max_size=3), st.text(max_size=3)),
    st.just(EMPTY),
    st.just(HIDDEN),
)
row_names = ["name", "role", "email", "is_primary", "subject", "start", "product"]
any_row = st.dictionaries(
    st.sampled_from([*row_names, "quantity", "total", "status"]), any_value
)
any_related = st.dictionaries(
    st.sampled_from(sorted(RELATED)),
    st.lists(any_row, max_size=3).map(tuple) | st.just(HIDDEN),
)
any_deal = st.builds(
    lambda stage, pipeline, fields, related: Deal(
        org="o",
        id="1",
        name="n",
        pipeline=pipeline,
        stage=stage,
        stage_label=stage,
        owner_id=None,
        url="",
        fields=fields,
        related=related,
    ),
    st.sampled_from(["Proposal", "Needs Analysis", ""]),
    st.sampled_from(["Enterprise", "Partners"]),
    st.dictionaries(st.sampled_from(sorted(FIELDS)), any_value),
    any_related,
)


@settings(max_examples=400)
@given(st.sampled_from(KNOWN_CHECKS), any_deal)
def test_a_line_never_raises_whatever_the_deal_holds(text: str, deal: Deal) -> None:
    line = LINES[text]

    answer = line.test(deal, CONTEXT)
    finding = line.explain(deal, CONTEXT)

    assert isinstance(answer, bool | Unavailable) or answer is EMPTY
    assert finding.standing is _standing(answer)
