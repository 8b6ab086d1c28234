"""project.yaml, people.yaml and fields.yaml as the values they become."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal
from textwrap import dedent
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import BUILT_IN, Kind
from gatekeeper.core.model import Mode
from gatekeeper.core.pack import (
    Grace,
    Grouping,
    Limits,
    Unit,
)
from gatekeeper.core.roles import RoleSource, RoleStep
from gatekeeper.errors import SetupError
from gatekeeper.language.tree.syntax import Duration, TimeUnit
from gatekeeper.pack.files.days_off import COUNTRIES, known_countries
from gatekeeper.pack.files.params import param_value
from gatekeeper.pack.files.values import Unfit
from gatekeeper.pack.load import read_pack
from tests.pack.packs import (
    PROJECT,
    RULES,
    a_draft,
    a_pack,
    messages,
    messages_of_all,
    text,
    text_of,
)

if TYPE_CHECKING:
    from gatekeeper.language.scope import ParamSpec


def test_a_missing_folder_says_how_to_start(tmp_path):
    with pytest.raises(SetupError, match="gatekeeper init rules"):
        read_pack(tmp_path / "rules")


# ---- project.yaml --------------------------------------------------------------


def test_a_short_project_has_the_stated_defaults(tmp_path):
    project = a_draft(tmp_path).project
    assert project is not None
    assert project.crm == "salesforce"
    assert project.zone.key == "America/New_York"
    assert project.mode_ceiling is Mode.OBSERVE
    assert project.closed_lookback == timedelta(days=30)
    assert project.limits == Limits()
    assert project.calendar.holidays == frozenset()
    assert (project.reopen_within, project.reopen_after) == (5, 5)
    assert project.ignore_stints_under == timedelta(minutes=5)


def test_every_setting_of_the_project_is_read(tmp_path):
    project = a_draft(
        tmp_path,
        project="""\
        version: 1
        kind: project
        crm: hubspot
        timezone: Europe/Berlin
        week_starts_on: sunday
        fiscal_year_starts: February
        business_calendar: {country: US, extra_holidays: [2026-11-27]}
        currency: EUR
        placeholders: ["n/a", tbd]
        mode_ceiling: warn
        closed_lookback: 6 weeks
        limits: {writes_per_run: 1_000, tasks_percent: 7%, ramp: 50 per business day}
        group_tasks_by: rule
        scope: [Enterprise, SMB]
        stages: {Discovery: {hubspot: [Presentation Scheduled]}}
        reopen_within: 4 days
        ignore_stints_under: 1 hour
        reopen_after: 3 business days
        reopen_times: 1
        supported_stage: enforced
        """,
    ).project
    assert project is not None
    assert (project.crm, project.currency, project.mode_ceiling) == (
        "hubspot",
        "EUR",
        Mode.WARN,
    )
    assert (project.week_starts_on, project.fiscal_starts_in) == (6, 2)
    assert project.placeholders == {"na", "tbd"}
    assert project.closed_lookback == timedelta(days=42)
    assert project.limits == Limits(writes_per_run=1000, tasks_percent=7, ramp=50)
    assert project.grouping is Grouping.RULE
    assert project.scope == ("Enterprise", "SMB")
    assert project.stages == {"Discovery": {"hubspot": ("Presentation Scheduled",)}}
    assert (project.reopen_within, project.reopen_after) == (4, 3)
    assert project.ignore_stints_under == timedelta(hours=1)
    assert (project.reopen_times, project.supported_stage) == (1, "enforced")


@pytest.mark.parametrize(
    ("day", "is_worked"),
    [
        (date(2026, 7, 3), False),  # Independence Day falls on a Saturday
        (date(2026, 7, 6), True),
        (date(2026, 11, 26), False),  # Thanksgiving
        (date(2026, 11, 27), False),  # an extra holiday
        (date(2045, 12, 25), False),
        (date(2003, 1, 1), False),
    ],
)
def test_holidays_of_the_country_and_the_extra_ones_are_days_off(
    tmp_path, day, is_worked
):
    days = "business_calendar: {country: US, extra_holidays: [2026-11-27]}\n"
    project = a_draft(tmp_path, project=PROJECT + days).project
    assert project is not None
    assert project.calendar.is_business_day(day) is is_worked


def test_every_country_taken_unasked_has_holidays():
    known = known_countries()

    assert {code for code in known if len(code) == 2} - COUNTRIES <= {"UK"}
    assert known.keys() >= COUNTRIES


def test_a_part_of_a_country_has_its_own_holidays(tmp_path):
    days = "business_calendar: {country: DE, subdivision: BY}\n"
    project = a_draft(tmp_path, project=PROJECT + days).project
    assert project is not None
    assert not project.calendar.is_business_day(date(2026, 1, 6))  # Epiphany


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ("limits: {writes_per_run: 1__0}", 'E206: "writes_per_run" must be a whole'),
        ("currency: usd", 'E206: "currency" must be a currency code of three capital'
         ' letters such as USD; found "usd".'),
        ("week_starts_on: mon", 'E207: week_starts_on "mon" is not one of Monday,'
         " Tuesday, Wednesday, Thursday, Friday, Saturday, Sunday."),
        ("week_starts_on: [a]", 'E206: "week_starts_on" must be one of Monday,'),
        ("mode_ceiling: [a]", 'E206: "mode_ceiling" must be one of observe, warn,'
         " enforce; found the list [a]."),
        ("ignore_stints_under: 5", 'E208: "ignore_stints_under: 5" needs a unit.'),
        ("ignore_stints_under: 2 days", 'E206: "ignore_stints_under" must be a short'
         ' time such as "5 minutes"; found "2 days".'),
        ("closed_lookback: 30", 'E208: "closed_lookback: 30" needs a unit.'),
        ("closed_lookback: a while", 'E206: "closed_lookback" must be a length of time'
         ' such as "30 days"; found "a while".'),
        ("reopen_after: 5", 'E208: "reopen_after: 5" needs a unit.'),
        ("reopen_times: twice", 'E206: "reopen_times" must be a whole number such as'
         ' 20; found "twice".'),
        ("limits: {tasks_percent: 101}", 'E206: "tasks_percent" must be a percentage'
         ' from 0 to 100; found "101".'),
        ("limits: {ramp: 50}", 'E206: "ramp" must be a pace such as "50 per business'
         ' day"; found "50".'),
        ("limits: 3", 'E206: "limits" must be a mapping of keys and values; found'
         ' "3".'),
        ("fiscal_calendar: a.csv", 'E211: "fiscal_calendar: a.csv" was not found next'
         " to this file."),
        ("fiscal_calendar: [a]", 'E206: "fiscal_calendar" must be a text; found the'
         " list [a]."),
        ("business_calendar: {extra_holidays: soon}", 'E206: "extra_holidays" must be a'
         ' list of dates; found "soon".'),
        ("business_calendar: {country: DE, subdivision: XY}", 'E207: subdivision "XY"'
         " is no part of the country whose holidays are known."),
        ("stages: [a]", 'E206: "stages" must be a mapping of keys and values; found the'
         " list [a]."),
    ],
)  # fmt: skip
def test_each_setting_has_its_sentence(tmp_path, line, sentence):
    assert f"error {sentence}" in messages(tmp_path, project=PROJECT + line + "\n")


@pytest.mark.parametrize(
    ("written", "grace"),
    [
        ("12 hours", Grace(12, Unit.HOURS)),
        ("1 day", Grace(1, Unit.DAYS)),
        ("2 weeks", Grace(14, Unit.DAYS)),
        ("3 Business Days", Grace(3, Unit.BUSINESS_DAYS)),
        ("0 days", Grace(0, Unit.DAYS)),
    ],
)
def test_grace_is_counted_in_the_unit_that_was_written(tmp_path, written, grace):
    rules = RULES + f"        grace: {written}\n"
    (found,) = a_draft(tmp_path, e_rules=rules).compile(None).rules
    assert found.grace == grace


@pytest.mark.parametrize(
    "written", ["2 months", "2 business weeks", "-1 days", "1.5 days"]
)
def test_grace_knows_no_other_unit(tmp_path, written):
    rules = RULES + f"        grace: {written}\n"
    assert 'error E206: "grace" must be a length of time' in messages(
        tmp_path, e_rules=rules
    )


def test_the_settings_may_name_the_crm_the_file_leaves_out(tmp_path):
    folder = a_pack(tmp_path, project=PROJECT.replace("crm: salesforce\n", ""))
    named = read_pack(folder, crm="hubspot")
    assert named.project is not None
    assert (named.project.crm, named.messages) == ("hubspot", ())
    assert text_of(folder) == text(
        """
        rules/project.yaml:1:1: error E202: project.yaml has no "crm".
            1 | version: 1
              | ^^^^^^^
          help: crm: salesforce, or crm: hubspot
        """
    )


def test_the_settings_may_not_contradict_the_file(tmp_path):
    draft = read_pack(a_pack(tmp_path), crm="hubspot")
    assert "\n".join(draft.messages) == text(
        """
        rules/project.yaml:3:6: error E215: this pack is written for Salesforce, but the settings say hubspot.
            3 | crm: salesforce
              |      ^^^^^^^^^^
          help: take GATEKEEPER_CRM out of the settings, or use another pack.
        """  # noqa: E501
    )


# ---- people.yaml ---------------------------------------------------------------

PEOPLE = """\
version: 1
kind: people
fallback: revops@example.com
roles:
  solution_architect: [{team_member: "Solution Architect"}, owner_manager]
  deal_desk: [{address: deal-desk@example.com}]
  creator: [{field: created_by}, deal_owner]
"""


def test_roles_say_where_to_look_in_order(tmp_path):
    people = a_draft(tmp_path, people=PEOPLE).people
    assert people.fallback == "revops@example.com"
    assert people.roles == {
        "solution_architect": (
            RoleStep(RoleSource.TEAM_MEMBER, "Solution Architect"),
            RoleStep(RoleSource.OWNER_MANAGER),
        ),
        "deal_desk": (RoleStep(RoleSource.ADDRESS, "deal-desk@example.com"),),
        "creator": (
            RoleStep(RoleSource.FIELD, "created_by"),
            RoleStep(RoleSource.DEAL_OWNER),
        ),
    }


def test_what_roles_look_at_is_read_from_the_crm(tmp_path):
    needs = a_draft(tmp_path, people=PEOPLE).compile(None).needs
    assert {"created_by", "owner.manager"} <= needs.fields
    assert needs.collections == {"team_members": frozenset({"role", "user"})}


@pytest.mark.parametrize(
    ("step", "sentence"),
    [
        ("manager", 'E207: role "manager" is not one of deal_owner, owner_manager,'
         " field, team_member, address."),
        ("{adress: a@b.c}", 'E207: role "adress" is not one of field, team_member,'
         " address."),
        ("{address: nobody}", 'E206: "address" must be an e-mail address; found'
         ' "nobody".'),
        ("{field: solver}", 'E401: there is no field "solver" on the deal.'),
        ("{field: amount}", "E411: amount is of type money and holds no user."),
        ("[a]", 'E206: "role" must be one place to look, such as'
         ' {team_member: "Solution Architect"}; found the list [a].'),
    ],
)  # fmt: skip
def test_a_place_to_look_that_is_none_is_named(tmp_path, step, sentence):
    people = f"version: 1\nkind: people\nroles: {{desk: [{step}]}}\n"
    assert f"error {sentence}" in messages(tmp_path, people=people)


# ---- fields.yaml ---------------------------------------------------------------

FIELDS = """\
version: 1
kind: fields
deal:
  amount: {type: number, salesforce: ARR__c}
  rating: {type: picklist, salesforce: Rating__c, hubspot: rating, ordered: true}
  next_step: {type: text, salesforce: NextStep, history: true}
lookups:
  account:
    fields:
      segment: {type: picklist, salesforce: Segment__c}
  partner:
    salesforce: {object: Account, by: Partner__c}
    fields:
      name: {type: text, salesforce: Name}
collections:
  contacts:
    fields:
      role: {type: text, salesforce: Role__c}
      phone: {type: text, salesforce: Contact.Phone}
  cases:
    salesforce: {object: Case, by: Opportunity__c}
    hubspot: {object: tickets}
    fields:
      status: {type: picklist, salesforce: Status}
groups:
  basics: [amount, next_step, account.segment]
"""


def test_a_field_of_the_same_name_replaces_the_built_in_one(tmp_path):
    catalogue = a_draft(tmp_path, fields=FIELDS).catalogue
    amount = catalogue.deal["amount"]
    assert (amount.kind, amount.paths) == (Kind.NUMBER, {"salesforce": "ARR__c"})
    assert amount.place == "fields.yaml:4"
    assert catalogue.deal["rating"].ordered
    assert catalogue.deal["rating"].paths == {
        "salesforce": "Rating__c",
        "hubspot": "rating",
    }
    assert catalogue.deal["next_step"].history
    assert catalogue.deal["close_date"] == BUILT_IN.deal["close_date"]


def test_fields_are_added_to_a_built_in_lookup_or_collection(tmp_path):
    catalogue = a_draft(tmp_path, fields=FIELDS).catalogue
    assert set(catalogue.lookups["account"].fields) == {"name", "segment"}
    contacts = catalogue.collections["contacts"].fields
    assert contacts["role"].kind is Kind.TEXT
    assert contacts["phone"].paths == {"salesforce": "Contact.Phone"}
    assert contacts["email"].kind is Kind.EMAIL


def test_new_lookups_and_collections_know_their_source(tmp_path):
    catalogue = a_draft(tmp_path, fields=FIELDS).catalogue
    assert catalogue.collections["cases"].sources == {
        "salesforce": {"object": "Case", "by": "Opportunity__c"},
        "hubspot": {"object": "tickets"},
    }
    partner = catalogue.deal["partner"]
    assert (partner.kind, partner.paths) == (
        Kind.REFERENCE,
        {"salesforce": "Partner__c"},
    )
    assert catalogue.groups == {"basics": ("amount", "next_step", "account.segment")}


def test_without_a_file_the_built_in_names_are_there(tmp_path):
    assert a_draft(tmp_path).catalogue == BUILT_IN


def test_a_group_names_fields_that_exist(tmp_path):
    fields = "version: 1\nkind: fields\ngroups: {basics: [amount, nxt_step]}\n"
    assert ('error E401: there is no field "nxt_step" on the deal.\n') in messages(
        tmp_path, fields=fields
    )


def test_a_new_name_leads_to_a_crm(tmp_path):
    fields = (
        "version: 1\nkind: fields\n"
        "deal:\n  rating: {type: text}\n  amount: {type: number}\n"
        "collections:\n  cases: {fields: {a: {type: text, salesforce: A__c}}}\n"
    )
    assert messages(tmp_path, fields=fields) == text(
        """
        rules/fields.yaml:4:3: error E202: rating has neither "salesforce" nor "hubspot".
            4 |   rating: {type: text}
              |   ^^^^^^
          help: salesforce: Api_Name__c
        rules/fields.yaml:7:3: error E202: cases has neither "salesforce" nor "hubspot".
            7 |   cases: {fields: {a: {type: text, salesforce: A__c}}}
              |   ^^^^^
          help: salesforce: {object: Case, by: Opportunity__c}
        """  # noqa: E501
    )


def test_rows_in_salesforce_have_an_object_and_a_field_that_points_here(tmp_path):
    fields = (
        "version: 1\nkind: fields\n"
        "lookups:\n  partner: {salesforce: {object: Account}}\n"
        "collections:\n  cases: {salesforce: {object: Case}}\n"
    )
    assert messages(tmp_path, fields=fields) == text(
        """
        rules/fields.yaml:4:3: error E202: partner has no "by" under "salesforce".
            4 |   partner: {salesforce: {object: Account}}
              |   ^^^^^^^
          help: salesforce: {object: Case, by: Opportunity__c}
        rules/fields.yaml:6:3: error E202: cases has no "by" under "salesforce".
            6 |   cases: {salesforce: {object: Case}}
              |   ^^^^^
          help: salesforce: {object: Case, by: Opportunity__c}
        """
    )


def test_a_field_has_a_type(tmp_path):
    fields = "version: 1\nkind: fields\ndeal:\n  rating: {salesforce: R__c}\n"
    assert messages(tmp_path, fields=fields).splitlines()[0] == (
        'rules/fields.yaml:4:12: error E202: field rating has no "type".'
    )


# ---- params --------------------------------------------------------------------


def params(base, block: str) -> dict[str, ParamSpec]:
    draft = a_draft(base, e_rules=RULES.replace("stages:", block + "\nstages:", 1))
    assert draft.messages == ()
    ((_, words),) = draft.files
    return dict(words.params)


@pytest.mark.parametrize(
    ("kind", "written", "value"),
    [
        (Kind.MONEY, "50_000", Decimal(50000)),
        (Kind.NUMBER, "1.5m", Decimal(1500000)),
        (Kind.NUMBER, "20k", Decimal(20000)),
        (Kind.NUMBER, "-3", Decimal(-3)),
        (Kind.PERCENT, "20%", Decimal(20)),
        (Kind.DATE, "2026-12-31", date(2026, 12, 31)),
        (Kind.YES_NO, "NO", False),
        (Kind.TEXT, "NO", "NO"),
        (Kind.TEXT, "010", "010"),
    ],
)
def test_a_value_is_read_as_its_type_says(kind, written, value):
    assert param_value(kind, written) == value


@pytest.mark.parametrize(
    ("kind", "written", "code"),
    [
        (Kind.MONEY, "50,000", "E306"),
        (Kind.MONEY, "50.000", "E306"),
        (Kind.NUMBER, "1.500.000", "E306"),
        (Kind.MONEY, "much", "E206"),
        (Kind.PERCENT, "0.2", "E417"),
        (Kind.DURATION, "14", "E208"),
        (Kind.DURATION, "2 business weeks", "E206"),
        (Kind.DATE, "2026-02-30", "E107"),
        (Kind.YES_NO, "perhaps", "E206"),
        (Kind.TEXT, "", "E206"),
    ],
)
def test_a_value_of_another_type_is_refused(kind, written, code):
    with pytest.raises(Unfit) as refused:
        param_value(kind, written)
    assert refused.value.code == code


def test_lengths_of_time_keep_their_unit(tmp_path):
    found = params(tmp_path, "params: {idle: {type: duration, value: 3 business days}}")
    value = found["idle"].value
    assert isinstance(value, Duration)
    assert (value.count, value.unit, value.business) == (3, TimeUnit.DAYS, True)


def test_a_parameter_may_be_chosen_by_a_field(tmp_path):
    found = params(
        tmp_path,
        "params: {least: {type: money, by: account.segment,"
        " values: {SMB: 5k, Enterprise: 50k}, else: 10k}}",
    )["least"]
    assert (found.by, found.values, found.otherwise, found.value) == (
        "account.segment",
        {"SMB": Decimal(5000), "Enterprise": Decimal(50000)},
        Decimal(10000),
        None,
    )


def test_bands_are_sorted_by_their_limit(tmp_path):
    found = params(
        tmp_path,
        "params: {days: {type: number, by: amount, from: {60k: 28, 20k: 14}}}",
    )["days"]
    assert found.bands == (
        (Decimal(20000), Decimal(14)),
        (Decimal(60000), Decimal(28)),
    )


@pytest.mark.parametrize("by", ["probability", "custom.Margin__c"])
def test_the_limits_of_a_percent_field_are_percentages(tmp_path, by):
    found = params(
        tmp_path,
        f"params: {{days: {{type: number, by: {by}, from: {{20%: 3, 0: 9}}}}}}",
    )["days"]
    assert found.bands == ((Decimal(0), Decimal(9)), (Decimal(20), Decimal(3)))


def test_a_parameter_that_cannot_be_read_is_one_mistake(tmp_path):
    params = """\
        params:
          cap: {type: percent, value: 0.2}
          least: {type: money, value: much}
          idle: {type: length, value: 3 days}
          gap: {value: 5}
        stages:"""
    checks = (
        "[amount >= $least, probability <= $cap, close_date within last $idle,"
        " $gap > amount]"
    )
    rules = RULES.replace("stages:", dedent(params), 1)
    rules = rules.replace("next_step is filled", checks)
    assert messages_of_all(tmp_path, e_rules=rules) == text(
        """
        rules/e.rules.yaml:5:31: error E417: value is a percentage; 0.2 would mean 0.2%.
            5 |   cap: {type: percent, value: 0.2}
              |                               ^^^
          help: write 20%.
        rules/e.rules.yaml:6:31: error E206: "value" must be a number such as 50_000; found "much".
            6 |   least: {type: money, value: much}
              |                               ^^^^
        rules/e.rules.yaml:7:16: error E207: type "length" is not one of text, number, money, percent, date, datetime, yes_no, picklist, stage, user, email, url, duration.
            7 |   idle: {type: length, value: 3 days}
              |                ^^^^^^
        rules/e.rules.yaml:8:9: error E202: parameter gap has no "type".
            8 |   gap: {value: 5}
              |         ^^^^^
          help: for example: type: money
        """  # noqa: E501
    )


@pytest.mark.parametrize(
    ("by", "limit", "sentence"),
    [
        ("probability", ".2", 'E206: "probability" must be a percentage such as 20%;'),
        ("probability", "0.2", "E417: probability is a percentage; 0.2 would mean"),
        ("probability", "x", 'E206: "probability" must be a percentage such as 20%;'),
        ("amount", "20%", 'E206: "from" must be a lower limit such as 20k; found "20'),
    ],
)  # fmt: skip
def test_a_limit_that_the_choosing_field_cannot_have_is_refused(
    tmp_path, by, limit, sentence
):
    spec = f"{{type: number, by: {by}, from: {{{limit}: 3}}}}"
    block = f"params: {{least: {spec}}}\nstages:"
    found = messages(tmp_path, e_rules=RULES.replace("stages:", block, 1))
    assert f"error {sentence}" in found


@pytest.mark.parametrize("kind", ["text", "list of text"])
def test_a_parameter_may_be_a_list(tmp_path, kind):
    found = params(tmp_path, f"params: {{names: {{type: {kind}, value: [A, B]}}}}")
    assert found["names"].value == ("A", "B")
    assert found["names"].is_list


def test_a_parameter_may_be_undecided(tmp_path):
    found = params(tmp_path, "params: {least: {type: money, value: undecided}}")
    assert found["least"].is_undecided
    assert found["least"].place == "e.rules.yaml:4"


@pytest.mark.parametrize(
    ("spec", "sentence"),
    [
        ("{type: money}", 'E202: parameter least has no "value".'),
        ("{value: 5}", 'E202: parameter least has no "type".'),
        ("{type: money, by: amount}", 'E202: parameter least has no "values".'),
        ("{type: money, values: {a: 5}}", 'E202: parameter least has no "by".'),
        ("{type: money, by: a, value: 5, from: {1: 5}}", 'E206: parameter least has'
         ' both "value" and "by"; keep one.'),
        ("{type: monney, value: 5}", 'E207: type "monney" is not one of text, number,'),
        ("50_000", 'E206: "parameter least" must be a mapping of keys and values;'
         ' found "50_000".'),
    ],
)  # fmt: skip
def test_an_incomplete_parameter_says_what_is_missing(tmp_path, spec, sentence):
    block = f"params: {{least: {spec}}}\nstages:"
    found = messages(tmp_path, e_rules=RULES.replace("stages:", block, 1))
    assert f"error {sentence}" in found


def test_rows_of_salesforce_say_by_which_field_they_hang_on_the_deal(tmp_path):
    fields = (
        "version: 1\nkind: fields\ncollections:\n"
        "  cases: {salesforce: {object: Case}, fields: {}}\n"
    )
    assert messages(tmp_path, fields=fields) == text(
        """
        rules/fields.yaml:4:3: error E202: cases has no "by" under "salesforce".
            4 |   cases: {salesforce: {object: Case}, fields: {}}
              |   ^^^^^
          help: salesforce: {object: Case, by: Opportunity__c}
        """
    )
