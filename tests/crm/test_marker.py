from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.core.model import ObligationId, TaskPart
from gatekeeper.crm.marker import (
    LONGEST,
    Marker,
    decode,
    encode,
    split_rules,
    with_rules,
)

HASHES = st.dictionaries(
    st.sampled_from(TaskPart), st.from_regex(r"[0-9a-f]{8}", fullmatch=True)
)
WORDS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
MARKERS = st.builds(
    Marker,
    st.builds(
        ObligationId,
        st.from_regex(r"006[0-9A-Za-z]{15}", fullmatch=True),
        WORDS.filter(bool),
        WORDS,
    ),
    st.integers(1, 10**6),
    st.integers(0, 10**9),
    st.booleans(),
    HASHES,
)


@given(MARKERS)
def test_a_marker_is_read_as_it_was_written(marker: Marker) -> None:
    text = encode(marker)

    assert len(text) <= LONGEST
    assert "\n" not in text
    assert decode(text) == marker


def test_a_marker_is_one_line_a_person_can_read() -> None:
    marker = Marker(
        ObligationId("006000000000001AAA", "deal_owner", ""),
        episode=2,
        run_number=17,
        sealed=True,
        hashes={TaskPart.OWNER: "0a1b2c3d", TaskPart.BODY: "ffffffff"},
    )

    assert encode(marker) == (
        "gk1|006000000000001AAA|deal_owner||2|17|sealed|0a1b2c3d|||ffffffff"
    )


@given(st.text())
def test_reading_any_text_never_fails(text: str) -> None:
    found = decode(text)

    assert found is None or encode(found)


@pytest.mark.parametrize(
    "text",
    [
        None,
        "",
        "gk1",
        "gk2|006000000000001AAA|deal_owner||1|1|open||||",
        "gk1|006000000000001AAA|deal_owner||1|1|maybe||||",
        "gk1|006000000000001AAA|deal_owner||one|1|open||||",
        "gk1|006000000000001AAA|deal_owner||1|1|open|XXXXXXXX|||",
        "gk1|006000000000001AAA|deal_owner||1|1|open|||",
        "gk1||deal_owner||1|1|open||||",
    ],
)
def test_what_is_not_whole_is_no_marker(text: str | None) -> None:
    assert decode(text) is None


def test_a_marker_that_would_be_cut_is_refused() -> None:
    marker = Marker(ObligationId("006000000000001AAA", "r" * 255), 1, 1)

    with pytest.raises(ValueError, match="passes 255 characters"):
        encode(marker)


def test_the_rules_are_the_last_line_of_the_body() -> None:
    body = with_rules("What is missing:\n1. Amount", ("amount", "next-step"))

    assert body.splitlines()[-1] == "Rules: amount, next-step"
    assert split_rules(body) == (
        "What is missing:\n1. Amount",
        ("amount", "next-step"),
    )


def test_a_body_without_its_rules_line_lists_none() -> None:
    assert split_rules("I did it already") == ("I did it already", ())
    assert split_rules("") == ("", ())
