from __future__ import annotations

from dataclasses import replace
from decimal import Decimal
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import (
    SUPPORTED_STAGE,
    Choice,
    CrmField,
    Kind,
    Pipeline,
    Stage,
)
from gatekeeper.core.pack import Needs
from gatekeeper.language.checker import check
from gatekeeper.language.compiler.line import CheckError, message_template
from gatekeeper.language.messages import Place, frame
from gatekeeper.language.parser.line import parse
from gatekeeper.language.scope import DefineSpec, ParamSpec
from tests.language.scopes import CATALOGUE, OFFLINE, SCHEMA, SCOPE

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.language.messages import Message
    from gatekeeper.language.scope import Scope


def _said(text: str, scope: Scope = SCOPE) -> str:
    """Return every message about a check, framed as in line 27 of a file."""
    with pytest.raises(CheckError) as caught:
        check(parse(text), scope)
    return _framed(text, caught.value.mistakes)


def _framed(text: str, messages: Iterable[Message]) -> str:
    return "\n".join(
        frame(
            Place("r.yaml", 27, at.span.start + 1, at.span.end - at.span.start, text),
            at.code,
            at.text,
            at.help,
            warns=at.is_warning,
        )
        for at in messages
    )


def _shown(whole: str) -> str:
    return dedent(whole).strip("\n")


def _rows(table: str) -> list[tuple[str, ...]]:
    """Split a table of check, carets, sentence and help (or nothing)."""
    blocks = [block.splitlines() for block in table.strip("\n").split("\n\n")]
    return [tuple((*block, "")[:4]) for block in blocks]


# One entry per sentence: the check, carets under it, code and sentence, help if any.
MISTAKES = """
amonut >= $min_amount
^^^^^^
E401: there is no field "amonut" on the deal.
did you mean "amount" (money; Salesforce Amount)? List all fields with: gatekeeper fields list

zzzzz is filled
^^^^^
E401: there is no field "zzzzz" on the deal.
list all fields with: gatekeeper fields list

account.segmnt = "SMB"
^^^^^^^^^^^^^^
E401: there is no field "segmnt" on the account.
did you mean "account.segment" (picklist; Salesforce Segment__c)? List all fields with: gatekeeper fields list

some contacts where rol = "User"
                    ^^^
E401: there is no field "rol" on contacts.
did you mean "role" (picklist; Salesforce Role)? List all fields with: gatekeeper fields list

custom.Pilot__c is filled
^^^^^^^^^^^^^^^
E401: the deal has no field "Pilot__c" in Salesforce.
did you mean "custom.Pilot_Result__c"?

NextStep is filled
^^^^^^^^
E402: NextStep is Salesforce's name; the canonical name is next_step.

Pilot_Result__c = "Success"
^^^^^^^^^^^^^^^
E402: Pilot_Result__c is Salesforce's name.
custom.Pilot_Result__c

CloseDate is filled
^^^^^^^^^
E402: CloseDate is Salesforce's name; the canonical name is close_date.

contacts is filled
^^^^^^^^
E404: contacts is a list of rows; say some contacts, count(contacts) or every contact has ...
some contacts

held is filled
^^^^
E404: held is a list of rows; say some held, count(held) or every held has ...
some held

role = "Champion"
^^^^
E405: role is a field of contacts, not of the deal.
some contacts where role = "Champion"

some contacts where amount > 5
                    ^^^^^^
E405: amount is a field of the deal, not of contacts.
deal.amount

some contacts where (some meetings)
                     ^^^^^^^^^^^^^
E407: "some meetings" may not stand inside a "where".
write it as a line of its own.

some siblings where days_in_stage() > 5
                    ^^^^^^^^^^^^^^^
E409: days_in_stage() asks for the past, which no "where" of siblings can tell.
compare their fields, such as stage, created_on or close_date; this deal's own past is asked for in a line of its own.

no siblings where close_date changed within last 30 days
                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E409: close_date changed within last 30 days asks for the past, which no "where" of siblings can tell.
compare their fields, such as stage, created_on or close_date; this deal's own past is asked for in a line of its own.

close_date <= 14
^^^^^^^^^^^^^^^^
E411: close_date is a date and 14 is a number.
close_date within next 14 days, or days_until(close_date) <= 14

amount > "much"
^^^^^^^^^^^^^^^
E411: amount is money and "much" is text.

amount after 5k
^^^^^^^^^^^^^^^
E411: amount is money, not a date or a stage.
amount > 5000

5 on or before count(contacts)
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E411: count(contacts) is a number, not a date or a stage.
5 <= count(contacts)

champion before "Partial"
^^^^^^^^^^^^^^^^^^^^^^^^^
E411: champion is a picklist, not a date or a stage.
champion < "Partial"

amount + close_date > 5
^^^^^^^^^^^^^^^^^^^
E411: amount is money and close_date is a date.

close_date + 14 > today
^^^^^^^^^^^^^^^
E411: close_date is a date and 14 is a number.
close_date + 14 days

close_date + 3 hours > today
^^^^^^^^^^^^^^^^^^^^
E411: close_date is a date and 3 hours is a length of time.

close_date within last 3 hours
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E411: close_date is a date; it has no hours to count.
count in days or business days.

amount >= $buyers
          ^^^^^^^
E411: $buyers is a list.
in $buyers

at least $idle contacts
         ^^^^^
E411: $idle is a length of time, not a number of rows.

-next_step > 5
^^^^^^^^^^
E411: next_step is text, not a number.

amount is true
^^^^^^^^^^^^^^
E411: amount is money, not yes/no.

amount within last 3 days
^^^^^^
E411: amount is money, not a date.

amount in ["a"]
^^^^^^^^^^^^^^
E411: amount is money and "a" is text.

amount between 1 and "a"
^^^^^^^^^^^^^^^^^^^^^^^^
E411: amount is money and "a" is text.

amount contains "a"
^^^^^^^^^^^^^^^^^^^
E411: amount is money and "a" is text.

signed_at within last 3 business hours
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E411: business hours are not counted.
count in days or business days.

close_date within last $needed
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E411: close_date is a date and $needed is a number.

days_until(close_date) <= 2 months
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E411: 2 months is not always the same number of days.
give the length in days or weeks.

next_step > "a"
          ^
E412: text has no order: ">" cannot be used with next_step.

security_review >= "Approved"
                ^^
E412: a picklist has no order: ">=" cannot be used with security_review.
write ordered: true at the field in fields.yaml, or compare with =

is_renewal between is_won and is_won
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E412: yes/no has no order: "between" cannot be used with is_renewal.

security_review includes any of ["Approved"]
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E413: security_review is a picklist, one value; compare with = or in [...].

competitors contains "x"
^^^^^^^^^^^
E414: competitors holds several values; use "includes any of [...]".

next_step
^^^^^^^^^
E416: "next_step" alone is not a condition.
next_step is filled?

some of medpic is filled
        ^^^^^^
E403: there is no group "medpic".
did you mean "meddppicc"?

some of meddppicc changed within last 3 days
        ^^^^^^^^^
E411: account.segment is no field of the deal itself; only its own past is kept.

supported_stage(1) = "Proposal"
^^^^^^^^^^^^^^^^^^
E422: supported_stage() takes nothing: supported_stage()

count(5) > 2
^^^^^^^^
E422: count() takes rows: count(contacts where role = "Champion")

text_like(name) is true
^^^^^^^^^^^^^^^
E422: text_like() takes a text and a pattern in quotes: text_like(name, "{account.name} - {rest}")

text_like(amount, "x")
^^^^^^^^^^^^^^^^^^^^^^
E422: text_like() takes a text and a pattern in quotes: text_like(name, "{account.name} - {rest}")

coalesce(amount, next_step) is filled
^^^^^^^^^^^^^^^^^^^^^^^^^^^
E422: coalesce() takes two or more values of one type: coalesce(discount, 0%)

next_step matches lead_source
                  ^^^^^^^^^^^
E425: the pattern must be a text in quotes.

forecast_category contains "x"
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E413: forecast_category is a picklist; compare with = or in [...].

competitors = "Acme"
^^^^^^^^^^^
E414: competitors holds several values; use "includes any of [...]".

is_renewal = "yes"
^^^^^^^^^^^^^^^^^^
E415: is_renewal is yes/no; write "is_renewal is true".

amount
^^^^^^
E416: "amount" alone is not a condition.
amount is filled? amount > 0?

close_date
^^^^^^^^^^
E416: "close_date" alone is not a condition.
close_date is filled? close_date on or before today?

discount <= 0.2
            ^^^
E417: discount is a percentage; 0.2 would mean 0.2%.
write 20%.

dayssince(close_date) > 3
^^^^^^^^^
E421: there is no function "dayssince".
days_since(date)

pushes(close_date) <= 2
^^^^^^^^^^^^^^^^^^
E422: pushes() takes a date field and a window: pushes(close_date, last 90 days)

days_since(amount) <= 2
^^^^^^^^^^^^^^^^^^
E422: days_since() takes a date: days_since(created_on)

latest(meetings.subject) = "x"
^^^^^^^^^^^^^^^^^^^^^^^^
E422: latest() takes a date of rows: latest(meetings.start)

sum(amount) > 5
^^^^^^^^^^^
E422: sum() takes a number of rows: sum(line_items.total)

amount >= $min_amout
          ^^^^^^^^^^
E423: $min_amout is not declared under params.
did you mean $min_amount (enterprise.rules.yaml:14)?

discount <= $max_discout
            ^^^^^^^^^^^^
E423: $max_discout is not declared under params.
did you mean $max_discount?

ping
^^^^
E424: ping uses pong, which uses ping.

itself
^^^^^^
E424: itself uses itself.

broken
^^^^^^
E401: in broken: there is no field "amonut" on the deal.
did you mean "amount" (money; Salesforce Amount)? List all fields with: gatekeeper fields list

next_step matches "(?=x)"
                  ^^^^^^^
E425: the pattern uses look-ahead "(?=", which is not supported (patterns must run in linear time).

next_step matches "(a)\\1"
                  ^^^^^^^
E425: the pattern uses the back-reference "\\1", which is not supported (patterns must run in linear time).

next_step matches "(a"
                  ^^^^
E425: the pattern cannot be read: missing ): (a.

pushes(close_date)
^^^^^^^^^^^^^^^^^^
E422: pushes() takes a date field and a window: pushes(close_date, last 90 days)

pushes(amount, last 90 days) > 2
^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E422: pushes() takes a date field and a window: pushes(close_date, last 90 days)

pushes(close_date, next 90 days) > 2
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E422: pushes() takes a date field and a window: pushes(close_date, last 90 days)

days_in_stage("Proposal") <= 45
^^^^^^^^^^^^^^^^^^^^^^^^^
E422: days_in_stage() takes nothing: days_in_stage()

visited("Discvery")
        ^^^^^^^^^^
E503: pipeline Enterprise has no stage "Discvery".
did you mean "Discovery"? Stages in order: Qualification, Discovery, Solution Validation, Proposal, Closed Won, Closed Lost

changes(account.segment, last 30 days) > 0
        ^^^^^^^^^^^^^^^
E411: account.segment is no field of the deal itself; only its own past is kept.

value_on_entry(is_closed) is true
^^^^^^^^^^^^^^^^^^^^^^^^^
E422: value_on_entry() takes a field, and a stage if not this one: value_on_entry(amount, "Proposal")

changes(amount, since next_step) > 0
                      ^^^^^^^^^
E411: next_step is text, not a date.

some contacts where role = "Econonic Buyer"
                           ^^^^^^^^^^^^^^^^
E502: "Econonic Buyer" is not a value of contacts.role in Salesforce.
did you mean "Economic Buyer"? Active values: Champion, Economic Buyer, Technical Buyer, User

some emails where direction = "inbond"
                              ^^^^^^^^
E502: "inbond" is not a value of emails.direction.
did you mean "inbound"? Active values: inbound, outbound

some account.activities where kind = "phone call"
                                     ^^^^^^^^^^^^
E502: "phone call" is not a value of account.activities.kind.
did you mean "call"? Active values: meeting, call, email, task, note

competitors includes any of ["Gamma"]
                             ^^^^^^^
E502: "Gamma" is not a value of competitors in Salesforce.
Active values: Acme, Beta Corp

stage after "Solution Validated"
            ^^^^^^^^^^^^^^^^^^^^
E503: pipeline Enterprise has no stage "Solution Validated".
did you mean "Solution Validation"? Stages in order: Qualification, Discovery, Solution Validation, Proposal, Closed Won, Closed Lost

is_renewal is not true
^^^^^^^^^^^^^^^^^^^^^^
E408: "is not true" leaves open what an empty value means.
say is false, or is empty.

amount + 5 changed within last 3 days
^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
E411: amount + 5 is no field; only a field can change.

next_step changed within last $needed
                              ^^^^^^^
E411: $needed is a number, not a length of time.

stage = Proposal
        ^^^^^^^^
E316: Proposal is not a field. If you mean the stage, write "Proposal" in quotes.
"""  # noqa: E501  (each sentence stands on one line, as people read it)


@pytest.mark.parametrize("row", _rows(MISTAKES), ids=lambda row: row[2][:4])
def test_a_mistake_is_said_in_the_words_of_the_design(row: tuple[str, ...]) -> None:
    text, carets, sentence, remedy = row
    column = len(carets) - len(carets.lstrip()) + 1
    expected = [
        f"r.yaml:27:{column}: error {sentence}",
        f"   27 | {text}",
        f"      | {carets}",
        *([f"  help: {remedy}"] if remedy else []),
    ]

    assert _said(text) == "\n".join(expected)


@pytest.mark.parametrize(
    ("many", "meant"),
    [
        (200, 'did you mean "is_large"? List all fields with: gatekeeper fields list'),
        (201, "list all fields with: gatekeeper fields list"),
    ],
)
def test_of_more_definitions_than_anybody_knows_none_is_offered(
    many: int, meant: str
) -> None:
    """200 are looked through; what a mistake costs must not grow with its file."""
    defines = {"is_large": DefineSpec("is_large", parse("amount > 5"))}
    for number in range(1, many):
        defines[f"q{number}"] = DefineSpec(f"q{number}", parse("amount > 5"))
    with pytest.raises(CheckError) as caught:
        check(parse("is_larg"), replace(SCOPE, defines=defines))
    assert [each.help for each in caught.value.mistakes] == [meant]


@pytest.mark.parametrize(
    ("many", "meant"),
    [
        (200, "did you mean $least?"),
        (201, 'declare it under "params" with a type and a value.'),
    ],
)
def test_of_more_params_than_anybody_knows_none_is_offered(
    many: int, meant: str
) -> None:
    params = {"least": ParamSpec("least", Kind.NUMBER, Decimal(5))}
    for number in range(1, many):
        params[f"q{number}"] = ParamSpec(f"q{number}", Kind.NUMBER, Decimal(5))
    with pytest.raises(CheckError) as caught:
        check(parse("amount > $leas"), replace(SCOPE, params=params))
    assert [each.help for each in caught.value.mistakes] == [meant]


def test_an_unknown_collection_lists_the_others() -> None:
    four = ("contacts", "line_items", "meetings", "quotes", "tasks")
    few = replace(
        CATALOGUE,
        collections={name: CATALOGUE.collections[name] for name in four},
    )

    assert _said("at least 2 contact", replace(SCOPE, catalogue=few)) == _shown(
        """
        r.yaml:27:12: error E403: there is no collection "contact".
           27 | at least 2 contact
              |            ^^^^^^^
          help: did you mean "contacts"? Others: line_items, meetings, quotes, tasks.
        """
    )


def test_all_mistakes_of_a_line_are_found_at_once() -> None:
    with pytest.raises(CheckError) as caught:
        check(parse("amonut > 5 and (next_step > 3 or $nope < 4)"), SCOPE)

    codes = [(at.code, at.span.start) for at in caught.value.mistakes]
    assert codes == [("E401", 0), ("E411", 16), ("E423", 33)]


def test_definitions_lie_at_most_four_deep() -> None:
    from gatekeeper.language.scope import DefineSpec  # noqa: PLC0415

    chain = {
        f"d{depth}": DefineSpec(f"d{depth}", parse(f"d{depth + 1}"))
        for depth in range(1, 5)
    }
    chain["d5"] = DefineSpec("d5", parse("amount > 5"))
    scope = replace(SCOPE, defines=chain)

    assert check(parse("d2"), scope).needs.fields == {"amount"}
    assert _said("d1", scope) == _shown(
        """
        r.yaml:27:1: error E424: in d4: d1 is 5 definitions deep; at most 4.
           27 | d1
              | ^^
        """
    )


def test_a_history_the_crm_does_not_keep_is_said_and_the_line_stands() -> None:
    line = "signature_date changed within last 30 days"

    checked = check(parse(line), SCOPE)

    assert checked.needs.history == {"signature_date"}
    assert _framed(line, checked.warnings) == _shown(
        """
        r.yaml:27:1: error E508: signature_date changed within last 30 days needs history, but field tracking is off for Signature_Date__c.
           27 | signature_date changed within last 30 days
              | ^^^^^^^^^^^^^^
          help: switch on field history tracking; answers become possible from that day on.
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("count", "listed"),
    [(10, "1, 2, 3, 4, 5, 6, 7, 8, 9, 10"), (11, "1, 2, 3, 4, 5, 6, 7, 8, 9, 10, ...")],
)
def test_up_to_ten_values_of_a_picklist_are_listed(count: int, listed: str) -> None:
    choices = tuple(Choice(str(number), str(number)) for number in range(1, count + 1))
    assert SCOPE.schema
    known = replace(SCOPE.schema.fields["champion"], choices=choices)
    schema = replace(SCOPE.schema, fields={"champion": known})

    with pytest.raises(CheckError) as caught:
        check(parse('champion = "Strong"'), replace(SCOPE, schema=schema))

    assert [each.help for each in caught.value.mistakes] == [f"Active values: {listed}"]


@pytest.mark.parametrize(
    ("line", "fields", "history"),
    [
        ("changed_by(amount) is filled", {"created_by", "amount"}, {"amount"}),
        ("last_changed(amount) is filled", {"amount"}, {"amount"}),
        (
            "changes(custom.Pilot_Result__c, last 3 days) > 1",
            {"custom.Pilot_Result__c"},
            {"custom.Pilot_Result__c"},
        ),
    ],
)
def test_a_question_about_the_past_says_which_history_it_needs(
    line: str, fields: set[str], history: set[str]
) -> None:
    """A value given at creation is no change: its person is who created the deal."""
    needs = check(parse(line), SCOPE).needs

    assert needs.fields == frozenset(fields)
    assert needs.history == frozenset(history)


def test_an_inactive_value_is_a_warning() -> None:
    line = 'security_review = "Legacy"'

    assert _framed(line, check(parse(line), SCOPE).warnings) == _shown(
        """
        r.yaml:27:19: warning W511: "Legacy" exists but is inactive; only old deals can have it.
           27 | security_review = "Legacy"
              |                   ^^^^^^^^
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    "text",
    [
        'security_review = "Anything"',
        'stage = "Anywhere"',
        "custom.Whatever__c >= 5",
        'custom.Whatever__c = "x" or custom.Other__c is true',
    ],
)
def test_without_the_schema_values_are_taken_as_written(text: str) -> None:
    assert check(parse(text), OFFLINE).warnings == ()


@pytest.mark.parametrize(
    ("text", "fields", "collections"),
    [
        ("amount >= $min_amount", {"amount"}, {}),
        ("account.segment is filled", {"account.segment"}, {}),
        ("is_big_deal", {"amount"}, {}),
        ("some contacts", set(), {"contacts": {"name"}}),
        (
            "count(held) > half / 1000 or deal.amount > 5",
            {"amount"},
            {"meetings": {"start", "subject"}},
        ),
        (
            "every line_item has total >= $list_price * quantity",
            set(),
            {"line_items": {"product", "quantity", "total"}},
        ),
        (
            "latest(account.meetings.start) within last $idle_by_segment",
            {"account.segment"},
            {"account.meetings": {"start", "subject"}},
        ),
        (
            'some siblings where stage = "Proposal"',
            set(),
            {"siblings": {"name", "stage", "pipeline"}},
        ),
        ("custom.Pilot_Result__c is filled", {"custom.Pilot_Result__c"}, {}),
        ('supported_stage() = "Proposal"', {SUPPORTED_STAGE}, {}),
        ("some contacts where role = name", set(), {"contacts": {"name", "role"}}),
    ],
)
def test_a_line_says_what_it_reads(
    text: str, fields: set[str], collections: dict[str, set[str]]
) -> None:
    needs = check(parse(text), SCOPE).needs

    assert needs == Needs(
        frozenset(fields),
        {name: frozenset(used) for name, used in collections.items()},
    )


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("amount >= 50000", "Amount >= 50_000".replace("A", "a")),
        ("amount >= 50k", "(amount >= 50_000)"),
        ("not (is_renewal is true)", "NOT is_renewal is true"),
    ],
)
def test_spelling_is_no_logic(one: str, other: str) -> None:
    first, second = (check(parse(text), SCOPE).canonical for text in (one, other))

    assert first == second


def test_the_value_of_a_parameter_is_logic() -> None:
    raised = replace(SCOPE.params["min_amount"], value=SCOPE.params["needed"].value)
    changed = replace(SCOPE, params={**SCOPE.params, "min_amount": raised})
    line = parse("amount >= $min_amount")

    assert check(line, SCOPE).canonical != check(line, changed).canonical


def test_the_inside_of_a_definition_is_logic() -> None:
    other = replace(SCOPE.defines["is_big_deal"], body=parse("amount >= 300k"))
    changed = replace(SCOPE, defines={**SCOPE.defines, "is_big_deal": other})
    line = parse("is_big_deal")

    assert check(line, SCOPE).canonical != check(line, changed).canonical


def test_an_undecided_parameter_is_noted() -> None:
    assert check(parse("amount >= $later"), SCOPE).uses_undecided
    assert not check(parse("amount >= $min_amount"), SCOPE).uses_undecided


@pytest.mark.parametrize(
    ("fix", "expected"),
    [
        (
            "Raise {ammount} now.",
            """
            r.yaml:27:7: error E426: the fix text mentions {ammount}; did you mean {amount}?
               27 | Raise {ammount} now.
                  |       ^^^^^^^^^
            """,  # noqa: E501
        ),
        (
            "Ask {zzzzzzz}.",
            """
            r.yaml:27:5: error E426: the fix text mentions {zzzzzzz}, which is no field or param.
               27 | Ask {zzzzzzz}.
                  |     ^^^^^^^^^
            """,  # noqa: E501
        ),
    ],
)
def test_an_unknown_placeholder_offers_the_nearest_name(
    fix: str, expected: str
) -> None:
    with pytest.raises(CheckError) as caught:
        message_template(fix, SCOPE)

    assert _framed(fix, caught.value.mistakes) == _shown(expected)


def test_a_stage_that_none_of_several_pipelines_has_names_them_all() -> None:
    renewals = Pipeline("Renewals", (Stage("Notice", ("Notice",)),))
    scope = replace(SCOPE, pipelines={**SCOPE.pipelines, "Renewals": renewals})

    assert _said('stage = "Discvery"', scope) == _shown(
        """
        r.yaml:27:9: error E503: none of the pipelines Enterprise and Renewals has a stage "Discvery".
           27 | stage = "Discvery"
              |         ^^^^^^^^^^
          help: did you mean "Discovery"? Stages in order: Qualification, Discovery, Solution Validation, Proposal, Closed Won, Closed Lost, Notice
        """  # noqa: E501
    )


def test_parentheses_may_stand_twice() -> None:
    assert check(parse("-((seats + 1)) < ((amount / amount))"), SCOPE)


def test_a_text_field_takes_words_the_crm_does_not_list() -> None:
    team = CrmField(
        "UserRole.Name",
        "Name",
        "string",
        (Kind.TEXT,),
        choices=(Choice("EMEA", "EMEA"),),
    )
    schema = replace(SCHEMA, fields={**SCHEMA.fields, "owner.team": team})
    checked = check(parse('owner.team = "APAC"'), replace(SCOPE, schema=schema))
    assert checked.warnings == ()
