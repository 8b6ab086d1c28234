"""Public holidays as dates: what the business calendar of a country leaves out."""

from __future__ import annotations

from collections.abc import Set
from datetime import date
from functools import cache, cached_property
from importlib.metadata import version
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

# Deals and their history reach back and ahead no further; a fixed span keeps equal
# packs equal on every day.
FIRST_YEAR, LAST_YEAR = 2000, 2060
_CODES = """
AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO
BQ BR BS BT BV BW BY BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ
DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP
GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG
KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK ML
MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE
PF PG PH PK PL PM PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL
SM SN SO SR SS ST SV SX SY SZ TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM
US UY UZ VA VC VE VG VI VN VU WF WS XK YE YT ZA ZM ZW
"""
COUNTRIES = frozenset(_CODES.split())
"""The two-letter codes that the library knows. It is asked about other words alone: to
load it takes as long as to check a small rule pack."""


def known_countries() -> Mapping[str, list[str]]:
    """Return every country with its parts; the list takes long to put together."""
    import holidays  # noqa: PLC0415  start-up time

    known: Mapping[str, list[str]] = holidays.list_supported_countries()
    return known


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
            _holidays(country, subdivision)
        self._country, self._subdivision = country, subdivision
        self._extra = extra

    @cached_property
    def _days(self) -> Set[date]:
        return self._extra | public_holidays(self._country, self._subdivision)

    @property
    def origin(self) -> tuple[str, ...]:
        """What the days follow from; equal origins have equal days."""
        place = (self._country, self._subdivision or "")
        return *place, _version_of_holidays(), *sorted(map(str, self._extra))

    def __contains__(self, day: object) -> bool:
        return day in self._days

    def __iter__(self) -> Iterator[date]:
        return iter(self._days)

    def __len__(self) -> int:
        return len(self._days)


@cache
def _version_of_holidays() -> str:
    return version("holidays")


@cache
def public_holidays(country: str, subdivision: str | None) -> frozenset[date]:
    """Return the days off in a country, with the days they are moved to."""
    return frozenset(_holidays(country, subdivision, range(FIRST_YEAR, LAST_YEAR + 1)))


def _holidays(
    country: str, subdivision: str | None, years: Iterable[int] | None = None
) -> Iterable[date]:
    import holidays  # noqa: PLC0415  start-up time

    found: Iterable[date] = holidays.country_holidays(country, subdivision, years=years)
    return found
