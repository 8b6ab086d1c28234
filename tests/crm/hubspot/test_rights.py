"""What a token may read is told by HubSpot's refusal, never guessed."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from gatekeeper.crm.hubspot.metadata.rights import Rights
from tests.crm.hubspot.canned import Reply

if TYPE_CHECKING:
    from tests.crm.hubspot.canned import Portal

SILENT = Reply({"category": "OBJECT_NOT_FOUND", "message": "unknown token"}, 404)
QUOTES = "crm.objects.quotes.read"
LACKING = Reply(
    {
        "category": "MISSING_SCOPES",
        "message": "This app hasn't been granted all required scopes.",
        "errors": [{"context": {"requiredGranularScopes": [QUOTES]}}],
    },
    403,
)
FOUND = Reply({"status": "COMPLETE", "results": []})


def tells(*scopes: str) -> Reply:
    return Reply({"scopes": list(scopes)})


def test_a_token_that_has_the_scope_costs_one_call(told: Portal) -> None:
    told.answer(tells(QUOTES))

    rights = Rights(told.client())

    assert (rights.why_not("quotes"), rights.why_not("quotes")) == ("", "")
    assert len(told.asked) == 1


@pytest.mark.parametrize("said", [SILENT, tells("crm.objects.deals.read")])
@pytest.mark.parametrize("before", [(), (FOUND,)], ids=["links", "records"])
def test_a_refused_scope_is_named_whichever_reading_is_refused(
    told: Portal, said: Reply, before: tuple[Reply, ...]
) -> None:
    told.answer(said, *before, LACKING)

    why = Rights(told.client()).why_not("quotes")

    assert why.endswith(f"quotes: the token lacks the scope {QUOTES}")


def test_a_scope_that_is_not_told_but_not_asked_for_is_no_lack(told: Portal) -> None:
    told.answer(tells("crm.objects.deals.read"), FOUND)

    assert Rights(told.client()).why_not("quotes") == ""


@pytest.mark.parametrize(
    "refusal",
    [
        Reply({"category": "BANNED", "message": "This account has no access."}, 403),
        Reply(b"<html>Forbidden</html>", 403),
        Reply(b"<html>Bad Gateway</html>", 502),
    ],
)
def test_another_refusal_is_left_to_the_reading_itself(
    told: Portal, refusal: Reply
) -> None:
    told.answer(SILENT, refusal)

    assert Rights(told.client()).why_not("quotes") == ""
