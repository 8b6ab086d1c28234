"""What the account's currencies are worth, told by deals that are in them.

HubSpot shows a rate only on its deals. A search, whose index lags, names candidates and
nothing else: each is read before it counts.
"""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot import names
from gatekeeper.crm.hubspot.reading.records import properties_of
from gatekeeper.crm.hubspot.reading.translate import to_number
from gatekeeper.crm.hubspot.wire.client import Wanted
from gatekeeper.errors import CrmRejectedError

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from gatekeeper.crm.hubspot.wire.client import Client
    from gatekeeper.crm.reader import WireRow

_AT_HOME, _RATE, _CLOSED = "amount_in_home_currency", "hs_exchange_rate", "hs_is_closed"
_ENOUGH = 20
_READ = Wanted((names.ID, "amount", names.CURRENCY, _AT_HOME, _RATE, _CLOSED))


def read_rates(client: Client, codes: Iterable[str]) -> dict[str, Decimal]:
    """Return what one unit of each currency is worth in the company's.

    A currency that no open deal is in needs no rate and has none. The rate that most
    of the largest deals have counts, for a person may have set that of one deal.

    Args:
        client: The conversation with the portal.
        codes: ISO codes.
    """
    wanted = list(codes)
    ids = [id_ for code in wanted for id_ in _largest(client, code)]
    records = client.records(names.DEALS, list(dict.fromkeys(ids)), _READ)
    rows = sorted(map(properties_of, records), key=_amount, reverse=True)
    is_open = [row for row in rows if row.get(_CLOSED) != "true" and _amount(row) > 0]
    found = {
        code: _most_common([row for row in is_open if row.get(names.CURRENCY) == code])
        for code in wanted
    }
    return {code: rate for code, rate in found.items() if rate}


def _largest(client: Client, code: str) -> list[str]:
    """Return the ids of open deals in a currency, as the index has them."""
    equal = {"propertyName": names.CURRENCY, "operator": "EQ", "value": code}
    is_open = {"propertyName": _CLOSED, "operator": "EQ", "value": "false"}
    search = {
        "filterGroups": [{"filters": [equal, is_open]}],
        "sorts": [{"propertyName": "amount", "direction": "DESCENDING"}],
        "properties": [names.ID],
        "limit": _ENOUGH,
    }
    try:
        return [
            str(record.get("id")) for record in client.found(names.DEALS, search).rows
        ]
    except CrmRejectedError:
        return []


def _most_common(rows: Sequence[WireRow]) -> Decimal | None:
    """Return the rate that most rows have; of several the first row's."""
    rates = [rate for row in rows if (rate := _rate(row))]
    return max(rates, key=rates.count, default=None)


def _rate(row: WireRow) -> Decimal | None:
    """Return a deal's rate: as it says, or as its amounts say, which are rounded."""
    said = to_number(row.get(_RATE))
    if isinstance(said, Decimal) and said > 0:
        return said
    at_home = to_number(row.get(_AT_HOME))
    return at_home / _amount(row) if isinstance(at_home, Decimal) else None


def _amount(row: WireRow) -> Decimal:
    amount = to_number(row.get("amount"))
    return amount if isinstance(amount, Decimal) else Decimal(0)
