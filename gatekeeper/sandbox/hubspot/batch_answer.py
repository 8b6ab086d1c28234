"""The envelope of batch calls: outcomes in no order, a 207 where some failed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.call import Answer

if TYPE_CHECKING:
    from gatekeeper.sandbox.hubspot.portal import Portal

Body = dict[str, object]


def batch_answer(
    portal: Portal, found: list[Body], errors: list[Body], status: int = 200
) -> Answer:
    """Return the answer to a batch call.

    Args:
        portal: Whose clock stamps it and whose settings shuffle it.
        found: What succeeded.
        errors: The entries of what failed; any makes the status 207.
        status: The status where nothing failed.
    """
    at = portal.stamp()
    body: Body = {
        "status": "COMPLETE",
        "results": portal.shuffled(found),
        "startedAt": at,
        "completedAt": at,
    }
    if not errors:
        return Answer(status, body)
    return Answer(207, body | {"numErrors": len(errors), "errors": errors})
