"""How calls leave, and what becomes of each kind of answer."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

import pytest

from gatekeeper.crm.hubspot.wire.client import Client, Wanted
from gatekeeper.crm.hubspot.wire.paths import route_of
from gatekeeper.crm.hubspot.wire.patience import Access
from gatekeeper.crm.hubspot.wire.refusals import ScopeError
from gatekeeper.errors import (
    CrmAuthError,
    CrmRejectedError,
    CrmUnreachableError,
    DeferredError,
    SetupError,
    Transient,
)
from tests.crm.hubspot.canned import NOW, TOKEN, Portal, Reply, Ticks, portal

if TYPE_CHECKING:
    from collections.abc import Callable

EMPTY = Reply({"results": []})
NOBODY = Reply({"results": [], "errors": [{"category": "OBJECT_NOT_FOUND"}]}, 207)
NO_SCOPE = {
    "status": "error",
    "message": "This app hasn't been granted all required scopes to make this call.",
    "errors": [
        {
            "message": "One or more of the following scopes are required.",
            "context": {"requiredGranularScopes": ["crm.objects.deals.read"]},
        }
    ],
    "category": "MISSING_SCOPES",
}


def limited(policy: str, message: str = "too many") -> Reply:
    body = {"status": "error", "message": message, "policyName": policy}
    return Reply(body, 429)


def test_a_list_is_asked_for_with_the_token_and_its_properties(told: Portal) -> None:
    told.answer(
        Reply({"results": [{"id": "1"}], "paging": {"next": {"after": "NTI1"}}})
    )

    page = told.client().page("deals", Wanted(("amount", "dealname")), "512")

    assert (page.rows, page.after) == ([{"id": "1"}], "NTI1")
    (asked,) = told.asked
    assert (asked.method, asked.path) == ("GET", "/crm/v3/objects/deals")
    assert asked.headers["Authorization"] == f"Bearer {TOKEN}"
    assert asked.query["properties"] == ["amount,dealname"]
    assert asked.query["limit"] == ["100"]
    assert asked.query["after"] == ["512"]
    assert asked.query["archived"][0].casefold() == "false"


@pytest.mark.parametrize(
    ("with_history", "sizes"), [((), [100, 20]), (("a",), [50] * 2 + [20])]
)
def test_records_are_read_in_batches_of_the_documented_size(
    told: Portal, with_history: tuple[str, ...], sizes: list[int]
) -> None:
    ids = [str(number) for number in range(120)]
    told.answer(NOBODY)

    list(told.client().records("deals", ids, Wanted(("amount",), with_history)))

    bodies = [asked.body or {} for asked in told.asked]
    assert [len(body["inputs"]) for body in bodies] == sizes  # type: ignore[arg-type]
    assert [each for body in bodies for each in body["inputs"]] == [  # type: ignore[attr-defined]
        {"id": id_} for id_ in ids
    ]


@pytest.mark.trap("H3a")
@pytest.mark.parametrize("status", [200, 201, 207])
def test_a_write_is_read_whatever_success_it_is_called(
    told: Portal, status: int
) -> None:
    told.answer(Reply({"status": "COMPLETE", "results": [{"id": "9"}]}, status))

    assert told.client().write("tasks", "create", [{}]).rows == [{"id": "9"}]


@pytest.mark.trap("H3c")
def test_a_partial_answer_names_what_failed_and_why(told: Portal) -> None:
    message = (
        'Property values were not valid: [{"isValid":false,"message":"no",'
        '"error":"INVALID_OPTION","name":"dealstage"}]'
    )
    told.answer(
        Reply(
            {
                "status": "COMPLETE",
                "results": [],
                "numErrors": 2,
                "errors": [
                    {
                        "status": "error",
                        "category": "VALIDATION_ERROR",
                        "message": message,
                        "context": {"objectWriteTraceId": ["t1"]},
                    },
                    {
                        "status": "error",
                        "category": "OBJECT_NOT_FOUND",
                        "message": "Could not get some TASK objects",
                        "context": {"ids": ["999"]},
                    },
                ],
            },
            207,
        )
    )

    batch = told.client().write("tasks", "update", [{}])

    assert [failure.code for failure in batch.failures] == [
        "INVALID_OPTION",
        "OBJECT_NOT_FOUND",
    ]
    assert batch.failures[0].context == {"objectWriteTraceId": ("t1",)}
    assert batch.failures[1].context == {"ids": ("999",)}


@pytest.mark.parametrize("body", [b"", b"<html>", {"results": None}, [], {}])
def test_an_answer_without_results_is_none(told: Portal, body: object) -> None:
    told.answer(Reply(body))

    with pytest.raises(Transient) as caught:
        told.client().write("tasks", "upsert", [{}])
    assert caught.value.outcome_unknown
    assert len(told.asked) == 1


@pytest.mark.trap("H10a")
@pytest.mark.promise("S07")
@pytest.mark.parametrize(
    "reply",
    [
        Reply(is_cut=True),
        Reply(b"<html>", 502),
        *(Reply(b"", status) for status in (500, 503, 504, 521, 523, 524)),
    ],
)
def test_reads_are_repeated_and_lost_writes_are_not(told: Portal, reply: Reply) -> None:
    told.answer(reply, EMPTY)
    assert told.client().pipelines() == []
    assert len(told.asked) == 2

    told.asked.clear()
    told.answer(reply, EMPTY)
    with pytest.raises(Transient) as caught:
        told.client().write("deals", "update", [{}])
    assert caught.value.outcome_unknown
    assert len(told.asked) == 1


@pytest.mark.trap("H10b")
def test_a_locked_record_is_written_again_after_two_seconds(told: Portal) -> None:
    told.answer(Reply({"message": "locked"}, 423), EMPTY)

    told.client().write("deals", "update", [{}])

    assert len(told.asked) == 2
    assert sum(told.ticks.waits) >= 2


@pytest.mark.trap("H7c")
@pytest.mark.parametrize("policy", ["TEN_SECONDLY_ROLLING", "SECONDLY", "UNHEARD_OF"])
@pytest.mark.parametrize(
    ("ask", "usual_s"),
    [
        (lambda client: client.pipelines(), 10),
        (lambda client: client.found("deals", {}), 1),
        (lambda client: client.links("deals", "tasks", [{"id": "1"}]), 10),
        (lambda client: client.write("tasks", "upsert", [{}]), 10),
    ],
    ids=["ordinary", "search", "associations", "write"],
)
def test_no_call_leaves_before_the_window_opens(
    told: Portal, policy: str, ask: Callable[[Client], object], usual_s: int
) -> None:
    told.answer(limited(policy), EMPTY)

    ask(told.client())

    # What the limit's name says counts; HubSpot may give search another limit's.
    named = {"TEN_SECONDLY_ROLLING": 10, "SECONDLY": 1}
    assert len(told.asked) == 2
    assert told.ticks.now >= named.get(policy, usual_s)


@pytest.mark.parametrize(
    ("asked", "wait_s"),
    [
        ("33", 33.0),
        ("2.5", 2.5),
        # Against the clock of the answer, 14:00:00, whatever the machine's says.
        ("Fri, 20 Nov 2026 14:00:40 GMT", 40.0),
        ("Friday, 20-Nov-26 14:00:40 GMT", 40.0),
        ("Fri, 20 Nov 2026 13:59:00 GMT", 1.0),  # over: what the limit itself says
        ("-5", 1.0),
        ("soon", 1.0),
        ("Fri, 40 Nov 2026 14:00:40 GMT", 1.0),
    ],
)
def test_the_longer_wait_of_header_and_policy_counts(
    told: Portal, asked: str, wait_s: float
) -> None:
    limited_by = Reply({"policyName": "SECONDLY"}, 429, {"Retry-After": asked})
    told.answer(limited_by, EMPTY)

    told.client(attempts=2).found("deals", {})

    # A repeat comes up to a second later than it may, so that not all come at once.
    assert wait_s <= told.ticks.now <= wait_s + 1


def test_a_limit_that_stays_used_up_defers_the_run(told: Portal) -> None:
    told.answer(limited("TEN_SECONDLY_ROLLING", "You have reached your limit."))

    with pytest.raises(DeferredError, match=r"your limit\. Other calls .* used up"):
        told.client(attempts=3).pipelines()
    assert len(told.asked) == 3
    assert told.ticks.now >= 20


@pytest.mark.trap("H7b")
def test_a_used_up_day_ends_at_the_accounts_midnight(told: Portal) -> None:
    told.answer(limited("DAILY", "You have reached your daily limit."), EMPTY)
    client = told.client()
    client.pace.zone = ZoneInfo("America/New_York")

    with pytest.raises(DeferredError, match=r"21 Nov 2026 00:00 \(America/New_York\)"):
        client.pipelines()
    with pytest.raises(DeferredError):
        client.pipelines()
    assert len(told.asked) == 1

    # 14:00 UTC is 09:00 there: fifteen hours are left of the day.
    told.ticks.now += 15 * 3600 + 1
    assert client.pipelines() == []


def test_where_nobody_told_the_accounts_zone_the_latest_midnight_counts(
    told: Portal,
) -> None:
    told.answer(limited("DAILY"), EMPTY)
    client = told.client()

    with pytest.raises(DeferredError, match="The next run after midnight of the"):
        client.account()

    # 14:00 UTC; the day ends last where it is twelve hours earlier, at 12:00 UTC.
    told.ticks.now += 22 * 3600 - 1
    with pytest.raises(DeferredError):
        client.account()
    told.ticks.now += 2
    client.account()
    assert len(told.asked) == 2


@pytest.mark.trap("H10c")
def test_a_moving_account_defers_the_run(told: Portal) -> None:
    told.answer(Reply({}, 477, {"Retry-After": "7200"}))

    with pytest.raises(DeferredError, match="7,200 seconds"):
        told.client().pipelines()


def test_a_refused_token_stops(told: Portal) -> None:
    body = {
        "status": "error",
        "message": "The OAuth token used to make this call expired 75 second(s) ago.",
        "category": "EXPIRED_AUTHENTICATION",
    }
    told.answer(Reply(body, 401))

    with pytest.raises(CrmAuthError, match="GATEKEEPER_HUBSPOT_TOKEN"):
        told.client().account()
    assert len(told.asked) == 1


def test_a_missing_scope_is_named(told: Portal) -> None:
    told.answer(Reply(NO_SCOPE, 403))

    with pytest.raises(ScopeError, match=r"lacks the scope crm\.objects\.deals\.read"):
        told.client().page("deals", Wanted())


@pytest.mark.parametrize(
    "reply",
    [
        Reply({"category": "BANNED", "message": "This account has no access."}, 403),
        Reply(b"<html>Forbidden</html>", 403),
    ],
)
def test_another_refusal_is_no_missing_scope(told: Portal, reply: Reply) -> None:
    told.answer(reply)

    with pytest.raises(CrmRejectedError) as caught:
        told.client().page("quotes", Wanted())

    assert not isinstance(caught.value, ScopeError)


@pytest.mark.parametrize(
    ("reply", "code"),
    [
        (Reply(b"<html>Request-URI Too Large</html>", 414), "URI_TOO_LONG"),
        (
            Reply({"category": "OBJECT_NOT_FOUND", "message": "gone"}, 404),
            "OBJECT_NOT_FOUND",
        ),
        (Reply(b"<html>", 404), "OBJECT_NOT_FOUND"),
        (Reply({"category": "OBJECT_ALREADY_EXISTS"}, 409), "OBJECT_ALREADY_EXISTS"),
        (
            Reply(
                {"category": "VALIDATION_ERROR", "errors": [{"code": "INVALID_DATE"}]},
                400,
            ),
            "INVALID_DATE",
        ),
    ],
)
def test_what_is_refused_for_good_keeps_its_code(
    told: Portal, reply: Reply, code: str
) -> None:
    told.answer(reply)

    with pytest.raises(CrmRejectedError) as caught:
        told.client().properties("deals")
    assert caught.value.code == code
    assert len(told.asked) == 1


def test_a_page_of_another_server_is_said_to_be_one(told: Portal) -> None:
    told.answer(Reply(b"\xff<html>", 418))

    with pytest.raises(CrmUnreachableError, match="GATEKEEPER_HUBSPOT_URL"):
        told.client().pipelines()


@pytest.mark.promise("S06")
def test_a_token_follows_no_redirect(told: Portal) -> None:
    with portal() as elsewhere:
        told.answer(Reply(b"", 302, {"Location": f"{elsewhere.url}/crm/v3/owners"}))

        with pytest.raises(CrmUnreachableError, match="302 is not HubSpot's"):
            told.client().owners("", archived=False)

        assert (len(told.asked), elsewhere.asked) == (1, [])


@pytest.mark.trap("H10f")
@pytest.mark.promise("S07")
def test_a_silent_server_does_not_hang_the_worker(told: Portal) -> None:
    told.answer(Reply(b"", 200, {"Content-Length": "10"}))

    with pytest.raises(CrmUnreachableError, match="no answer in time"):
        told.client(attempts=1, read_s=0.05).pipelines()


def test_nobody_there_is_said_at_once() -> None:
    ticks = Ticks()
    client = Client(Access(TOKEN, "http://127.0.0.1:9", attempts=1), ticks.sleep, ticks)

    with pytest.raises(CrmUnreachableError, match="nothing answers"):
        client.pipelines()


@pytest.mark.promise("S06")
@pytest.mark.parametrize("url", ["https://example.com", "http://api.hubapi.com"])
def test_a_token_goes_to_hubspot_alone(url: str) -> None:
    with pytest.raises(SetupError, match="is not the address of HubSpot"):
        Client(Access(TOKEN, url))


@pytest.mark.promise("W6")
@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("DELETE", "/crm/v3/objects/tasks/1"),
        ("POST", "/crm/v3/objects/tasks/batch/archive"),
        ("POST", "/crm/v3/objects/deals/merge"),
        ("POST", "/crm/v3/objects/deals/batch/create"),
        ("POST", "/crm/v3/objects/contacts/batch/update"),
        ("POST", "/crm/v4/associations/deals/contacts/batch/create"),
        ("PATCH", "/crm/v3/objects/deals/1"),
    ],
)
def test_what_gatekeeper_never_does_is_not_sent(method: str, path: str) -> None:
    with pytest.raises(SetupError, match="not something gatekeeper does"):
        route_of(method, path)


def test_calls_and_allowance_are_counted(told: Portal) -> None:
    told.answer(
        Reply(
            {"results": []},
            headers={
                "X-HubSpot-RateLimit-Daily": "625000",
                "X-HubSpot-RateLimit-Daily-Remaining": "624000",
            },
        )
    )
    client = told.client()

    client.pipelines()
    client.write("tasks", "upsert", [{}])

    use = client.meter.use()
    assert (use.reads, use.writes, use.used, use.allowed) == (1, 1, 1000, 625000)
    assert client.meter.clock == datetime(2026, 11, 20, 14, tzinfo=UTC), NOW


@pytest.mark.trap("H2a")
def test_one_connection_serves_all_calls(told: Portal) -> None:
    client = told.client()
    for _ in range(3):
        client.pipelines()
        client.properties("deals")
        client.links("deals", "contacts", [{"id": "1"}])

    assert client.door.connections.num_connections == 1
