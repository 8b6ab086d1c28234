"""What the parser reads and what it refuses, caret included."""

from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.sandbox.salesforce.errors import SalesforceError
from gatekeeper.sandbox.salesforce.soql import Statement, parse, unescape
from gatekeeper.sandbox.salesforce.soql_tree import (
    Comparison,
    Conjunction,
    Disjunction,
    Group,
    Kind,
    Literal,
    Path,
)


def refusal(soql: str) -> str:
    with pytest.raises(SalesforceError) as caught:
        parse(soql)
    assert caught.value.code == "MALFORMED_QUERY"
    assert caught.value.status == 400
    return caught.value.message


def test_keywords_are_read_in_any_case():
    query = parse("sElEcT Id fRoM Opportunity oRdEr By Name dEsC nUlLs LaSt lImIt 5")

    assert query.source.parts == ("Opportunity",)
    assert query.order_by[0].descending
    assert query.order_by[0].nulls_last
    assert query.limit == 5


def test_a_field_may_be_named_like_a_clause():
    query = parse("SELECT End__c, Limit__c, Order FROM Group WHERE Offset__c = 1")

    assert query.source.parts == ("Group",)
    assert isinstance(query.where, Comparison)


def test_and_binds_its_parts_and_parentheses_group():
    query = parse("SELECT Id FROM A WHERE x = 1 AND (y = 2 OR z = 3)")

    assert isinstance(query.where, Conjunction)
    _, grouped = query.where.parts
    assert isinstance(grouped, Group)
    assert isinstance(grouped.inner, Disjunction)


def test_and_with_or_needs_parentheses():
    message = refusal("SELECT Id FROM A WHERE x=1 AND y=2 OR z=3")

    assert message == (
        "\nSELECT Id FROM A WHERE x=1 AND y=2 OR z=3"
        "\n                                   ^"
        "\nERROR at Row:1:Column:36"
        "\nunexpected token: 'OR'"
    )


def test_not_beside_and_needs_parentheses():
    assert refusal("SELECT Id FROM A WHERE x=1 AND NOT y=2").endswith("'NOT'")
    parse("SELECT Id FROM A WHERE x=1 AND (NOT y=2)")


@pytest.mark.parametrize(
    ("soql", "word"),
    [
        ("SELECT * FROM A", "*"),
        ("SELECT Id, FROM A", "FROM"),
        ("SELECT Id FROM A WHERE x IS NULL", "IS"),
        ("SELECT Id FROM A WHERE x == 1", "="),
        ("SELECT Id FROM A WHERE x IN ()", ")"),
        ("SELECT Id FROM A WHERE x IN 'a'", "a"),
        ("SELECT Id FROM A WHERE x = :bound", ":"),
        ("SELECT Id FROM A WHERE x BETWEEN 1 AND 2", "BETWEEN"),
        ("SELECT Id FROM A HAVING COUNT(Id) > 1", "HAVING"),
        ("SELECT Id FROM A USING SCOPE mine", "USING"),
        ("SELECT Id FROM A WITH SECURITY_ENFORCED", "WITH"),
        ("SELECT Id FROM A FOR VIEW", "VIEW"),
        ("SELECT Id FROM A LIMIT 5 LIMIT 6", "LIMIT"),
        ("SELECT Id FROM A ORDER BY x LIMIT 2 WHERE y = 1", "WHERE"),
        ("SELECT Id FROM A JOIN B", "B"),
        ("SELECT Id FROM A, B", ","),
        ("UPDATE A SET x = 1", "UPDATE"),
        ("SELECT DISTINCT Id, Name FROM A B C", "C"),
        ("SELECT Id FROM A;", ";"),
        ("SELECT Id FROM A WHERE x = 1 GROUP", "<EOF>"),
        ("SELECT Id", "<EOF>"),
    ],
)
def test_what_is_no_soql_is_an_unexpected_token(soql, word):
    assert f"'{word}'" in refusal(soql).splitlines()[-1]


def test_the_row_is_counted_and_only_its_line_is_shown():
    message = refusal("SELECT Id\nFROM A\nWHERE x IS NULL")

    assert message == (
        "\nWHERE x IS NULL\n        ^\nERROR at Row:3:Column:9\nunexpected token: 'IS'"
    )


def test_a_long_line_is_cut_to_the_words_around_the_mistake():
    fields = ", ".join(f"Field_Number_{n}" for n in range(20))
    message = refusal(f"SELECT {fields} FROM A WHERE x IS NULL AND y = 1")

    shown, caret = message.splitlines()[1:3]
    assert len(shown) <= 46 + 36
    assert shown[len(caret) - 1 :].startswith("IS NULL")


def test_an_empty_statement_says_so():
    assert refusal("  \n") == "A query string has to be specified"


def test_an_open_quote_runs_to_the_end():
    assert refusal("SELECT Id FROM A WHERE x = 'abc").endswith(
        "mismatched character '<EOF>' expecting '''"
    )


def test_a_strange_character_is_named():
    message = refusal("SELECT Id FROM A WHERE x # 2")

    assert message == "line 1:25 no viable alternative at character '#'"


def test_a_hundred_thousand_characters_are_the_limit():
    filler = "SELECT Id FROM A WHERE x = 'a'"
    parse(filler + " " * (100_000 - len(filler)))

    assert "100000" in refusal(filler + " " * 100_000)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("'2026-01-01'", Kind.STRING),
        ("2026-01-01", Kind.DATE),
        ("2026-01-01T00:00:00Z", Kind.DATETIME),
        ("2026-01-01T00:00:00+01:00", Kind.DATETIME),
        ("-12.5", Kind.NUMBER),
        ("LAST_N_DAYS:30", Kind.WORD),
        ("null", Kind.WORD),
    ],
)
def test_a_literal_is_known_by_how_it_is_written(text, kind):
    where = parse(f"SELECT Id FROM A WHERE x = {text}").where

    assert isinstance(where, Comparison)
    assert isinstance(where.right, Literal)
    assert where.right.kind is kind
    assert where.left == Path(("x",), 23)


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        (r"O\'Neil", "O'Neil"),
        (r"a\\b", "a\\b"),
        (r"line\nbreak", "line\nbreak"),
        (r"\u0041cme", "Acme"),
        (r"100\%", "100%"),
    ],
)
def test_escapes_of_a_string_are_read(written, meant):
    literal = Literal(Kind.STRING, written, 0)

    assert unescape(literal, Statement("")) == meant


def test_an_unknown_escape_is_refused():
    statement = Statement(r"SELECT Id FROM A WHERE x = 'a\d'")

    with pytest.raises(SalesforceError, match="Illegal character sequence"):
        unescape(Literal(Kind.STRING, r"a\d", 27), statement)


@given(st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=40))
def test_any_quoted_text_comes_back_as_it_was(text):
    written = text.replace("\\", "\\\\").replace("'", "\\'")
    where = parse(f"SELECT Id FROM A WHERE x = '{written}'").where

    assert isinstance(where, Comparison)
    assert isinstance(where.right, Literal)
    assert unescape(where.right, Statement("")) == text


@given(st.text(max_size=60))
def test_any_text_is_read_or_refused_and_never_crashes(text):
    with contextlib.suppress(SalesforceError):
        parse(text)
