"""Batches read wholly: what an answer leaves open is asked for once more.

HubSpot answers a batch record by record: some come, some do not exist, and now and then
one could not be read at that moment. The last is unknown, and never taken for none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot.wire.refusals import NOT_FOUND
from gatekeeper.errors import CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from gatekeeper.crm.hubspot.wire.envelope import Batch, Record

PAUSE_S = 1.0


def read_wholly(
    read: Callable[[Sequence[str]], Batch],
    ids: Sequence[str],
    by: str,
    sleep: Callable[[float], None],
) -> Sequence[Record]:
    """Return the records that exist.

    Args:
        read: Reads the records of one request.
        ids: Record ids, or values of a unique property.
        by: That property; "" for record ids.
        sleep: Waits the given seconds.

    Raises:
        CrmUnreachableError: Some are left open for the second time.
    """
    batch = read(ids)
    left = left_open(batch, ids, by)
    if not left:
        return batch.rows
    sleep(PAUSE_S)
    again = read(left)
    if still := left_open(again, left, by):
        said = next((each.message for each in again.failures), "it told no reason")
        msg = (
            f"HubSpot left {len(still)} of {len(ids)} records open"
            f" ({said.rstrip('.')}). The next run tries again."
        )
        raise CrmUnreachableError(msg)
    return batch.rows + again.rows


def left_open(batch: Batch, ids: Sequence[str], by: str) -> list[str]:
    """Return those ids of which an answer tells neither a record nor that none is.

    The record that others were merged into comes in place of them, under an id that
    nobody asked for; then it cannot be told what an answer lacks.
    """
    came = _names_of(batch.rows, by)
    missing, failed = set[str](), set[str]()
    for failure in batch.failures:
        told = failure.context.get("ids", ())
        if failure.code == NOT_FOUND:
            missing.update(told or ids)
        else:
            failed.update(told)
    if not came <= set(ids):
        return [id_ for id_ in ids if id_ in failed]
    return [id_ for id_ in ids if id_ not in came and id_ not in missing]


def _names_of(rows: Sequence[Record], by: str) -> set[str]:
    if not by:
        return {str(row.get("id")) for row in rows}
    said = [row.get("properties") for row in rows]
    return {str(each.get(by)) for each in said if isinstance(each, dict)}
