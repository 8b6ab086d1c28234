"""Batches read wholly: what an answer leaves open is asked for once more.

HubSpot answers a batch record by record: some come, some do not exist, and now and then
one could not be read at that moment. The last is unknown, and never taken for none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot.wire.refusals import NOT_FOUND
from gatekeeper.errors import CrmUnreachableError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from gatekeeper.crm.hubspot.wire.envelope import Batch, Record

PAUSE_S = 1.0


def read_wholly(
    read: Callable[[Sequence[str]], Batch],
    ids: Sequence[str],
    by: str,
    sleep: Callable[[float], None],
) -> Iterator[Record]:
    """Yield the records that exist.

    Args:
        read: Reads the records of one request.
        ids: Record ids, or values of a unique property.
        by: That property; "" for record ids.
        sleep: Waits the given seconds.

    Raises:
        CrmUnreachableError: Some are left open for the second time.
    """
    batch = read(ids)
    yield from batch.rows
    left = left_open(batch, ids, by)
    if not left:
        return
    sleep(PAUSE_S)
    again = read(left)
    yield from again.rows
    if still := left_open(again, left, by):
        said = next((each.message for each in again.failures), "it told no reason")
        msg = (
            f"HubSpot left {len(still)} of {len(ids)} records open"
            f" ({said.rstrip('.')}). The next run tries again."
        )
        raise CrmUnreachableError(msg)


def left_open(batch: Batch, ids: Sequence[str], by: str) -> list[str]:
    """Return those ids of which an answer tells neither a record nor that none is.

    The record that others were merged into comes in place of them, under an id that
    nobody asked for; then it cannot be told what an answer lacks.
    """
    came = {_name_of(row, by) for row in batch.rows}
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


def _name_of(row: Record, by: str) -> str:
    said = row.get("properties")
    properties = said if isinstance(said, dict) else {}
    return str(properties.get(by)) if by else str(row.get("id"))
