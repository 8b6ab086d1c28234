"""The health pages, fetched over HTTP; and the ticks of a real scheduler."""

from __future__ import annotations

import threading
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import TYPE_CHECKING

import pytest
import requests

from gatekeeper.errors import PackError, SetupError, StoreError
from gatekeeper.worker.health import Health
from gatekeeper.worker.listening import serving
from gatekeeper.worker.metrics import Metrics
from gatekeeper.worker.scheduler import Pulse, work
from tests.worker.office import Clock

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.worker.office import Office

MINUTE = timedelta(minutes=1)


class Served:
    """Health pages on a port of their own."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.pulse = Pulse(self.clock, self.clock.at)
        self.metrics = Metrics()
        self.wrong: dict[str, Exception | str] = {"database": "", "rules": ""}
        checks = {name: self._check(name) for name in self.wrong}
        self.health = Health(self.pulse, 2 * MINUTE, checks, self.metrics)
        self.port = 0

    def _check(self, name: str) -> Callable[[], str]:
        def check() -> str:
            wrong = self.wrong[name]
            if isinstance(wrong, Exception):
                raise wrong
            return wrong

        return check

    def get(self, path: str) -> requests.Response:
        return requests.get(f"http://127.0.0.1:{self.port}{path}", timeout=10)


@pytest.fixture
def served() -> Iterator[Served]:
    made = Served()
    with serving(made.health, "127.0.0.1", 0) as made.port:
        yield made


def test_a_worker_lives_as_long_as_it_ticks(served: Served) -> None:
    served.clock.at += MINUTE
    assert served.get("/livez").status_code == HTTPStatus.OK
    assert served.get("/livez").text == "last tick 60 s ago\n"

    served.clock.at += 2 * MINUTE
    assert served.get("/livez").status_code == HTTPStatus.SERVICE_UNAVAILABLE

    served.pulse.beat()
    assert served.get("/livez").status_code == HTTPStatus.OK


@pytest.mark.parametrize(
    ("wrong", "line"),
    [
        (StoreError("The database db is locked.\nMore."), "The database db is locked."),
        ("asleep", "asleep"),
    ],
)
def test_a_worker_is_ready_while_database_and_rules_can_be_used(
    served: Served, wrong: Exception | str, line: str
) -> None:
    assert served.get("/readyz").text == "database: ok\nrules: ok\n"

    served.wrong["database"] = wrong
    answer = served.get("/readyz")

    assert answer.status_code == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.text == f"database: {line}\nrules: ok\n"


def test_a_pack_with_mistakes_shows_its_first_one(served: Served) -> None:
    served.wrong["rules"] = PackError(["rules/a.rules.yaml:1:1: error E201: no.\n x"])

    assert (
        "rules: rules/a.rules.yaml:1:1: error E201: no.\n" in served.get("/readyz").text
    )


def test_metrics_are_in_the_format_of_prometheus(served: Served) -> None:
    metrics, at = served.metrics, datetime(2026, 11, 23, tzinfo=UTC)
    metrics.done("org", "run", at)
    metrics.ran("org", "done", reads=7, writes=2)
    metrics.ran("org", "held", reads=1, writes=0)
    metrics.failed("digest")
    metrics.digested("org", "manager", "sent")
    metrics.missed("org", {"owner": 9})
    metrics.missed("org", {"no_manager": 4})
    metrics.stands("org", {("old-rule", "open"): 1})
    metrics.stands("org", {("a-rule", "open"): 3})
    metrics.audited("org", is_whole=False)
    with metrics.at_work("run"):
        busy = served.get("/metrics").text

    answer = served.get("/metrics")

    assert answer.headers["Content-Type"].startswith("text/plain; version=0.0.4")
    assert 'gatekeeper_work_under_way{kind="run"} 1.0' in busy
    lines = set(answer.text.splitlines())
    assert lines >= {
        'gatekeeper_last_success_timestamp_seconds{kind="run",org="org"} 1.795392e+09',
        'gatekeeper_runs_total{org="org",status="done"} 1.0',
        'gatekeeper_runs_total{org="org",status="held"} 1.0',
        'gatekeeper_api_calls_total{direction="read",org="org"} 8.0',
        'gatekeeper_api_calls_total{direction="write",org="org"} 2.0',
        'gatekeeper_work_failures_total{kind="digest"} 1.0',
        'gatekeeper_digests_total{audience="manager",delivery="sent",org="org"} 1.0',
        'gatekeeper_digests_untold{kind="no_manager",org="org"} 4.0',
        'gatekeeper_violations{org="org",rule="a-rule",state="open"} 3.0',
        'gatekeeper_audit_whole{org="org"} 0.0',
        'gatekeeper_work_duration_seconds_count{kind="run"} 1.0',
        'gatekeeper_work_under_way{kind="run"} 0.0',
    }
    assert "old-rule" not in answer.text
    assert "_created" not in answer.text  # when a counter began says nothing


def test_other_pages_are_named_and_head_has_no_content(served: Served) -> None:
    answer = served.get("/")
    assert answer.status_code == HTTPStatus.NOT_FOUND
    assert answer.text == "Pages: /livez /readyz /metrics\n"

    url = f"http://127.0.0.1:{served.port}/livez"
    head = requests.head(url, timeout=10)
    assert (head.status_code, head.content) == (HTTPStatus.OK, b"")


def test_an_address_in_use_is_told_with_the_setting(served: Served) -> None:
    with (
        pytest.raises(SetupError, match="GATEKEEPER_HEALTH_ADDRESS"),
        serving(served.health, "127.0.0.1", served.port),
    ):
        pass


def test_ticks_come_from_a_clock_of_their_own_and_end_with_the_work(
    office: Office,
) -> None:
    ticks = threading.Event()

    def told_to_end() -> bool:
        return ticks.wait(10)

    office.clock.at += timedelta(hours=1)  # five in the morning
    pulse = Pulse(office.clock, office.clock.at - MINUTE)
    office.after_run = ticks.set

    in_time = work([office.runs], pulse, told_to_end, timedelta(milliseconds=50))

    assert in_time
    assert len(office.done_runs()) == 1
    assert pulse.age == timedelta()
