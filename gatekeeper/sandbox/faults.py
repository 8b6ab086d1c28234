"""Faults to order: which route misbehaves, how, how often and after how many calls.

A fault is written `ROUTE:KIND[:COUNT][:after=N]`: `query:401:1`, `query:slow=1.5:3`,
`collections:lock_row:2`, `querymore:locator_expired:1:after=2`. Without a count it
lasts. Which routes and kinds there are is the dialect's choice: its `FaultMenu`.
"""

from __future__ import annotations

from dataclasses import dataclass

from gatekeeper.sandbox.wire import Breakage


@dataclass(frozen=True, slots=True)
class FaultMenu:
    """What may be ordered of a dialect.

    Args:
        routes: The routes' names, `any` among them.
        request_kinds: Kinds that spoil a whole request.
        record_kinds: Kinds that refuse records one by one.
        chunk_kinds: Kinds that refuse a whole chunk of a collection of records.
        write_routes: The routes that records can be refused on.
    """

    routes: frozenset[str]
    request_kinds: frozenset[str]
    record_kinds: frozenset[str] = frozenset()
    chunk_kinds: frozenset[str] = frozenset()
    write_routes: frozenset[str] = frozenset()

    @property
    def kinds(self) -> frozenset[str]:
        """All kinds."""
        return self.request_kinds | self.record_kinds | self.chunk_kinds


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

    def __init__(self, menu: FaultMenu) -> None:
        self._menu = menu
        self._faults: list[Fault] = []

    def add(self, spec: str) -> Fault:
        """Order a fault by its text.

        Raises:
            FaultSpecError: The text is no fault.
        """
        fault = parse_fault(spec, self._menu)
        self._faults.append(fault)
        return fault

    def clear(self) -> None:
        """Order nothing any more."""
        self._faults.clear()

    def take_request(self, route: str) -> list[Fault]:
        """Return the faults that spoil this request and count them down."""
        return self._take(route, self._menu.request_kinds)

    def take_record(self, route: str) -> Fault | None:
        """Return the fault that refuses this record, if one does."""
        taken = self._take(route, self._menu.record_kinds, at_most=1)
        return taken[0] if taken else None

    def take_chunk(self, route: str) -> Fault | None:
        """Return the fault that refuses this chunk of records, if one does."""
        taken = self._take(route, self._menu.chunk_kinds, at_most=1)
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


def breakages(faults: list[Fault]) -> Breakage:
    """Return what the faults do to the connection."""
    kinds = {fault.kind for fault in faults}
    return Breakage(
        delay_s=sum(fault.seconds for fault in faults if fault.kind == "slow"),
        drop_before="reset_before" in kinds,
        drop_after="reset_after" in kinds,
        truncate="truncated" in kinds,
    )


def parse_fault(spec: str, menu: FaultMenu) -> Fault:
    """Read `ROUTE:KIND[:COUNT][:after=N]`.

    Raises:
        FaultSpecError: The text is no fault; the message names what is wrong.
    """
    route, _, rest = spec.partition(":")
    kind, *options = rest.split(":")
    kind, _, seconds = kind.partition("=")
    fault = Fault(route, kind)
    _check_names(spec, fault, menu)
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


def _check_names(spec: str, fault: Fault, menu: FaultMenu) -> None:
    if fault.route not in menu.routes:
        known = ", ".join(sorted(menu.routes))
        raise FaultSpecError(
            f"fault '{spec}': there is no route '{fault.route}'; routes are {known}"
        )
    if fault.kind not in menu.kinds:
        known = ", ".join(sorted(menu.kinds))
        raise FaultSpecError(
            f"fault '{spec}': there is no kind '{fault.kind}'; kinds are {known}"
        )
    refuses_records = fault.kind not in menu.request_kinds
    if refuses_records and fault.route not in menu.write_routes:
        known = ", ".join(sorted(menu.write_routes))
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
