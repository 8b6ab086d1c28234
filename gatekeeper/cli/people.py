"""Somebody named on the command line: by id, address or name."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.people import address_of
from gatekeeper.errors import SetupError
from gatekeeper.language.suggest import closest, meant_or

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.core.model import Person


def called(who: str, people: Iterable[Person]) -> dict[str, Person]:
    """Return those who are meant, by id.

    Raises:
        SetupError: Several are called that.
    """
    wanted = who.strip().casefold()
    found = {
        each.id: each
        for each in people
        if wanted in (each.id.casefold(), each.name.casefold(), address_of(each))
    }
    if len(found) > 1:
        message = f"Several people are called {who}. Name one by id: {', '.join(found)}"
        raise SetupError(message)
    return found


def one_called(who: str, people: Iterable[Person], where: str) -> Person:
    """Return the one who is meant.

    Args:
        who: As typed.
        people: Among whom.
        where: The command that lists them.

    Raises:
        SetupError: Nobody is called that, or several are.
    """
    every = list(people)
    found = called(who, every)
    if not found:
        near = closest(who, [each.name for each in every])
        message = f"The CRM knows nobody called {who}. {meant_or(near, where)}"
        raise SetupError(message)
    return next(iter(found.values()))
