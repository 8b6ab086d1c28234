"""Public holidays as dates: what the business calendar of a country leaves out.

Loaded where a pack names a country, and no sooner: the library is large.
"""

from __future__ import annotations

from collections.abc import Set
from datetime import date
from functools import cache, cached_property
from typing import TYPE_CHECKING

import holidays
from holidays.registry import EntityLoader

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

# Deals and their history reach back and ahead no further; a fixed span keeps equal
# packs equal on every day.
FIRST_YEAR, LAST_YEAR = 2000, 2060
COUNTRIES = frozenset(EntityLoader.get_country_codes())


def known_countries() -> Mapping[str, list[str]]:
    """Return every country with its parts; the list takes long to put together."""
    return holidays.list_supported_countries()


class DaysOff(Set[date]):
    """The days off of a country and some more, worked out when first asked for.

    Most commands never ask, and sixty years of holidays take a tenth of a second.
    """

    def __init__(self, country: str, subdivision: str | None, extra: Set[date]) -> None:
        """Take what the project says.

        Raises:
            NotImplementedError: The country or its part is not known.
        """
        if subdivision is not None or country not in COUNTRIES:
            holidays.country_holidays(country, subdivision)
        self._country, self._subdivision = country, subdivision
        self._extra = extra

    @cached_property
    def _days(self) -> Set[date]:
        return self._extra | public_holidays(self._country, self._subdivision)

    def __contains__(self, day: object) -> bool:
        return day in self._days

    def __iter__(self) -> Iterator[date]:
        return iter(self._days)

    def __len__(self) -> int:
        return len(self._days)


@cache
def public_holidays(country: str, subdivision: str | None) -> frozenset[date]:
    """Return the days off in a country, with the days they are moved to."""
    years = range(FIRST_YEAR, LAST_YEAR + 1)
    return frozenset(holidays.country_holidays(country, subdivision, years=years))
