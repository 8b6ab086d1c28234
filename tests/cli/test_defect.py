"""A defect of ours ends a command with one sentence and no traceback of values."""

from __future__ import annotations

import json

import pytest

from gatekeeper.cli.main import EXIT_BUG, _bug

pytestmark = pytest.mark.usefixtures("log_as_it_was")


def test_a_defect_is_named_with_its_place_and_an_id(
    capsys: pytest.CaptureFixture[str],
) -> None:
    with pytest.raises(ValueError, match="Acme") as broken:
        int("Acme")
    here = broken.traceback[-1].lineno + 1

    assert _bug(broken.value) == EXIT_BUG

    told = " ".join(capsys.readouterr().err.split())
    report_id = told.partition("Report id ")[2].partition(";")[0]
    name = "test_a_defect_is_named_with_its_place_and_an_id"
    assert told == (
        f"E999: gatekeeper failed on its own account (ValueError in {name}, line"
        f" {here}). This is a bug in gatekeeper, not in your rules. Report id"
        f" {report_id}; the whole trace: GATEKEEPER_LOG_LEVEL=debug."
    )
    assert len(report_id) == 8
    assert "Acme" not in told


@pytest.mark.promise("S02")
def test_who_asks_for_it_gets_the_whole_trace_without_secrets(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEKEEPER_LOG_LEVEL", "debug")
    monkeypatch.setenv("GATEKEEPER_SALESFORCE_SESSION_ID", "s3cret-session")
    with pytest.raises(ValueError, match="s3cret") as broken:
        int("s3cret-session")

    _bug(broken.value)

    line = json.loads(capsys.readouterr().err.splitlines()[0])
    assert line["event"].startswith("bug ")
    assert "in test_who_asks_for_it" in line["exception"]
    assert "s3cret" not in line["exception"].partition("ValueError")[2]
