"""What is read back equals what was written, for every value the store keeps."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, TypeVar

from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.catalogue import (
    Access,
    Choice,
    CrmField,
    CrmSchema,
    Kind,
    Pipeline,
    Stage,
)
from gatekeeper.core.model import (
    Action,
    Ahead,
    Change,
    Dossier,
    Finding,
    Flags,
    Mode,
    ObligationId,
    Outcome,
    OwnTask,
    Resolution,
    Severity,
    Standing,
    State,
    TaskPart,
    Violation,
)
from gatekeeper.store import codec
from gatekeeper.store.rows import (
    LETTERS,
    NO_VERDICT,
    OUTCOMES,
    outcome_letters,
    violation_row,
)

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

T = TypeVar("T")

TEXT = st.text(max_size=20)
MAYBE = st.none() | TEXT
TEXTS = st.lists(TEXT, max_size=3).map(tuple)
MOMENTS = st.datetimes(timezones=st.just(UTC))
DAYS = st.dates()
SCALARS = st.none() | TEXT | st.integers(-(2**40), 2**40)
AMOUNTS = st.decimals(allow_nan=False, allow_infinity=False)
HASHES = st.dictionaries(st.sampled_from(TaskPart), TEXT)
IDS = st.builds(ObligationId, TEXT, TEXT, TEXT)


def tuples(values: SearchStrategy[T]) -> SearchStrategy[tuple[T, ...]]:
    return st.lists(values, max_size=3).map(tuple)


FINDINGS = st.recursive(
    st.builds(
        Finding,
        TEXT,
        st.sampled_from(Standing),
        TEXT,
        TEXT,
        observed=TEXT,
        expected=TEXT,
        fix=MAYBE,
        title=MAYBE,
        because_empty=st.booleans(),
        details=TEXTS,
    ),
    lambda parts: st.builds(
        Finding, TEXT, st.sampled_from(Standing), TEXT, TEXT, parts=tuples(parts)
    ),
    max_leaves=4,
)
VIOLATIONS = st.builds(
    Violation,
    deal_id=TEXT,
    deal_name=TEXT,
    pipeline=TEXT,
    stage=TEXT,
    rule_id=TEXT,
    state=st.sampled_from(State),
    severity=st.sampled_from(Severity),
    mode=st.sampled_from(Mode),
    role=TEXT,
    first_seen=MOMENTS,
    grace_from=st.none() | MOMENTS,
    opened_at=st.none() | MOMENTS,
    resolved_at=st.none() | MOMENTS,
    resolution=st.none() | st.sampled_from(Resolution),
    outcome=st.sampled_from(Outcome),
    waiting=TEXT,
    released_on=st.none() | DAYS,
    owner_id=MAYBE,
    owner_name=TEXT,
    amount=st.none() | AMOUNTS,
    currency=TEXT,
    logic=TEXT,
    title=TEXT,
    fix=TEXT,
    findings=tuples(FINDINGS),
)
CHANGES = st.builds(
    Change,
    action=st.sampled_from(Action),
    key=TEXT,
    deal_id=TEXT,
    deal_name=TEXT,
    id=st.none() | IDS,
    episode=st.integers(0, 99),
    remote_id=MAYBE,
    write=st.dictionaries(TEXT, SCALARS),
    hashes=st.dictionaries(TEXT, TEXT),
    before=st.dictionaries(TEXT, SCALARS),
    inputs=TEXT,
    rule_ids=TEXTS,
    new_rule_ids=TEXTS,
    person_id=MAYBE,
    raised=st.integers(0, 9),
    fills_empty=st.booleans(),
    reason=TEXT,
)
TASKS = st.builds(
    OwnTask,
    remote_id=TEXT,
    key=TEXT,
    deal_id=MAYBE,
    id=st.none() | IDS,
    episode=st.integers(0, 99),
    run_number=st.integers(0, 10**6),
    sealed=st.booleans(),
    is_closed=st.booleans(),
    is_deleted=st.booleans(),
    created_at=MOMENTS,
    written=HASHES,
    actual=HASHES,
    rule_ids=TEXTS,
    due_on=st.none() | DAYS,
    owner_id=MAYBE,
)
FLAGS = st.builds(
    Flags, MAYBE, st.none() | st.integers(0, 99), MAYBE, MAYBE, st.none() | DAYS, MAYBE
)
DOSSIERS = st.builds(
    Dossier,
    org=TEXT,
    deal_id=TEXT,
    name=TEXT,
    pipeline=TEXT,
    stage=TEXT,
    url=TEXT,
    people=st.dictionaries(TEXT, MAYBE),
    flags=st.none() | FLAGS,
    tasks=tuples(TASKS),
    ahead=tuples(st.builds(Ahead, TEXT, TEXT, TEXT)),
    supported_stage=MAYBE,
    is_enforced=st.booleans(),
    cannot_tell=st.booleans(),
    is_gone=st.booleans(),
    is_readable=st.booleans(),
    adopted=TEXTS,
    passed=TEXTS,
    inputs=TEXT,
)
FIELDS = st.dictionaries(
    TEXT,
    st.builds(
        CrmField,
        TEXT,
        TEXT,
        TEXT,
        tuples(st.sampled_from(Kind)),
        st.sampled_from(Access),
        tuples(st.builds(Choice, TEXT, TEXT, st.booleans())),
        st.booleans(),
        st.booleans(),
        st.booleans(),
    ),
    max_size=2,
)
STAGES = st.builds(Stage, TEXT, TEXTS, st.booleans(), st.booleans())
SCHEMAS = st.builds(
    CrmSchema,
    crm=TEXT,
    org=TEXT,
    read_at=MOMENTS,
    fields=FIELDS,
    by_path=FIELDS,
    pipelines=tuples(st.builds(Pipeline, TEXT, tuples(STAGES))),
    missing_collections=st.dictionaries(TEXT, TEXT),
    missing_fields=st.dictionaries(TEXT, TEXT),
    flags=FIELDS,
    strict=st.booleans(),
    currency=TEXT,
)


@given(VIOLATIONS)
def test_a_violation_comes_back(violation: Violation) -> None:
    assert codec.violation_from(codec.text_of(violation)) == violation


@given(CHANGES)
def test_a_change_comes_back(change: Change) -> None:
    assert codec.change_from(codec.text_of(change)) == change


@given(DOSSIERS)
def test_a_dossier_comes_back(dossier: Dossier) -> None:
    text = codec.text_of(dossier)

    assert codec.dossier_from(text) == dossier
    assert codec.people_from(text) == dossier.people


@given(SCHEMAS)
def test_a_schema_comes_back(schema: CrmSchema) -> None:
    assert codec.schema_from(codec.text_of(schema)) == schema


@given(VIOLATIONS)
def test_a_role_is_read_without_the_rest(violation: Violation) -> None:
    assert codec.role_from(codec.text_of(violation)) == violation.role


@given(CHANGES)
def test_equal_changes_have_equal_text_whatever_order_they_were_written_in(
    change: Change,
) -> None:
    twin = codec.change_from(codec.text_of(change))
    backwards = replace(
        twin,
        write=dict(reversed(list(twin.write.items()))),
        hashes=dict(reversed(list(twin.hashes.items()))),
        before=dict(reversed(list(twin.before.items()))),
    )

    assert codec.canonical_text(backwards) == codec.canonical_text(change)


@given(VIOLATIONS)
def test_what_a_run_may_set_is_no_part_of_the_text(violation: Violation) -> None:
    read_back = codec.violation_from(str(violation_row(violation)["payload"]))

    assert (read_back.waiting, read_back.released_on) == ("", None)


@given(st.dictionaries(st.sampled_from("abcdef"), st.sampled_from(Outcome)))
def test_outcomes_are_one_letter_per_rule(outcomes: dict[str, Outcome]) -> None:
    letters = outcome_letters(outcomes, "abcdef")

    assert {
        rule: OUTCOMES[letter]
        for rule, letter in zip("abcdef", letters, strict=True)
        if letter != NO_VERDICT
    } == outcomes


def test_every_outcome_has_a_letter_of_its_own() -> None:
    assert LETTERS.keys() == set(Outcome)
    assert len(set(LETTERS.values()) | {NO_VERDICT}) == len(Outcome) + 1


def test_a_report_keeps_its_shape() -> None:
    report = {
        "n": 1,
        "share": 0.5,
        "list": [1, None, True],
        "deep": {"on": "2026-11-20"},
    }

    assert codec.tree_from(codec.text_of(report)) == report


def test_values_json_has_no_word_for_are_written_as_text() -> None:
    report = {"at": datetime(2026, 11, 20, 14, 0, tzinfo=UTC), "on": date(2026, 11, 20)}

    assert codec.text_of(report) == '{"at":"2026-11-20T14:00:00Z","on":"2026-11-20"}'
