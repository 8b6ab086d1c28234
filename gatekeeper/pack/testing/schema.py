"""The keys of a test file."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from pydantic import BeforeValidator, Field

from gatekeeper.pack.files import times, values
from gatekeeper.pack.files.schema import Part, Text, Texts, WaiverPart, YesNo


def names(value: object) -> tuple[str, ...]:
    """Read one text or a list of texts, which may be empty."""
    return () if value == [] else values.texts(value)


Names = Annotated[tuple[str, ...], BeforeValidator(names)]
MaybeNames = Annotated[tuple[str, ...] | None, BeforeValidator(names)]
Day = Annotated[date, BeforeValidator(times.day)]


class FilePart(Part):
    """A test file; deals and cases are read from their nodes."""

    version: object
    kind: object
    rules: Texts = ()
    as_of: object = None
    pipelines: object = None
    picklists: object = None
    deals: object
    cases: object = None
    cases_from: Texts = ()


class PipelinePart(Part):
    """The stages of one pipeline in order."""

    open: Texts
    won: Texts = ("Closed Won",)
    lost: Texts = ("Closed Lost",)


class CasePart(Part):
    """One case."""

    name: Text
    deal: Text
    expect: object
    change: object = None
    hidden: Names = ()
    as_of: object = None
    over: object = None
    known_gap: YesNo = False
    waivers: object = None


class CaseWaiver(WaiverPart):
    """A waiver of a case; who asked and approved, since when and why may be left out.

    It is for the deal of the case unless it names others.
    """

    id: Text = "of-this-case"
    reason: Text = "this case says so."
    requested_by: Text = "the case"
    approved_by: Text = "the case"
    approved_on: Day = date.min


class OverPart(Part):
    """`over:` of a case: the days on which it is judged."""

    first: Day = Field(alias="from")
    last: Day = Field(alias="to")


class ExpectPart(Part):
    """What a case expects; `violations` is exact, the rest only what it names."""

    violations: MaybeNames = None
    fails: Names = ()
    passes: Names = ()
    not_applicable: Names = ()
    cannot_tell: Names = ()
    waived: Names = ()
    because: object = None
    severity: object = None
    owed_by: object = None
    timeline: object = None
