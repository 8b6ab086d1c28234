"""The loop of ours and lark's own read the same."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from lark.exceptions import UnexpectedToken

from gatekeeper.language.parser.line import _machine, _parser
from gatekeeper.language.parser.machine import NotAcceptedError
from gatekeeper.language.parser.tokens import scan
from tests.language.test_parser import CONDITIONS

WORDS = """
amount > 5 , next_step contacts . is not in every some at least 2 where has of and or
( ) [ ] + - "x" 20% $p last next 3 days within changed between contains today filled
true since stage entry
"""


@pytest.mark.parametrize("text", CONDITIONS)
def test_a_check_is_read_as_lark_reads_it(text: str) -> None:
    tokens = list(scan(text))
    assert _machine().read(tokens, "check") == _parser().parse(tokens, start="check")


@given(
    st.lists(st.sampled_from(WORDS.split()), max_size=9),
    st.sampled_from(["check", "rows"]),
)
def test_words_in_any_order_are_taken_or_refused_as_lark_does(
    words: list[str], start: str
) -> None:
    tokens = list(scan(" ".join(words)))
    try:
        expected = _parser().parse(tokens, start=start)
    except UnexpectedToken:
        with pytest.raises(NotAcceptedError):
            _machine().read(tokens, start)
    else:
        assert _machine().read(tokens, start) == expected
