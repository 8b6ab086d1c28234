"""Whatever is written in a test is read as its field's kind, or refused."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gatekeeper.core.catalogue import Kind
from gatekeeper.core.model import EMPTY, Money
from gatekeeper.pack.files.values import Unfit
from gatekeeper.pack.load import read_pack
from gatekeeper.pack.source.nodes import Scalar, Source
from gatekeeper.pack.source.read import Reader
from gatekeeper.pack.testing.suites import files_of, read_suites
from gatekeeper.pack.testing.values import END_OF_DAY, Tongue, moment, read_value
from tests.pack.testing.suites import a_test_pack, cases

if TYPE_CHECKING:
    from decimal import Decimal

NEW_YORK = ZoneInfo("America/New_York")
TONGUE = Tongue(NEW_YORK, "USD")
DAMAGE = ["", "[]", "{}", "~", "x", "[{}]", "\n", "1", "- "]
NUMBERS = st.decimals(-(10**9), 10**9, places=4)


def read(written: str, kind: Kind | None, style: str = ""):
    reader = Reader()
    node = Scalar(written, style, Source("a.yaml", written), 0, len(written))
    value = read_value(reader, "it", node, kind, TONGUE)
    return value, reader.problems


@given(NUMBERS)
def test_a_number_is_read_exactly(number: Decimal):
    assert read(f"{number:f}", Kind.NUMBER) == (number, [])
    assert read(f"{number:f}%", Kind.PERCENT) == (number, [])
    assert read(f"{number:f} EUR", Kind.MONEY) == (Money(number, "EUR"), [])
    assert read(f"{number:f}", Kind.MONEY) == (Money(number, "USD"), [])


@given(st.text(max_size=30), st.sampled_from([*Kind, None]), st.sampled_from(["", '"']))
def test_any_text_is_read_or_refused_and_nothing_else(written, kind, style):
    value, problems = read(written, kind, style)
    if problems:
        assert value is EMPTY
        assert {problem.code for problem in problems} <= {"E206", "E107", "E417"}


@pytest.mark.parametrize("kind", [*Kind, None])
@pytest.mark.parametrize("written", ["~", ""])
def test_nothing_and_a_tilde_are_empty_for_every_kind(kind, written):
    assert read(written, kind) == (EMPTY, [])


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        # New York is five hours behind UTC in winter and four in summer.
        ("2026-11-20 09:00", datetime(2026, 11, 20, 14, 0, tzinfo=UTC)),
        ("2026-07-20T09:00:30", datetime(2026, 7, 20, 13, 0, 30, tzinfo=UTC)),
        ("2026-11-20 09:00Z", datetime(2026, 11, 20, 9, 0, tzinfo=UTC)),
        ("2026-11-20", datetime(2026, 11, 20, 5, 0, tzinfo=UTC)),
    ],
)
def test_a_moment_is_in_the_zone_of_the_project(written, expected):
    assert moment(written, NEW_YORK) == expected


def test_a_clock_without_a_time_is_the_end_of_its_day():
    found = moment("2026-11-20", NEW_YORK, END_OF_DAY)
    assert found == datetime(2026, 11, 21, 4, 59, 59, tzinfo=UTC)


@pytest.mark.parametrize("written", ["", "soon", "2026-11-20 25:00", "2026-11-20 9"])
def test_what_is_no_moment_is_refused(written):
    with pytest.raises(Unfit):
        moment(written, NEW_YORK)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_no_damage_to_a_test_file_breaks_the_reader(tmp_path_factory, data):
    whole = cases(
        """
        - name: a
          deal: healthy
          as_of: 2026-11-20
          change: {amount: ~, owner: {email: a@example.com}, account: {name: Acme}}
          hidden: [next_step]
          over: {from: 2026-11-20, to: 2026-11-22}
          expect:
            violations: [ent-amount]
            because: {ent-amount: "No amount"}
            timeline: {2026-11-21: {ent-amount: pending}}
        """
    )
    start = data.draw(st.integers(0, len(whole)))
    end = data.draw(st.integers(start, min(len(whole), start + 60)))
    put = data.draw(
        st.sampled_from(["", "[]", "{}", "~", "x", "[{}]", "\n", "1", "- "])
    )
    folder = a_test_pack(
        tmp_path_factory.mktemp("a"), whole[:start] + put + whole[end:]
    )

    suites, problems = read_suites(folder, files_of(folder), read_pack(folder), None)

    assert suites or any(problem.stops for problem in problems)


@settings(max_examples=60, deadline=None)
@given(st.text(alphabet='ab,"\r\n~=1é', max_size=80))
def test_no_spreadsheet_breaks_the_reader(tmp_path_factory, cells):
    test = cases("", head="version: 1\nkind: test\nas_of: 2026-11-20\n")
    test = test.replace("cases:\n", "cases_from: x.csv\n")
    folder = a_test_pack(tmp_path_factory.mktemp("a"), test)
    table = "name,deal,next_step,expect_violations\n" + cells
    (folder / "tests" / "x.csv").write_bytes(table.encode())

    suites, problems = read_suites(folder, files_of(folder), read_pack(folder), None)

    assert suites or any(problem.stops for problem in problems)


@pytest.mark.parametrize(
    ("raw", "sentence"),
    [
        (b"name,deal\xff", "the file is not UTF-8 text (byte 0xFF on line 1)."),
        (b"x" * (1024 * 1024 + 1), "the file is larger than 1 MiB."),
        (b'name,"' + b"x" * 200_000, "x.csv is no table of comma-separated cells"),
    ],
)
def test_a_file_that_is_no_spreadsheet_is_refused(tmp_path, raw, sentence):
    test = cases("", head="version: 1\nkind: test\nas_of: 2026-11-20\n")
    test = test.replace("cases:\n", "cases_from: x.csv\n")
    folder = a_test_pack(tmp_path, test)
    (folder / "tests" / "x.csv").write_bytes(raw)

    _, problems = read_suites(folder, files_of(folder), read_pack(folder), None)

    (problem,) = (each for each in problems if each.stops)
    assert problem.code == "E110"
    assert problem.text.startswith(sentence)
