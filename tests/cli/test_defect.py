"""A defect of ours ends a command with one sentence and no traceback of values."""

from __future__ import annotations

import pytest

from gatekeeper.cli.main import EXIT_BUG, _bug


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
