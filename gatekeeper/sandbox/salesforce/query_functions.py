"""The date functions of SOQL: `CALENDAR_YEAR(CloseDate)`, `DAY_ONLY(CreatedDate)`.

A date-time is read in UTC unless it is wrapped in `convertTimezone`, as in the real
service.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.query_rows import getter
from gatekeeper.sandbox.salesforce.query_values import Operand
from gatekeeper.sandbox.salesforce.soql_dates import read_datetime
from gatekeeper.sandbox.salesforce.soql_tree import Call, Path

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from gatekeeper.sandbox.salesforce.query_names import Getter, Row, Scope

FUNCTIONS: dict[str, Callable[[date], int | str]] = {
    "CALENDAR_MONTH": lambda day: day.month,
    "CALENDAR_QUARTER": lambda day: (day.month + 2) // 3,
    "CALENDAR_YEAR": lambda day: day.year,
    "DAY_IN_MONTH": lambda day: day.day,
    "DAY_IN_WEEK": lambda day: day.isoweekday() % 7 + 1,
    "DAY_IN_YEAR": lambda day: day.timetuple().tm_yday,
    "DAY_ONLY": lambda day: f"{day:%Y-%m-%d}",
    "FISCAL_MONTH": lambda day: day.month,
    "FISCAL_QUARTER": lambda day: (day.month + 2) // 3,
    "FISCAL_YEAR": lambda day: day.year,
    "HOUR_IN_DAY": lambda day: day.hour if isinstance(day, datetime) else 0,
    "WEEK_IN_MONTH": lambda day: (day.day - 1) // 7 + 1,
    "WEEK_IN_YEAR": lambda day: (day.timetuple().tm_yday - 1) // 7 + 1,
}
_DATETIME_ONLY = {"DAY_ONLY", "HOUR_IN_DAY"}


def date_function(scope: Scope, call: Call) -> Operand:
    """Return the operand that a date function is.

    Raises:
        SalesforceError: Not a function of SOQL, or not of a date field.
    """
    name = call.function.upper()
    compute = FUNCTIONS.get(name)
    if compute is None:
        raise scope.malformed(f"unexpected token: '{call.function}'", call.at)
    path, zone = _argument(scope, call)
    column = scope.column(path)
    kind = column.field.type
    allowed = {"datetime"} if name in _DATETIME_ONLY else {"date", "datetime"}
    if kind not in allowed:
        message = f"Invalid field for date function: {column.field.name}"
        raise scope.refuse("INVALID_FIELD", message, path.at)
    if not column.field.filterable:
        message = f"field '{column.field.name}' can not be filtered in a query call"
        raise scope.refuse("INVALID_FIELD", message, path.at)
    read = _computed(getter(scope.view.source, column), compute, zone, kind)
    return Operand(
        read, "date" if name == "DAY_ONLY" else "int", column.field.name, call.at
    )


def _argument(scope: Scope, call: Call) -> tuple[Path, tzinfo]:
    inner = call.argument
    if isinstance(inner, Path):
        return inner, UTC
    if inner is not None and inner.function.casefold() == "converttimezone":
        if isinstance(inner.argument, Path):
            return inner.argument, scope.view.zone
        raise scope.malformed("unexpected token: ')'", inner.at)
    word = ")" if inner is None else inner.function
    raise scope.malformed(f"unexpected token: '{word}'", inner.at if inner else call.at)


def _computed(
    read: Getter, compute: Callable[[date], int | str], zone: tzinfo, kind: str
) -> Getter:
    def on_date(row: Row) -> object:
        stored = read(row)
        return None if stored is None else compute(date.fromisoformat(str(stored)))

    def on_datetime(row: Row) -> object:
        stored = read(row)
        if stored is None:
            return None
        return compute(read_datetime(str(stored)).astimezone(zone))

    return on_date if kind == "date" else on_datetime
