"""The types of the language for its reader: what each holds and takes. Pure tables.

A test asks the checker about every type and every family of operators.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from gatekeeper.core.catalogue import Kind


class Family(StrEnum):
    """Operators that go together; the value is how they are listed."""

    EQUAL = "= != in"
    ORDER = "< <= > >= between"
    SEQUENCE = "before after"
    TEXT = "contains, starts with, ends with, matches"
    MANY = "includes"
    TIME = "within, in this"
    YES_NO = "is true"
    CALCULATE = "+ - * /"


@dataclass(frozen=True, slots=True)
class TypeAbout:
    """What a reader is told of one type.

    Attributes:
        written: How a value of it is written.
        takes: Its operators, beside `is filled`, `is empty` and `changed`, which every
            type takes.
        example: A whole check.
    """

    meaning: str
    written: str
    takes: tuple[Family, ...]
    example: str

    @property
    def operators(self) -> str:
        """Its operators in one line."""
        return ", ".join(family.value for family in self.takes)


_TEXTS = (Family.EQUAL, Family.TEXT)
_NUMBERS = (Family.EQUAL, Family.ORDER, Family.CALCULATE)
_SEQUENCES = (Family.EQUAL, Family.ORDER, Family.SEQUENCE)
_DATES = (*_SEQUENCES, Family.TIME, Family.CALCULATE)

TYPES: dict[Kind, TypeAbout] = {
    Kind.TEXT: TypeAbout(
        "Text; case and outer blanks do not count.",
        '"text"',
        _TEXTS,
        'next_step contains "demo"',
    ),
    Kind.NUMBER: TypeAbout(
        "A plain number.",
        "12, 1_000, 1.5",
        _NUMBERS,
        "count(contacts) >= 2",
    ),
    Kind.MONEY: TypeAbout(
        "An amount, compared in the project's currency.",
        "50_000, 50k, 1.5m",
        _NUMBERS,
        "amount >= 50k",
    ),
    Kind.PERCENT: TypeAbout(
        "A percentage.",
        "20%",
        _NUMBERS,
        "probability >= 20%",
    ),
    Kind.DATE: TypeAbout(
        "A day, in the project's time zone.",
        "2026-12-31, today",
        _DATES,
        "close_date on or after today",
    ),
    Kind.DATETIME: TypeAbout(
        "A moment; against a date it is its day.",
        "2026-12-31 09:00, now",
        _DATES,
        "some meetings where start after now",
    ),
    Kind.YES_NO: TypeAbout(
        "A checkbox, or a Yes/No list.",
        "true, false",
        (Family.EQUAL, Family.YES_NO),
        "owner.is_active is true",
    ),
    Kind.PICKLIST: TypeAbout(
        "One value of a list in the CRM, by label or value. With `ordered: true` in"
        " fields.yaml it takes < <= > >= and between too.",
        '"value"',
        (Family.EQUAL,),
        'lead_source in ["Web", "Partner"]',
    ),
    Kind.MULTI_PICKLIST: TypeAbout(
        "Several values of a list.",
        '["value", ..]',
        (Family.MANY,),
        'competitors includes none of ["Acme"]',
    ),
    Kind.STAGE: TypeAbout(
        "A stage; its order is the pipeline's.",
        '"Proposal"',
        _SEQUENCES,
        'stage after "Qualification"',
    ),
    Kind.USER: TypeAbout(
        "A person of the CRM, by e-mail address or name.",
        '"ana@example.com"',
        (Family.EQUAL,),
        "owner != created_by",
    ),
    Kind.REFERENCE: TypeAbout(
        "A link to another record, by its id.",
        '"0015e0..."',
        _TEXTS,
        "account is filled",
    ),
    Kind.EMAIL: TypeAbout(
        "An e-mail address.",
        '"ana@example.com"',
        _TEXTS,
        'owner.email ends with "@example.com"',
    ),
    Kind.URL: TypeAbout(
        "A web address.",
        '"https://..."',
        _TEXTS,
        'website starts with "https://"',
    ),
    Kind.DURATION: TypeAbout(
        "A length of time.",
        "14 days, 3 business days, 6 months",
        (Family.EQUAL, Family.ORDER),
        "trial_length <= 30 days",
    ),
}
"""Every type by its word in fields.yaml and params."""
