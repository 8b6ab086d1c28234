"""What stands in CRMs and stores for years, and what a value is when nothing is said.

The hashes were worked out with `sha256sum` and `base32`: another one would make every
task that exists a stranger, or every part of it a person's.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.context import Context
from gatekeeper.core.history.legs import legs
from gatekeeper.core.model import (
    EMPTY,
    LIMITED,
    Action,
    Change,
    Deal,
    DealBatch,
    Dossier,
    GoneReason,
    Obligation,
    ObligationId,
    ObligationState,
    Person,
    Receipt,
    TaskHint,
    TaskPart,
    TaskText,
    Unavailable,
    WriteStatus,
    short_hash,
    task_key,
    whole,
)
from tests.builders import NOW, a_context, a_deal, a_task


def test_the_key_of_a_task_is_for_ever() -> None:
    key = task_key("sf:00D", "006A", "deal_owner", "", 1)
    assert key == "gk1-4ueaz3bkpwswa7ldstf6uslfwn"


def test_parts_of_a_key_do_not_run_into_one_another() -> None:
    assert task_key("sf:00D", "006A", "deal_owner", "", 11) != task_key(
        "sf:00D", "006A", "deal_owner", "1", 1
    )


def test_a_hint_names_the_key_that_its_task_must_have() -> None:
    hint = TaskHint(ObligationId("006A", "deal_owner"), 1, "00T1")
    assert hint.key("sf:00D") == "gk1-4ueaz3bkpwswa7ldstf6uslfwn"


def test_a_part_of_a_task_is_known_by_eight_digits_over_its_words() -> None:
    assert short_hash("Call Ann") == short_hash(" Call\n  Ann ") == "108d6b79"


def test_each_part_of_a_task_has_its_own_hash() -> None:
    text = TaskText("005A", date(2026, 11, 27), "two missing", ("Amount", "Fill it in"))
    assert text.hashes() == {
        TaskPart.OWNER: "881caf79",
        TaskPart.DUE: "1630c263",
        TaskPart.SUBJECT: "f20a6557",
        TaskPart.BODY: "b6c933c9",
    }


def test_looking_into_the_past_of_a_deal_leaves_it_the_same_deal() -> None:
    deal, same = a_deal(), a_deal()
    legs(deal, a_context())
    assert deal.memo.past is not None
    assert deal == same


def test_what_is_not_said_of_a_deal_is_not_there() -> None:
    deal = Deal("sf:00D", "006A", "Acme", "Default", "Proposal", None, "", {})
    assert (deal.related, deal.stage_label, deal.flags) == ({}, "", None)
    assert DealBatch((deal,)).gone == {}
    kept = Dossier("sf:00D", "006A", "Acme", "Default", "Proposal", "")
    assert (kept.people, kept.instead, kept.addresses) == ({}, {}, {})
    assert (kept.tasks, kept.ahead, kept.adopted) == ((), (), ())
    assert (kept.inputs, kept.overlay) == ("", "")
    assert kept.is_readable
    assert not any((kept.is_enforced, kept.cannot_tell, kept.is_gone))
    receipt = Receipt("gk1-a", WriteStatus.DONE)
    assert (receipt.remote_id, receipt.code, receipt.message) == (None, "", "")


def test_what_is_not_said_of_a_change_is_not_in_it() -> None:
    change = Change(Action.CREATE, "gk1-a", "006A", "Acme")
    assert (change.id, change.remote_id, change.person_id) == (None, None, None)
    assert (change.write, change.hashes, change.before) == ({}, {}, {})
    assert (change.rule_ids, change.new_rule_ids) == ((), ())
    assert (change.inputs, change.reason) == ("", "")
    assert (change.episode, change.raised, change.fills_empty) == (0, 0, False)


def test_a_task_stands_on_its_deal_and_an_obligation_was_raised_once() -> None:
    whole_deal = ObligationId("006A", "deal_owner")
    assert whole_deal.group == ""
    owed = Obligation(whole_deal, 1, "gk1-a", ObligationState.INTENT, None, NOW)
    assert (owed.raised, owed.version, owed.due_on, owed.closed_at) == (
        0,
        0,
        None,
        None,
    )
    assert not a_task().is_loose


def test_a_standpoint_without_settings_is_the_products() -> None:
    plain = Context(NOW, ZoneInfo("UTC"), Calendar())
    assert (plain.currency, plain.rates, plain.pipelines) == ("USD", {}, {})
    assert (plain.week_starts_on, plain.fiscal_starts_in) == (0, 1)
    assert plain.ignore_stints_under.total_seconds() == 300


def test_standpoints_are_one_where_all_they_were_made_of_is() -> None:
    assert a_context() == a_context()
    assert a_context() != replace(a_context(), fiscal_starts_in=2)


@pytest.mark.parametrize("number", [-1, 0, 7, 10**20])
def test_a_whole_number_is_a_value_of_a_field(number: int) -> None:
    assert isinstance(whole(number), Decimal)
    assert whole(number) == number


def test_words_that_stores_and_logs_keep_stay_the_same() -> None:
    assert [each.value for each in GoneReason] == ["deleted", "unreadable"]
    assert [each.value for each in TaskPart] == ["owner", "due", "subject", "body"]
    assert [each.value for each in ObligationState] == [
        "intent", "open", "resolving", "resolved", "closed_by_person", "orphaned",
    ]  # fmt: skip
    assert [each.value for each in Action] == ["create", "update", "close", "flag"]
    assert [each.value for each in WriteStatus] == [
        "done", "adopted", "rejected", "unknown", "gone", "not_attempted",
        "locked",
    ]  # fmt: skip
    assert LIMITED == "LIMITED"
    assert repr(EMPTY) == "EMPTY"


def test_a_person_works_here_and_a_value_is_not_there_unless_that_is_said() -> None:
    assert Person("005A", "Ann").is_active
    assert not Unavailable("no access").is_there
    assert repr(Unavailable("no", is_there=True)) == repr(Unavailable("no"))
