"""What a seller reads, sentence by sentence from the design."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.model import EMPTY, Finding, Money, Standing
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import (
    compile_line,
    message_template,
)
from gatekeeper.language.parser.line import parse
from tests.builders import dollars
from tests.language.scopes import SCOPE
from tests.language.test_logic import CONTEXT, HIDDEN, a_case

if TYPE_CHECKING:
    from gatekeeper.core.model import Deal, FieldValue, Row


def finding(text: str, deal: Deal | None = None, *, blank: bool = False) -> Finding:
    line = compile_line(check(parse(text), SCOPE), blank_passes=blank)
    return line.explain(deal or a_case(), CONTEXT)


def with_rows(collection: str, *rows: Row) -> Deal:
    return replace(a_case(), related={collection: rows})


def _table(text: str) -> list[tuple[str, ...]]:
    blocks = [block.splitlines() for block in text.strip("\n").split("\n\n")]
    return [tuple(block) for block in blocks]


# One block per check: the check, what `explain` says, what a task says if it differs.
# The deals are those of test_logic: $50,000.00, Friday 20 November 2026.
SENTENCES = """
amount >= 60k
Amount is 50,000.00; it must be at least 60,000.00.

amount < $min_amount
Amount is 50,000.00; it must be less than 50,000.00.

amount != 50k
Amount is 50,000.00; it must not be 50,000.00.

amount not between 1 and 50k
Amount is 50,000.00; it must not be between 1.00 and 50,000.00.

signature_date is filled
Signature Date is empty.

signature_date on or before close_date
Signature Date is empty; it must be on or before Close Date (18 Dec 2026).

close_date on or after signature_date
Signature Date is empty; Close Date must be on or after Signature Date.

signature_date is empty and next_step is empty
Next Step is "Send redlines to Procurement"; it must be empty.

length(next_step) >= 40
Next Step has 28 characters; it must have at least 40 characters.

security_review in ["Approved", "Not required"]
Security Review is "In progress"; it must be Approved or Not required.

security_review not in ["In progress"]
Security Review is "In progress"; it must not be In progress.

lead_source = "Web"
Lead Source is empty; it must be Web.

champion > "Partial"
Champion is "Partial"; it must be above Partial.

competitors includes all of ["Acme", "Beta Corp"] and competitors includes none of ["Acme"]
Competitors is Acme and Beta Corp; it must include none of Acme.

next_step contains ["call", "mail"]
Next Step is "Send redlines to Procurement"; it must contain "call" or "mail".

next_step not contains "redlines"
Next Step is "Send redlines to Procurement"; it must not contain "redlines".

discount > 20%
Discount is 10%; it must be more than 20%.

is_renewal is true
Renewal is no; it must be yes.

is_won is false
Won is yes; it must be no.

stage after "Proposal"
Stage is "Value Proposition"; it must be after Proposal.

sponsor = owner
Sponsor is Ann Rep; it must be Owner (Bo).

close_date before today
Close Date is 18 Dec 2026; it must be before today.

close_date within last 14 days
Close Date is 18 Dec 2026, which is in the future; it must be within the last 14 days.
Close Date is 18 Dec 2026; it must be within the last 14 days.

created_on within last 30 days
Created On is 3 Aug 2026, 109 days ago; it must be within the last 30 days.
Created On is 3 Aug 2026; it must be within the last 30 days.

close_date in this month
Close Date is 18 Dec 2026; it must be in this month.

days_since(created_on) <= 30
Days since Created On is 109; it must be at most 30.
Created On is 3 Aug 2026; Days since Created On must be at most 30.

days_between(created_on, close_date) < 100
Days from Created On to Close Date is 137; it must be less than 100.

is_renewal
Renewal is no; it must be yes.

is_big_deal is true
Is big deal: Amount is 50,000.00; it must be at least 250,000.00.

is_big_deal is false and amount / (amount + 10k) > 100%
Amount divided by Amount plus 10,000.00 is 0.8333; it must be more than 100%.

latest(held.start) within last 7 days
The last meeting was on 6 Nov 2026, 14 days ago; it must be within the last 7 days.
The last meeting was on 6 Nov 2026; one within 7 days is needed.

abs(sum(line_items.total) - amount) <= 0.5% * amount
Line items add up to 49,600.50, Amount is 50,000.00: a difference of 399.50, allowed 250.00.

at least 2 contacts where role in ["Economic Buyer", "Champion", "Technical Buyer"]
1 of the 3 contacts has the role Economic Buyer, Champion or Technical Buyer; at least 2 are needed.

some contacts where role = "Economic Buyer" and email is filled
None of the 3 contacts has the role Economic Buyer and email filled; at least 1 is needed.

at least 4 contacts
There are 3 contacts; at least 4 are needed.

some quotes
There are no quotes; at least 1 is needed.

at least 2 quotes where status = "Presented"
There are no quotes; at least 2 with the status Presented are needed.

no contacts where role = "User"
1 of the 3 contacts has the role User (1 contact with empty role was not counted); none is allowed.

some meetings where start within last 5 days
None of the 2 meetings has a start within the last 5 days; at least 1 is needed.
At least 1 meeting with a start within the last 5 days is needed.

not (at least 2 contacts where name is filled)
3 of the 3 contacts have name filled; at most 1 is allowed.

not (some contacts where name is filled)
3 of the 3 contacts have name filled; none is allowed.

no meetings where start before now
1 of the 2 meetings has a start before now; none is allowed.
No meeting with a start before now is allowed.

every contact where (email is filled) has role = "Champion"
1 of the 2 contacts with email filled does not have the role Champion; every one must.

sum(line_items.total) >= amount
Line items add up to 49,600.50; it must be at least Amount (50,000.00).

sum(line_items.quantity where total > 20k) >= 5
The sum of quantity of line items with total more than 20,000.00 is 2; it must be at least 5.

every line_item has quantity > 1
1 of the 2 line items does not have quantity more than 1; every one must.

at least 4 of meddppicc is filled
3 of the 3 fields of Meddppicc are filled; at least 4 are needed.

amount > 60k or signature_date is filled
None of these holds: Amount is 50,000.00; it must be more than 60,000.00; or: Signature Date is empty.

amount > 60k and discount > 1%
Amount is 50,000.00; it must be more than 60,000.00.

is_won and (type = "x" and amount > 60k or discount > 20%)
None of these holds: Amount is 50,000.00; it must be more than 60,000.00; or: Discount is 10%; it must be more than 20%.

amount > 60k and discount > 20% and is_won
Amount is 50,000.00; it must be more than 60,000.00. Discount is 10%; it must be more than 20%.

is_big_deal
Is big deal: Amount is 50,000.00; it must be at least 250,000.00.

not (amount > 5 or is_won)
Amount is 50,000.00; it must not be more than 5.00; and Won is yes; it must be no.

text_like(name, "{account.name} - new {rest}")
Name is "Acme - renewal 2026"; it must read like "Acme - new {rest}" (it does not fit at " - new ").

type is filled
Cannot tell: the integration user may not read it.

count(contacts where role is filled) >= 3
The number of contacts with role filled is 2; it must be at least 3.

amount >= 1
Amount is 50,000.00: met.
"""  # noqa: E501  (each sentence stands on one line, as people read it)


@pytest.mark.parametrize("row", _table(SENTENCES), ids=lambda row: row[0][:40])
def test_a_finding_reads_as_the_design_says(row: tuple[str, ...]) -> None:
    text, sentence, *lasting = row
    found = finding(text)

    assert found.text == sentence
    assert found.lasting_text == (lasting[0] if lasting else sentence)


def test_an_empty_amount_says_so_and_what_is_needed() -> None:
    found = finding("amount >= $min_amount", a_case(amount=EMPTY))

    assert found.text == "Amount is empty; it must be at least 50,000.00."
    assert found.because_empty
    assert (found.observed, found.expected) == ("empty", "at least 50,000.00")


def test_observed_and_expected_are_the_values_alone() -> None:
    found = finding('security_review in ["Approved", "Not required"]')

    assert (found.observed, found.expected) == (
        "In progress",
        "Approved or Not required",
    )
    assert not found.because_empty


def test_a_placeholder_is_quoted() -> None:
    found = finding("next_step is filled", a_case(next_step="tbd"))

    assert found.text == 'Next Step is "tbd", which counts as empty.'
    assert found.because_empty


def test_no_meeting_at_all() -> None:
    nobody = with_rows("meetings")
    found = finding("latest(held.start) within last 14 days", nobody)

    assert found.text == "There is no meeting before now."
    assert found.because_empty


def test_the_only_row_is_named_as_such() -> None:
    deal = with_rows("line_items", {"product": "Basic", "quantity": Decimal(0)})

    found = finding("some line_items where quantity > 0", deal)

    assert found.text == (
        "The only line item does not have quantity more than 0; at least 1 is needed."
    )


def test_money_of_another_currency_shows_both() -> None:
    deal = a_case(amount=Money(Decimal(40_000), "EUR"))

    assert finding("amount >= $min_amount", deal).text == (
        "Amount is 40,000.00 EUR (44,000.00 USD); it must be at least 50,000.00."
    )


def test_money_without_a_rate_that_should_not_be_there_is_said() -> None:
    deal = a_case(amount=Money(Decimal(40_000), "CHF"))

    assert finding("amount is empty", deal).text == (
        "Amount is filled; it must be empty."
    )


def test_rows_are_listed_with_what_decided() -> None:
    found = finding('at least 2 contacts where role in ["Economic Buyer", "Champion"]')

    assert found.details == (
        "counted: Dana Fox (Champion)",
        "not counted: Lee Park (role is empty), Ana Ruiz (User)",
    )
    assert (found.observed, found.expected) == ("1 of 3", "at least 2 are needed")


def test_a_blank_that_passes_is_met() -> None:
    found = finding("signature_date <= today", blank=True)

    assert found.standing is Standing.MET
    assert found.text == "Signature Date is empty, which is allowed: met."
    assert not found.because_empty


def test_the_halves_of_an_and_are_findings_of_their_own() -> None:
    found = finding("amount > 60k and is_won and type is filled")

    assert [part.standing for part in found.parts] == [
        Standing.NOT_MET,
        Standing.MET,
        Standing.CANNOT_TELL,
    ]
    assert found.standing is Standing.NOT_MET


def test_a_line_carries_its_own_title_and_fix() -> None:
    checked = check(parse("amount > 60k"), SCOPE)
    text = "Raise {amount} to {$min_amount} or {min_amount}."
    fix = message_template(text, SCOPE).filled
    found = compile_line(checked, title="Big", fix=fix).explain(a_case(), CONTEXT)

    assert found.title == "Big"
    assert found.fix == "Raise 50,000.00 to 50,000.00 or 50,000.00."
    assert found.line == "amount > 60000"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("By {close_date}.", "By 18 Dec 2026."),
        ("Ask {owner}.", "Ask Bo."),
        ("{deal.name}: {account.name}", "Acme - renewal 2026: Acme"),
        ("{security_review}", "In progress"),
        ("{signature_date}", "(signature_date is empty)"),
        ("{type}", "(type is not known)"),
        ("within {$idle}", "within 14 days"),
        ("no placeholders", "no placeholders"),
    ],
)
def test_placeholders_are_filled(text: str, expected: str) -> None:
    fill = message_template(text, SCOPE).filled
    assert fill(a_case(), CONTEXT) == expected


def test_a_text_says_which_fields_and_parameters_it_shows() -> None:
    template = message_template("{close_date} {account.name} {$min_amount}", SCOPE)

    assert template.needs.fields == {"close_date", "account.name"}
    assert template.params == {"min_amount"}


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (dollars("1234567.891"), "1,234,567.89"),
        (dollars(0), "0.00"),
        (dollars(-5), "-5.00"),
    ],
)
def test_an_amount_is_written_with_thousands_and_cents(
    value: FieldValue, shown: str
) -> None:
    found = finding("amount > 9_999_999", a_case(amount=value))

    assert found.observed == shown


def test_a_moment_is_shown_in_local_time() -> None:
    deal = a_case(signed_at=datetime(2026, 11, 20, 1, 5, tzinfo=UTC))

    assert finding("signed_at after now", deal).text == (
        "Signed At is 19 Nov 2026 20:05; it must be after now."
    )


def test_a_hidden_row_value_is_said_to_be_unknown() -> None:
    deal = with_rows(
        "contacts",
        {"name": "Dana Fox", "role": HIDDEN},
        {"name": "Lee Park", "role": "User"},
    )

    found = finding('no contacts where role = "User"', deal)

    assert found.standing is Standing.NOT_MET
    assert found.details == (
        "counted: Lee Park (User)",
        "not counted: Dana Fox (role is not known)",
    )


def test_a_long_value_is_cut() -> None:
    found = finding('next_step = "short"', a_case(next_step="long " * 100))

    assert len(found.observed) <= 200
    assert found.observed.endswith("…")


def test_a_date_far_in_the_past_is_fine() -> None:
    deal = a_case(close_date=date(1, 1, 1))

    assert finding("close_date after today", deal).text == (
        "Close Date is 1 Jan 1; it must be after today."
    )


def test_a_value_that_each_row_has_for_itself_is_named_without_one():
    start = datetime(2026, 11, 1, tzinfo=UTC)
    deal = with_rows("meetings", {"start": start, "end": start})
    found = finding("some meetings where start after end", deal)
    assert found.text == (
        "The only meeting does not have a start after End; at least 1 is needed."
    )
