"""Slips in the write protocol, each as one function put in the place of another."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from gatekeeper.core import desire as desiring
from gatekeeper.core import reconcile as reconciling
from gatekeeper.core import track as tracking
from gatekeeper.core.episodes import Episode
from gatekeeper.core.model import (
    Action,
    GoneReason,
    ObligationState,
    Outcome,
    Receipt,
    WriteStatus,
)
from gatekeeper.flow import apply as applying
from gatekeeper.flow import ledger as accounting
from gatekeeper.flow import planning, services, survey
from gatekeeper.ports import PullTotals
from gatekeeper.store import episodes
from tests.simulation.core import folding
from tests.simulation.core import records as recording
from tests.simulation.core import run as running
from tests.simulation.core.crm import SimCrm
from tests.simulation.core.records import Records
from tests.simulation.core.run import DictRun

if TYPE_CHECKING:
    from collections.abc import Callable


@dataclass(frozen=True, slots=True)
class Bug:
    """One slip.

    Attributes:
        what: In a few words.
        owner: The module or class that has the function.
        name: Of the function.
        made: Gives the function with the slip in it, from the sound one.
    """

    what: str
    owner: Any
    name: str
    made: Callable[[Any], Any]


def _instead(slip: Any) -> Callable[[Any], Any]:
    return lambda _sound: slip


# ---- intents, seals, ids ------------------------------------------------------------


def _no_intent(run_: DictRun, changes: Any, aside: Any = ()) -> None:
    """Note nothing before the request leaves."""


def _no_seal(sound: Any) -> Any:
    def claim(task: Any, known: Any, at: Any) -> Any:
        held = sound(task, known, at)
        is_close = task.action is Action.CLOSE and known is not None
        return replace(held, state=known.state) if is_close else held

    return claim


def _open_without_id(sound: Any) -> Any:
    def done(task: Any, receipt: Any, held: Any, at: Any) -> Any:
        if task.action is Action.CREATE:
            return replace(
                held, state=ObligationState.OPEN, remote_id=receipt.remote_id
            )
        return sound(task, receipt, held, at)

    return done


def _unknown_is_refused(sound: Any) -> Any:
    """Forget what was sent without an answer, as if it had been refused."""

    def settle(task: Any, receipt: Any, held: Any, at: Any) -> Any:
        if receipt.status is WriteStatus.UNKNOWN:
            receipt = replace(receipt, status=WriteStatus.GONE)
        return sound(task, receipt, held, at)

    return settle


def _sent_before_intent(sound: Any) -> Any:
    """Let the closing request leave before the episode is sealed."""

    def intend(run_: DictRun, changes: Any, aside: Any = ()) -> None:
        closes = [each for each in changes if each.change.action is Action.CLOSE]
        if not closes:
            sound(run_, changes, aside)

    return intend


def _blind_retry(sound: Any) -> Any:
    """Send a request again at once when no answer came."""

    def write(crm: SimCrm, changes: Any, run_number: Any, may_leave: Any) -> Any:
        receipts = sound(crm, changes, run_number, may_leave)
        silent = [each.status is WriteStatus.UNKNOWN for each in receipts]
        if any(silent):
            return sound(crm, changes, run_number, may_leave)
        return receipts

    return write


# ---- episodes and adoption ----------------------------------------------------------


def _no_adopt(run_: Any, ledger: Any, tasks: Any, now: Any) -> None:
    """Take over no task that the store does not know."""


def _number_again(sound: Any) -> Any:
    def wanted_episode(latest: Any, lines: Any, pack: Any, context: Any) -> Any:
        episode = sound(latest, lines, pack, context)
        if latest is None or episode is None:
            return episode
        return replace(episode, number=latest.episode)

    return wanted_episode


def _fresh_number(sound: Any) -> Any:
    """Send what has no answer under the next number instead of its own."""

    def wanted_episode(latest: Any, lines: Any, pack: Any, context: Any) -> Any:
        episode = sound(latest, lines, pack, context)
        if latest is not None and latest.state is ObligationState.INTENT:
            return replace(episode, number=latest.episode + 1)
        return episode

    return wanted_episode


def _no_rest(sound: Any) -> Any:
    """Raise a task again as soon as a person has closed it."""

    def wanted_episode(latest: Any, lines: Any, pack: Any, context: Any) -> Any:
        episode = sound(latest, lines, pack, context)
        if episode is None:
            return Episode(latest.episode + 1, latest.raised + 1)
        return episode

    return wanted_episode


def _search(sound: Any) -> Any:
    """Look tasks up in an index that lags behind and knows no closed ones."""

    def tasks_by_key(crm: SimCrm, keys: Any, ids: Any = None) -> Any:
        listed = {task.key for task in crm.records.own_tasks()}
        return sound(crm, [key for key in keys if key in listed])

    return tasks_by_key


# ---- what a person did, what is ours ------------------------------------------------


def _overwrites(sound: Any) -> Any:
    """Compare two ways only, and so write over what a person changed."""

    def update(wanted: Any, actual: Any, dossier: Any) -> Any:
        return sound(wanted, replace(actual, written=actual.actual), dossier)

    return update


def _upsert(sound: Any) -> Any:
    """Create by upsert: what is there already is overwritten and stands open."""

    def create(
        records: Records, change: Any, run_number: Any, session: Any, *, ties: bool
    ) -> Any:
        known = records.holder(change.key)
        if known is None or known.is_deleted:
            return sound(records, change, run_number, session, ties=ties)
        records.watch.updated(session, known, change)
        known.parts.update(change.write)
        known.is_closed = False
        known.touch()
        return Receipt(change.key, WriteStatus.DONE, known.remote_id)

    return create


def _any_key(task: Any, org: str) -> bool:
    """Take every task with our kind of key for our own."""
    return True


# ---- evidence -----------------------------------------------------------------------


def _untold_passes(sound: Any) -> Any:
    """Take what cannot be told for a pass."""

    def following(tracker: Any, rule: Any, verdict: Any, before: Any) -> Any:
        if verdict.outcome is Outcome.CANNOT_TELL:
            verdict = replace(verdict, outcome=Outcome.PASS)
        return sound(tracker, rule, verdict, before)

    return following


def _partial_is_complete(_totals: PullTotals) -> bool:
    """Call a pull complete that was not."""
    return True


def _unreadable_is_gone(sound: Any) -> Any:
    """Take a deal that may not be read for one that was deleted."""

    def gone(survey_: Any, deal_id: Any, reason: Any, known: Any) -> Any:
        return sound(survey_, deal_id, GoneReason.DELETED, known)

    return gone


def _clears_unknown(sound: Any) -> Any:
    """Close every task that is not wanted, with evidence or without."""
    return lambda task, desired, dossier, obligations: not task.sealed


def _before_commit(sound: Any) -> Any:
    """Write before what it rests on is committed."""

    def commit(run_: DictRun, *, is_partial: bool, with_tracking: bool) -> None:
        sound(run_, is_partial=is_partial, with_tracking=False)

    return commit


def _resolves_unread(services: Any, plan: Any, fresh: Any) -> set[str]:
    """Take over everything a plan saw, read again or not."""
    return set()


# ---- lease, versions, limits --------------------------------------------------------


def _no_fence(run_: DictRun) -> None:
    """Commit whoever holds the lease."""


def _not_renewed(sound: Any) -> Any:
    """Check the lease and let it run out all the same."""

    def check(run_: DictRun) -> None:
        before = run_.tables.lease
        sound(run_)
        run_.tables.lease = before

    return check


def _any_version(tables: Any, staged: Any) -> bool:
    """Overwrite a row whatever happened to it since it was read."""
    return False


def per_batch(sound: Any) -> Any:
    """Hold each request to the limits, never the whole plan."""

    def holds(counts: Any, limits: Any) -> Any:
        one = replace(
            counts,
            creates=min(counts.creates, 1),
            updates=0,
            closes=0,
            flags=0,
            tasks_by_person=dict.fromkeys(counts.tasks_by_person, 1),
            opened_today={},
        )
        return sound(one, limits)

    return holds


def _forgets_today(sound: Any) -> Any:
    """Count a person's tasks per run and forget those of the day's other runs."""
    return lambda _run, _day: {}


def _no_stop(services: Any, run_: Any) -> None:
    """Look at no kill switch."""


BUGS = (
    Bug("no intent before a request", DictRun, "intend", _instead(_no_intent)),
    Bug("no seal before closing", running, "claim", _no_seal),
    Bug(
        "close sent before its seal is committed",
        DictRun,
        "intend",
        _sent_before_intent,
    ),
    Bug("open without an id", episodes, "_done", _open_without_id),
    Bug("no answer taken for refused", running, "settle", _unknown_is_refused),
    Bug("blind retry", SimCrm, "write", _blind_retry),
    Bug("no adoption", accounting, "_adopt", _instead(_no_adopt)),
    Bug(
        "number of a sealed episode used again",
        desiring,
        "wanted_episode",
        _number_again,
    ),
    Bug(
        "unanswered create sent under a new number",
        desiring,
        "wanted_episode",
        _fresh_number,
    ),
    Bug("closing by a person reverted at once", desiring, "wanted_episode", _no_rest),
    Bug("search instead of a direct read", SimCrm, "tasks_by_key", _search),
    Bug("edits of a person overwritten", reconciling, "_update", _overwrites),
    Bug("upsert instead of insert", Records, "_create", _upsert),
    Bug(
        "task of a copied sandbox taken for ours",
        recording,
        "is_recognised",
        _instead(_any_key),
    ),
    Bug("cannot tell taken for a pass", tracking._Tracker, "next", _untold_passes),
    Bug(
        "partial pull taken for complete",
        PullTotals,
        "is_complete",
        _instead(property(_partial_is_complete)),
    ),
    Bug(
        "unreadable deal taken for deleted", survey.Survey, "_gone", _unreadable_is_gone
    ),
    Bug("closing without evidence", reconciling, "_is_cleared", _clears_unknown),
    Bug(
        "flag written before its ledger is committed", DictRun, "commit", _before_commit
    ),
    Bug(
        "plan resolves what it did not read again",
        applying,
        "resolved_without_a_read",
        _instead(_resolves_unread),
    ),
    Bug("no fence at a commit", DictRun, "_check", _instead(_no_fence)),
    Bug("lease never renewed", DictRun, "_check", _not_renewed),
    Bug(
        "stale version of a row accepted", folding, "has_moved", _instead(_any_version)
    ),
    Bug("limits per request, not per plan", planning, "holds", per_batch),
    Bug(
        "limit of a day forgotten between runs",
        DictRun,
        "tasks_opened_on",
        _forgets_today,
    ),
    Bug(
        "kill switch not looked at", services.Services, "check_stop", _instead(_no_stop)
    ),
)
