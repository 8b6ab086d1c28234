"""The page of traps says what the tests say, and every name on it exists."""

from __future__ import annotations

from tests.promises.marks import Defence, defences
from tests.traps.rows import HUBSPOT, IDS, SALESFORCE
from tests.traps.table import MARK, PAGE, page


def test_the_page_is_what_the_marks_say() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(defences(MARK)), (
        "write it anew: python -m tests.traps"
    )


def test_every_mark_names_a_trap_and_no_two_traps_share_a_name() -> None:
    assert defences(MARK).keys() <= IDS
    assert len(IDS) == len(HUBSPOT) + len(SALESFORCE)


def test_a_trap_without_a_test_says_none() -> None:
    met = {"S11": [Defence("crm/test_a.py", "test_tls_is_spoken")]}

    text = page(met)

    assert "| S11 | TLS with an authority of one's own | `crm/test_a.py` | tls" in text
    assert "| H3b | archiving answers with nothing | none |  |" in text
