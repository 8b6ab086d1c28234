"""Near names: what counts as near, and in which order they are offered."""

from __future__ import annotations

import pytest

from gatekeeper.language.suggest import closest, meant_or, no_rule


@pytest.mark.parametrize(
    ("word", "candidate", "is_near"),
    [
        ("abc", "abcdefg", True),  # 2 * 3 of 10 letters: just near enough
        ("abcx", "abcdefg", False),  # 2 * 3 of 11
        ("abc", "abcdefgh", False),  # 2 * 3 of 11
        ("abcde", "abcxy", True),  # 2 * 3 of 10, both of the same length
        ("abcdef", "abcxyz", False),  # 2 * 3 of 12
        ("abcde", "edcba", False),  # the same letters, in another order
    ],
)
def test_a_name_is_near_when_three_fifths_of_the_letters_agree(
    word: str, candidate: str, is_near: bool
) -> None:
    assert closest(word, [candidate]) == ([candidate] if is_near else [])


def test_a_letter_counts_as_often_as_both_names_have_it() -> None:
    assert closest("aa", ["aab", "ab", "abb"]) == ["aab"]
    assert closest("banana", ["bananas", "bnn"]) == ["bananas"]
    assert closest("nan", ["nanny", "non-sense"]) == ["nanny"]


def test_the_likest_name_comes_first_and_equals_by_the_alphabet() -> None:
    assert closest("meeting", ["b_meetings", "meetings", "a_meetings"]) == [
        "meetings",
        "a_meetings",
        "b_meetings",
    ]


def test_case_hyphens_underscores_and_blanks_play_no_part() -> None:
    for written in ("close-date", "CLOSE DATE", "closeDate", "c_l_o_s_e_d_a_t_e"):
        assert closest(written, ["close_date", "closing"]) == ["close_date"]


def test_a_far_name_is_not_offered_beside_a_near_one() -> None:
    """`amoun` is 10/11 like `amount`, 8/9 like `am_on` and 2/3 like `moan`."""
    assert closest("amoun", ["amount", "am_on"]) == ["amount", "am_on"]
    assert closest("amoun", ["amount", "moan"]) == ["amount"]


def test_of_many_equally_near_names_the_first_three_of_the_alphabet_are_offered() -> (
    None
):
    names = ["amount_e", "amount_d", "amount_b", "amount_c", "amount_a"]
    assert closest("amount", names) == ["amount_a", "amount_b", "amount_c"]


def test_a_name_that_only_shares_its_letters_does_not_hide_one_in_order() -> None:
    """`tnuoma` has every letter of `amount`, and one at most in its order."""
    assert closest("amount", ["tnuoma", "tanuom", "tamoun", "amoun"]) == [
        "amoun",
        "tamoun",
    ]


def test_nothing_is_like_nothing() -> None:
    assert closest("", ["amount", ""]) == []
    assert closest("_", ["-"]) == []
    assert closest("amount", [""]) == []


def test_the_letters_of_a_word_count_as_often_as_they_stand_in_both() -> None:
    """`aab` has two of the three letters of `abc` only once each: 2 * 2 of 6."""
    assert closest("aab", ["abc"]) == ["abc"]
    assert closest("aabb", ["abcd"]) == []  # 2 * 2 of 8


def test_the_order_of_letters_is_looked_at_in_twelve_words_at_most() -> None:
    """Whatever has all letters goes before what lacks one, turned round or not."""
    back = "jihgfedcba"
    turned = [back[n:] + back[:n] for n in range(10)] + ["ijhgfedcba", "jihgfedcab"]

    assert closest("abcdefghij", [*turned[1:], "abcdefghi"]) == ["abcdefghi"]
    assert closest("abcdefghij", [*turned, "abcdefghi"]) == []


def test_a_rule_that_is_none_is_answered_with_the_one_that_is_meant() -> None:
    assert str(no_rule("qual-amont", ["qual-amount"])) == (
        "There is no rule qual-amont. Did you mean qual-amount?"
    )
    assert str(no_rule("x", ["qual-amount"])) == (
        "There is no rule x. See: gatekeeper rules list"
    )
    assert meant_or(["b", "a"], "list them") == "Did you mean b?"


def test_a_name_of_another_length_does_not_hide_the_next() -> None:
    assert closest("amount", ["a", "amount_of_all_line_items", "amount"]) == ["amount"]


def test_the_twelve_likeliest_are_those_with_most_letters_for_their_length() -> None:
    """`abcd` shares 2 * 3 of 7 letters with `abc`, each of the long ones 2 * 3 of 9."""
    long = [f"abc{letter * 3}" for letter in "defghijklmno"]
    assert closest("abc", [*long, "abcd"]) == ["abcd"]
