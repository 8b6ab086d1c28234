"""What HubSpot's answers hold: pages of a list, outcomes of a batch.

Pure. Nothing is taken on trust: an answer without its list of results is no answer, and
a batch says per input what became of it, in an order of its own.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from gatekeeper.crm.hubspot.wire.refusals import in_one_line
from gatekeeper.errors import Transient

if TYPE_CHECKING:
    from collections.abc import Mapping

Record = dict[str, object]
_CODE = re.compile(r'"error":"([A-Z_]+)"')
NO_LINKS = "crm.associations.NO_ASSOCIATIONS_FOUND"


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer that was no refusal.

    Attributes:
        status: 200, 201 or 207, whichever HubSpot likes this year.
        body: Its JSON.
    """

    status: int
    body: object


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list; `after` leads to the next, "" on the last."""

    rows: list[Record]
    after: str = ""


@dataclass(frozen=True, slots=True)
class Failure:
    """Why some inputs of a batch failed.

    Attributes:
        code: The first word HubSpot has for it: an error's code, else its category.
        context: What it is about: `ids`, `objectWriteTraceId`, `fromObjectId`.
    """

    code: str
    message: str
    detail: str = ""
    context: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of the inputs of a batch."""

    rows: list[Record]
    failures: tuple[Failure, ...] = ()


@dataclass(frozen=True, slots=True)
class Associations:
    """What some records are associated with.

    Attributes:
        rows: Those with associations.
        without: Ids of those without any: HubSpot counts them as errors.
        failures: Why the rest is not told.
    """

    rows: list[Record]
    without: list[str]
    failures: tuple[Failure, ...]


def read_page(answer: Answer) -> Page:
    """Read a page of a list.

    Raises:
        Transient: The answer is none.
    """
    body = _table(answer)
    return Page(_rows(body), _after(body))


def read_associations(answer: Answer) -> Associations:
    """Read which records some records are associated with.

    Raises:
        Transient: The answer is none.
    """
    body = _table(answer)
    without: list[str] = []
    failures: list[Failure] = []
    errors = _errors(body)
    for error in errors:
        context = error.get("context")
        if error.get("subCategory") == NO_LINKS and isinstance(context, dict):
            without += context.get("fromObjectId") or ()
        else:
            failures.append(_failure(error))
    rows = _rows({"results": [], **body} if errors else body)
    return Associations(rows, without, tuple(failures))


def read_batch(answer: Answer, *, is_write: bool = False) -> Batch:
    """Read the outcome of a batch.

    Raises:
        Transient: The answer is none; what a write did is then unknown.
    """
    body = _table(answer, is_write=is_write)
    found = tuple(map(_failure, _errors(body)))
    if not found:
        return Batch(_rows(body, is_write=is_write))
    return Batch(_rows({"results": [], **body}, is_write=is_write), found)


def after_of(row: Mapping[str, object]) -> str:
    """Return where the rest of a row's own list goes on; "" where it ended."""
    return _after(row)


def _errors(body: Mapping[str, object]) -> list[Record]:
    errors = body.get("errors")
    said = errors if isinstance(errors, list) else ()
    return [error for error in said if isinstance(error, dict)]


def _failure(error: Mapping[str, object]) -> Failure:
    context, message = error.get("context"), str(error.get("message") or "")
    # A property's own code stands in a list inside the words. Source: HubSpot's
    # "Property values were not valid: [{...,"error":"INVALID_OPTION",...}]".
    named = _CODE.search(message)
    return Failure(
        named[1] if named else str(error.get("category") or "REFUSED"),
        in_one_line(message),
        str(error.get("subCategory") or ""),
        {
            str(name): tuple(map(str, values))
            for name, values in (context if isinstance(context, dict) else {}).items()
            if isinstance(values, list)
        },
    )


def _table(answer: Answer, *, is_write: bool = False) -> Mapping[str, object]:
    if isinstance(answer.body, dict):
        return answer.body
    raise _no_answer(is_write=is_write)


def _rows(body: Mapping[str, object], *, is_write: bool = False) -> list[Record]:
    rows = body.get("results")
    if isinstance(rows, list) and set(map(type, rows)) <= {dict}:
        return rows
    raise _no_answer(is_write=is_write)


def _no_answer(*, is_write: bool) -> Transient:
    text = "the answer holds no list of results"
    return Transient(f"HubSpot: {text}", outcome_unknown=is_write)


def _after(body: Mapping[str, object]) -> str:
    paging = body.get("paging")
    following = paging.get("next") if isinstance(paging, dict) else None
    after = following.get("after") if isinstance(following, dict) else None
    return str(after) if after else ""
