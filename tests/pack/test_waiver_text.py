"""A new waiver as a file that reads back as what was asked for."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gatekeeper.pack.files.waiver_text import NewWaiver, next_id, waiver_text
from tests.pack.packs import a_draft

NEW = NewWaiver(
    id="w-2026-7",
    rules=("ent-next-step",),
    reason="Strategic logo.",
    requested_by="ana@example.com",
    approved_by="ops@example.com",
    approved_on=date(2026, 11, 20),
    expires=date(2026, 12, 31),
    deals=("006Hs00001ABCdE",),
)


def read_back(base, new: NewWaiver, logic=None):
    text = waiver_text(new, logic or {})
    (waiver,) = a_draft(base, w_waivers=text).compile(None).waivers.waivers
    return waiver


def test_every_option_stands_in_the_file(tmp_path):
    new = replace(
        NEW,
        deals=(),
        deals_where='lead_source = "Partner"',
        max_deals=25,
        ends_early_when="amount < 5",
        ticket="DD-1",
    )
    waiver = read_back(tmp_path, new)
    assert waiver.max_deals == 25
    assert waiver.deals_where is not None
    assert waiver.deals_where.text == 'lead_source = "Partner"'
    assert waiver.ends_early_when.text == "amount < 5"
    assert (waiver.ticket, waiver.expires) == ("DD-1", date(2026, 12, 31))


def test_the_version_approved_stands_in_the_file(tmp_path):
    waiver = read_back(tmp_path, NEW, {"ent-next-step": "0123456789abcdef"})
    assert waiver.outdated == {"ent-next-step"}


@settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(st.text("ab'\"#:{}[]&*!|>%@` é\n-", min_size=1, max_size=30))
def test_any_reason_reads_back_as_written(tmp_path, reason):
    wanted = " ".join(reason.split())
    if wanted:
        assert read_back(tmp_path, replace(NEW, reason=reason)).reason == wanted


def test_ids_count_on_within_the_year():
    assert next_id(["w-2026-9", "w-2025-41", "w-2026-10", "other"], 2026) == "w-2026-11"
    assert next_id([], 2027) == "w-2027-1"
