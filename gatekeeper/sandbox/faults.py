"""Faults to order: which route misbehaves, how, how often and after how many calls.

A fault is written `ROUTE:KIND[:COUNT][:after=N]`: `query:401:1`, `query:slow=1.5:3`,
`collections:lock_row:2`, `querymore:locator_expired:1:after=2`. Without a count it
lasts.
"""

from __future__ import annotations

from dataclasses import dataclass

ROUTES = frozenset(
    {
        "any",
        "bulk",
        "collections",
        "composite",
        "create",
        "delete",
        "deleted",
        "describe",
        "describeglobal",
        "limits",
        "picklists",
        "query",
        "queryall",
        "querymore",
        "resources",
        "retrieve",
        "revoke",
        "token",
        "tooling",
        "update",
        "updated",
        "upsert",
        "userinfo",
        "versions",
    }
)
REQUEST_KINDS = frozenset(
    {
        "401",
        "429",
        "500",
        "503html",
        "concurrent403",
        "limit403",
        "locator_expired",
        "lock_row_500",
        "query_timeout",
        "reset_after",
        "reset_before",
        "slow",
        "truncated",
    }
)
"""Kinds that spoil a whole request."""
RECORD_KINDS = frozenset({"inactive_owner", "lock_row", "trigger", "validation"})
"""Kinds that refuse records one by one, `trigger` a whole chunk of a collection."""
WRITE_ROUTES = frozenset({"any", "collections", "create", "update", "upsert"})


class FaultSpecError(ValueError):
    """A fault that cannot be read; the message says how to write it."""


@dataclass(slots=True)
class Fault:
    """One ordered fault; `left` is None where it never ends."""

    route: str
    kind: str
    left: int | None = None
    after: int = 0
    seconds: float = 0.0


class Faults:
    """The faults in force, taken one by one as requests and records come by."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, spec: str) -> Fault:
        """Order a fault by its text.

        Raises:
            FaultSpecError: The text is no fault.
        """
        fault = parse_fault(spec)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Order nothing any more."""
        self._faults.clear()

    def take_request(self, route: str) -> list[Fault]:
        """Return the faults that spoil this request and count them down."""
        return self._take(route, REQUEST_KINDS)

    def take_record(self, route: str) -> Fault | None:
        """Return the fault that refuses this record, if one does."""
        taken = self._take(route, RECORD_KINDS - {"trigger"}, at_most=1)
        return taken[0] if taken else None

    def take_chunk(self, route: str) -> Fault | None:
        """Return the trigger fault that refuses this chunk of records, if one does."""
        taken = self._take(route, frozenset({"trigger"}), at_most=1)
        return taken[0] if taken else None

    def _take(
        self, route: str, kinds: frozenset[str], at_most: int | None = None
    ) -> list[Fault]:
        taken: list[Fault] = []
        for fault in list(self._faults):
            if fault.route not in {route, "any"} or fault.kind not in kinds:
                continue
            if at_most is not None and len(taken) == at_most:
                break
            if fault.after:
                fault.after -= 1
                continue
            taken.append(fault)
            self._count_down(fault)
        return taken

    def _count_down(self, fault: Fault) -> None:
        if fault.left is not None:
            fault.left -= 1
            if fault.left == 0:
                self._faults.remove(fault)


def parse_fault(spec: str) -> Fault:
    """Read `ROUTE:KIND[:COUNT][:after=N]`.

    Raises:
        FaultSpecError: The text is no fault; the message names what is wrong.
    """
    route, _, rest = spec.partition(":")
    kind, *options = rest.split(":")
    kind, _, seconds = kind.partition("=")
    fault = Fault(route, kind)
    _check_names(spec, fault)
    if kind == "slow":
        fault.seconds = _number(spec, seconds, "slow= needs seconds, as in slow=1.5")
    for option in options:
        if option.startswith("after="):
            fault.after = int(_number(spec, option[6:], "after= needs a whole number"))
        else:
            fault.left = int(_number(spec, option, "the count must be a whole number"))
            if fault.left < 1:
                raise FaultSpecError(f"fault '{spec}': the count must be at least 1")
    return fault


def _check_names(spec: str, fault: Fault) -> None:
    if fault.route not in ROUTES:
        known = ", ".join(sorted(ROUTES))
        raise FaultSpecError(
            f"fault '{spec}': there is no route '{fault.route}'; routes are {known}"
        )
    if fault.kind not in REQUEST_KINDS | RECORD_KINDS:
        known = ", ".join(sorted(REQUEST_KINDS | RECORD_KINDS))
        raise FaultSpecError(
            f"fault '{spec}': there is no kind '{fault.kind}'; kinds are {known}"
        )
    if fault.kind in RECORD_KINDS and fault.route not in WRITE_ROUTES:
        known = ", ".join(sorted(WRITE_ROUTES))
        raise FaultSpecError(
            f"fault '{spec}': '{fault.kind}' refuses records; it needs one of {known}"
        )


def _number(spec: str, text: str, complaint: str) -> float:
    try:
        number = float(text)
    except ValueError:
        raise FaultSpecError(f"fault '{spec}': {complaint}") from None
    if number < 0 or (complaint.endswith("whole number") and number != int(number)):
        raise FaultSpecError(f"fault '{spec}': {complaint}")
    return number
