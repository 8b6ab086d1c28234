"""Every moment is aware and in UTC, whatever the database makes of it."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from sqlalchemy.dialects import postgresql, sqlite

from gatekeeper.store.instant import Instant
from tests.builders import NEW_YORK, NOW

DIALECTS = [sqlite.dialect(), postgresql.dialect()]
IN_NEW_YORK = NOW.astimezone(NEW_YORK)


@pytest.mark.parametrize("dialect", DIALECTS, ids=lambda each: each.name)
def test_a_moment_goes_in_and_comes_out_in_utc(dialect: object) -> None:
    instant = Instant()
    for moment in (NOW, IN_NEW_YORK):
        bound = instant.process_bind_param(moment, dialect)  # type: ignore[arg-type]
        read = instant.process_result_value(moment, dialect)  # type: ignore[arg-type]
        assert (bound, read) == (NOW, NOW)
        assert bound is not None
        assert read is not None
        assert (bound.tzinfo, read.tzinfo) == (UTC, UTC)
    naive = NOW.replace(tzinfo=None)
    assert instant.process_result_value(naive, dialect) == NOW  # type: ignore[arg-type]
    assert instant.process_bind_param(None, dialect) is None  # type: ignore[arg-type]
    assert instant.process_result_value(None, dialect) is None  # type: ignore[arg-type]


def test_a_moment_without_a_zone_is_refused() -> None:
    naive = datetime(2026, 11, 20, 14)  # noqa: DTZ001  that is what is refused
    with pytest.raises(ValueError, match=r"^2026-11-20 14:00:00 has no zone$"):
        Instant().process_bind_param(naive, DIALECTS[0])


def test_a_database_that_knows_zones_is_told_to_keep_them() -> None:
    made = Instant().dialect_impl(postgresql.dialect()).compile(postgresql.dialect())

    assert str(made) == "TIMESTAMP WITH TIME ZONE"
    assert Instant.cache_ok


def test_the_zone_of_the_host_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TZ", "America/New_York")
    time.tzset()
    try:
        read = Instant().process_result_value(NOW.replace(tzinfo=None), DIALECTS[0])
    finally:
        monkeypatch.undo()
        time.tzset()

    assert read == NOW
