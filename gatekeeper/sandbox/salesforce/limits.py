"""What the org still allows, and what it offers."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.call import Answer
from gatekeeper.sandbox.salesforce.routing import VERSIONS, Route

if TYPE_CHECKING:
    from gatekeeper.sandbox.salesforce.call import Call

_UNTOUCHED = {
    "ConcurrentAsyncGetReportInstances": 200,
    "DailyBulkApiBatches": 15_000,
    "DailyBulkV2QueryFileStorageMB": 976_562,
    "DailyBulkV2QueryJobs": 10_000,
    "DailyStreamingApiEvents": 10_000,
    "DataStorageMB": 1_073,
    "FileStorageMB": 1_073,
    "HourlyTimeBasedWorkflow": 1_000,
    "SingleEmail": 5_000,
}
_SEASONS = ("Spring", "Summer", "Winter")


def limits(call: Call) -> Answer:
    """Answer `GET /limits`."""
    settings = call.org.settings
    left = settings.daily_calls - settings.calls_used
    body = {name: {"Max": most, "Remaining": most} for name, most in _UNTOUCHED.items()}
    body["DailyApiRequests"] = {"Max": settings.daily_calls, "Remaining": left}
    return Answer(body=dict(sorted(body.items())))


def versions(_call: Call) -> Answer:
    """Answer `GET /services/data`: open to all."""
    return Answer(
        body=[
            {
                "label": _label(int(version.partition(".")[0])),
                "url": f"/services/data/v{version}",
                "version": version,
            }
            for version in VERSIONS
        ]
    )


def _label(number: int) -> str:
    # Three releases a year; version 59 was Winter '24.
    season = _SEASONS[(number - 57) % 3]
    year = 23 + (number - 57) // 3 + (season == "Winter")
    return f"{season} '{year}"


def resources(call: Call) -> Answer:
    """Answer `GET /services/data/vXX.0`: what there is below."""
    names = ("composite", "limits", "query", "queryAll", "sobjects", "tooling")
    return Answer(body={name: f"{call.root}/{name}" for name in names})


LIMIT_ROUTES = (
    Route("versions", "GET", "/services/data", versions, needs_session=False),
    Route("resources", "GET", "/services/data/{version}", resources),
    Route("limits", "GET", "/services/data/{version}/limits", limits),
)
