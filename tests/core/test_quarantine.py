"""What is refused, or fought over, three times alike is left alone."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import Action, Change, ObligationId, Receipt, WriteStatus
from gatekeeper.core.quarantine import (
    Cause,
    Quarantine,
    Written,
    after_receipt,
    subject_of,
    task_subject,
)
from tests.builders import DEAL_ID

pytestmark = pytest.mark.promise("F13")

NAME = "Acme renewal"
TASK = Change(
    Action.CREATE,
    "gk1-x",
    DEAL_ID,
    NAME,
    id=ObligationId(DEAL_ID, "deal_owner"),
)
OF_TASK = f"{DEAL_ID}:deal_owner"


def a_flag_write(before: dict[str, Any], write: dict[str, Any]) -> Change:
    return Change(
        Action.FLAG, f"flag:{DEAL_ID}", DEAL_ID, NAME, write=write, before=before
    )


def an_answer(status: WriteStatus, code: str = "", message: str = "") -> Receipt:
    return Receipt(TASK.key, status, None, code, message)


def refused(code: str, message: str = "No.") -> Receipt:
    return an_answer(WriteStatus.REJECTED, code, message)


def counted(*receipts: Receipt) -> Quarantine | None:
    known = None
    for receipt in receipts:
        known = after_receipt(known, TASK, receipt)
    return known


# ---- subjects ----------------------------------------------------------------------


def test_a_subject_is_the_task_of_a_role_or_the_flags_of_a_deal() -> None:
    assert task_subject(ObligationId("006", "manager")) == "006:manager"
    assert task_subject(ObligationId("006", "manager", "r1")) == "006:manager:r1"
    assert subject_of(TASK) == OF_TASK
    assert subject_of(replace(TASK, action=Action.CLOSE)) == OF_TASK
    assert subject_of(replace(TASK, id=None)) == f"{DEAL_ID}:flags"
    assert subject_of(replace(TASK, action=Action.FLAG)) == f"{DEAL_ID}:flags"


# ---- refusals ----------------------------------------------------------------------

CODES = st.sampled_from(["A", "B"])
ANSWERS = st.builds(an_answer, st.sampled_from(WriteStatus), CODES)


@given(st.lists(ANSWERS, max_size=12))
def test_a_subject_is_left_alone_after_three_refusals_alike_in_a_row(
    answers: list[Receipt],
) -> None:
    """What has no answer, or was not tried, neither counts nor forgets."""
    code, count = "", 0
    for each in answers:
        if count == 3:
            break
        if each.status in {WriteStatus.DONE, WriteStatus.ADOPTED}:
            code, count = "", 0
        elif each.status in {WriteStatus.REJECTED, WriteStatus.LOCKED}:
            count = count + 1 if each.code == code else 1
            code = each.code

    found = counted(*answers)

    assert (found.count if found else 0) == count
    assert (found is not None and found.is_set) is (count == 3)
    if found is not None:
        assert (found.code, found.cause) == (code, Cause.REFUSED)


def test_a_refusal_is_kept_with_what_the_crm_said_last() -> None:
    assert counted(refused("LOCKED", "Row 1."), refused("LOCKED", "Row 2.")) == (
        Quarantine(
            OF_TASK,
            DEAL_ID,
            NAME,
            Cause.REFUSED,
            "LOCKED",
            count=2,
            message="Row 2.",
        )
    )


def test_what_is_left_alone_stays_so_whatever_is_answered() -> None:
    """An answer to what was written just before comes late."""
    undone = Quarantine(OF_TASK, DEAL_ID, NAME, Cause.UNDONE, "r-7")
    for status in WriteStatus:
        assert after_receipt(undone, TASK, an_answer(status, "A")) is undone


def test_a_refusal_after_edits_begins_a_count_of_its_own() -> None:
    edited = Quarantine(OF_TASK, DEAL_ID, NAME, Cause.EDITED, "A", count=2)
    found = after_receipt(edited, TASK, refused("A"))
    assert found is not None
    assert (found.cause, found.count) == (Cause.REFUSED, 1)


@pytest.mark.parametrize(
    ("quarantine", "is_set", "reason"),
    [
        (
            Quarantine("s", "d", "n", Cause.REFUSED, "LOCKED", 2, "Row."),
            False,
            "refused 2 times: LOCKED: Row.",
        ),
        (
            Quarantine("s", "d", "n", Cause.EDITED, count=3),
            True,
            "people changed it 3 times after it was written",
        ),
        (Quarantine("s", "d", "n", Cause.UNDONE, "r-7"), True, "r-7 was undone here"),
    ],
)
def test_a_quarantine_says_why(
    quarantine: Quarantine, is_set: bool, reason: str
) -> None:
    assert (quarantine.is_set, quarantine.reason) == (is_set, reason)


def test_the_words_that_the_store_keeps_stay_as_they_are() -> None:
    """Another word would set free whatever is left alone already."""
    assert [each.value for each in Cause] == ["refused", "edited", "undone"]


def test_what_is_not_said_of_a_quarantine_is_nothing() -> None:
    undone = Quarantine("s", "d", "n", Cause.UNDONE)
    assert (undone.code, undone.message, undone.count) == ("", "", 1)
    assert (undone.logics, undone.since) == ({}, None)


@pytest.mark.parametrize(
    ("logics", "is_outdated"),
    [
        ({"a": "1", "b": "2"}, False),
        ({"a": "1", "b": "2", "c": "3"}, False),
        ({"a": "1", "b": "9"}, True),
        ({"a": "1"}, True),
    ],
    ids=["as it was", "another rule beside", "another logic", "a rule left"],
)
def test_what_was_undone_is_free_when_one_of_its_rules_is_another(
    logics: dict[str, str], is_outdated: bool
) -> None:
    undone = Quarantine("s", "d", "n", Cause.UNDONE, "r-7", logics={"a": "1", "b": "2"})
    assert undone.is_outdated(logics) is is_outdated
    assert not replace(undone, logics={}).is_outdated(logics)


# ---- wars of edits -----------------------------------------------------------------

VALUES = st.sampled_from([None, 0, 1, "Open", "Open ", "Clear"])
NAMES = st.sampled_from(["status", "missing"])


@given(st.lists(st.tuples(NAMES, VALUES, VALUES, st.booleans()), max_size=10))
def test_an_edit_is_another_value_than_the_one_that_was_written_last(
    rounds: list[tuple[str, Any, Any, bool]],
) -> None:
    """Each round writes one flag over what stands there; some get no answer."""
    kept, written = Written(), dict[str, Any]()
    edits = 0
    for name, stands, value, is_answered in rounds:
        change = a_flag_write({name: stands}, {name: value})
        if name in written:
            ours = written.pop(name)
            texts = isinstance(ours, str) and isinstance(stands, str)
            same = ours.split() == stands.split() if texts else ours == stands
            edits += not same
        kept = kept.before(change)
        assert name not in kept.values
        status = WriteStatus.DONE if is_answered else WriteStatus.UNKNOWN
        kept = kept.after(change, an_answer(status))
        if is_answered:
            written[name] = value
        assert kept == Written(written, edits)
        assert (kept.war(change) is not None) is (edits >= 3)


def test_several_flags_changed_at_once_are_one_edit() -> None:
    ours = Written({"status": "Open", "open_count": 2}, edits=1)
    change = a_flag_write({"status": "Clear", "open_count": 0}, {"status": "Open"})

    assert ours.before(change) == Written({"open_count": 2}, edits=2)


@pytest.mark.parametrize(
    ("status", "is_ours"),
    [(each, each in {WriteStatus.DONE, WriteStatus.ADOPTED}) for each in WriteStatus],
)
def test_only_what_is_known_to_stand_there_counts_as_written(
    status: WriteStatus, is_ours: bool
) -> None:
    change = a_flag_write({}, {"status": "Open"})
    found = Written({"missing": "x"}, 2).after(change, an_answer(status))
    expected = {"missing": "x", **({"status": "Open"} if is_ours else {})}
    assert found == Written(expected, 2)


def test_a_war_ends_with_the_third_edit() -> None:
    change = a_flag_write({}, {"status": "Open"})
    assert Written(edits=2).war(change) is None
    assert Written(edits=4).war(change) == Quarantine(
        f"{DEAL_ID}:flags", DEAL_ID, NAME, Cause.EDITED, count=4
    )
