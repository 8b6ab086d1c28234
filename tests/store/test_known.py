"""By which words rows know a person: found wherever they stand, and nowhere else."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest
from sqlalchemy import Column, MetaData, String, Table, create_engine, insert, select

from gatekeeper.core.model import EMPTY, FieldChange, Person, Sighted
from gatekeeper.store.codec import text_of
from gatekeeper.store.field_values import looks_text, value_text
from gatekeeper.store.known import Known, roughly

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sqlalchemy.engine import Connection

ANN = Known(
    frozenset({"005A"}), frozenset({"005A", "Ann", "Ann Rep", "a@acme.example"})
)
THEN = datetime(2026, 11, 20, tzinfo=UTC)
NOTE = Table("note", MetaData(), Column("text", String))


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("Ann Rep and Ann", "erased and erased"),
        ("ask ANN REP, or a@ACME.example.", "ask erased, or erased."),
        ("Annex, Joann, Ann_Rep and 1Ann", "Annex, Joann, Ann_Rep and 1Ann"),
        ("(Ann)", "(erased)"),
    ],
)
def test_words_go_whole_and_never_out_of_another(text: str, left: str) -> None:
    assert ANN.left_out("message", text) == left
    assert ANN.told_in("message", text) is (left != text)


@pytest.mark.parametrize("column", ["payload", "dossier", "report", "moving"])
def test_a_mapping_stays_one_with_nobody_at_every_depth(column: str) -> None:
    text = text_of({"by": ["Ask:\nAnn", {"Ann Rep": 3, "to": None}], "is_done": True})

    assert json.loads(ANN.left_out(column, text)) == {
        "by": ["Ask:\nerased", {"erased": 3, "to": None}],
        "is_done": True,
    }


@pytest.mark.parametrize("column", ["value", "old", "new"])
def test_of_a_value_the_kind_is_no_word_of_it(column: str) -> None:
    known = Known(frozenset(), frozenset({"text", "Ann"}))

    left = known.left_out(column, value_text("text for Ann"))

    assert left == value_text("erased for erased")
    assert not known.told_in(column, value_text("Acme"))


def test_what_runs_saw_or_wrote_of_a_field_goes_whole() -> None:
    change = FieldChange("was", THEN, "Ann Rep", "Carl", EMPTY, THEN)
    seen = {
        "by": Sighted(THEN, Person("005A", "A. Rep")),
        "was": Sighted(THEN, "Carl", (change,)),
        "step": Sighted(THEN, "Annex"),
    }

    looks = ANN.left_out("looks", looks_text(seen))
    written = ANN.left_out("written", '{"missing":"ask Ann","count":2}')

    assert looks == looks_text({"step": seen["step"]})
    assert written == '{"count":2}'


@pytest.fixture(scope="module")
def notes() -> Iterator[Connection]:
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        NOTE.create(connection)
        yield connection
    engine.dispose()


@pytest.mark.parametrize(
    "word",
    [
        *("Ann Rep", "Özgür Çelik", "ÉLODIE", "Łukasz", "王伟", "Σ"),
        *('Ann "Bo" Rep', "Ann \\ Rep", "Ann\tRep", "100% Ann_Rep"),
    ],
)
@pytest.mark.parametrize("is_json", [True, False])
def test_the_database_finds_every_text_with_a_word_however_it_is_written(
    notes: Connection, word: str, is_json: bool
) -> None:
    texts = [word, word.upper(), word.lower(), f"ask {word} soon"]
    for text in texts:
        notes.execute(insert(NOTE).values(text=text_of(text) if is_json else text))

    found = notes.execute(select(NOTE.c.text).where(roughly(NOTE.c.text, word)))

    told = set(found.scalars())
    notes.execute(NOTE.delete())
    assert told == {text_of(text) if is_json else text for text in texts}


def test_the_database_passes_by_most_texts_without_the_word(notes: Connection) -> None:
    words = ["Bea Boss", "Rep Annual"]
    notes.execute(insert(NOTE), [{"text": each} for each in words])

    for word in ("Ann Rep", 'Ann "Bo" Rep', "Łukasz"):
        found = notes.execute(select(NOTE.c.text).where(roughly(NOTE.c.text, word)))
        assert "Bea Boss" not in found.scalars()
    notes.execute(NOTE.delete())
