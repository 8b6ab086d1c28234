"""What a worker counts, as Prometheus reads it.

Gauges of what stands are set after each piece of work and at the start, so that reading
them touches neither the database nor the CRM.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    disable_created_metrics,
    generate_latest,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from datetime import datetime

PREFIX = "gatekeeper"
BOUNDS_S = (1, 5, 15, 60, 300, 900, 1800, 3600, 7200)
"""Between the counted durations of work."""


class Metrics:
    """Counters and gauges of one process, and the page that shows them."""

    def __init__(self) -> None:
        # A series per counter that says when it began doubles what is kept of each
        # and tells nothing: Prometheus sees a restart in the counter itself.
        disable_created_metrics()  # type: ignore[no-untyped-call]  # it has no types
        self._registry = CollectorRegistry()
        self._duration = Histogram(
            f"{PREFIX}_work_duration_seconds",
            "How long one piece of scheduled work took, failed ones included.",
            ["kind"],
            buckets=BOUNDS_S,
            registry=self._registry,
        )
        self._busy = self._gauge(
            "work_under_way", "1 while this kind of work is done.", "kind"
        )
        self._failed = self._counter(
            "work_failures", "Attempts at work that will be made again.", "kind"
        )
        self._succeeded = self._gauge(
            "last_success_timestamp_seconds",
            "When work last came to its end; alert where that is too long ago.",
            "org",
            "kind",
        )
        self._count_work()

    def _count_work(self) -> None:
        """Set up what is counted of runs and digests, and what stands after them."""
        self._runs = self._counter("runs", "Runs by how they ended.", "org", "status")
        self._api = self._counter(
            "api_calls", "Calls of the CRM by runs.", "org", "direction"
        )
        self._digests = self._counter(
            "digests",
            "Digests by kind and by what became of them.",
            "org",
            "audience",
            "delivery",
        )
        self._untold = self._gauge(
            "digests_untold",
            "Readers whom no digest reaches; the RevOps digest names them.",
            "org",
            "kind",
        )
        self._violations = self._gauge(
            "violations", "Violations that stand.", "org", "rule", "state"
        )
        self._audit = self._gauge(
            "audit_whole", "0 where the audit chain was damaged when looked at.", "org"
        )

    def _counter(self, name: str, text: str, *labels: str) -> Counter:
        return Counter(f"{PREFIX}_{name}", text, labels, registry=self._registry)

    def _gauge(self, name: str, text: str, *labels: str) -> Gauge:
        return Gauge(f"{PREFIX}_{name}", text, labels, registry=self._registry)

    @contextmanager
    def at_work(self, kind: str) -> Iterator[None]:
        """Time one piece of work."""
        busy = self._busy.labels(kind)
        with self._duration.labels(kind).time(), busy.track_inprogress():
            yield

    def done(self, org: str, kind: str, at: datetime) -> None:
        """Note that work of a kind came to its end."""
        self._succeeded.labels(org, kind).set(at.timestamp())

    def failed(self, kind: str) -> None:
        """Note that an attempt was in vain."""
        self._failed.labels(kind).inc()

    def ran(self, org: str, status: str, *, reads: int, writes: int) -> None:
        """Note how a run ended, and what it called."""
        self._runs.labels(org, status).inc()
        self._api.labels(org, "read").inc(reads)
        self._api.labels(org, "write").inc(writes)

    def digested(self, org: str, audience: str, delivery: str) -> None:
        """Note what became of one digest."""
        self._digests.labels(org, audience, delivery).inc()

    def missed(self, org: str, readers: Mapping[str, int]) -> None:
        """Set how many readers of each kind no digest reaches."""
        self._untold.clear()
        for kind, count in readers.items():
            self._untold.labels(org, kind).set(count)

    def stands(self, org: str, violations: Mapping[tuple[str, str], int]) -> None:
        """Set what stands, by rule and state; what is not named has gone."""
        self._violations.clear()
        for (rule, state), count in violations.items():
            self._violations.labels(org, rule, state).set(count)

    def audited(self, org: str, *, is_whole: bool) -> None:
        """Note whether the audit chain is whole."""
        self._audit.labels(org).set(is_whole)

    def page(self) -> bytes:
        """Return all of it in Prometheus' text format."""
        return generate_latest(self._registry)
