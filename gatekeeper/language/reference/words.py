"""The words that conditions are made of, beside functions and values. Pure.

Each with what it means and an example that is a whole check; a test holds the list
against the grammar.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Group(StrEnum):
    """What kind of word an entry is."""

    FUNCTION = "functions of values"
    ROWS = "functions over rows"
    HISTORY = "functions of the deal's past"
    COMPARISON = "comparisons"
    STATE = "states"
    TEXT = "texts and lists"
    TIME = "time"
    WINDOW = "windows and changes"
    QUANTIFIER = "quantifiers"
    LOGIC = "joining conditions"
    ARITHMETIC = "arithmetic"
    WRITTEN = "values as they are written"
    NAME = "names"
    TYPE = "types"


@dataclass(frozen=True, slots=True)
class Entry:
    """One word of the language.

    Attributes:
        example: A whole check.
    """

    group: Group
    name: str
    signature: str
    meaning: str
    example: str


WORDS: tuple[tuple[Group, str, str, str], ...] = (
    (
        Group.COMPARISON,
        "value = value",
        "Equal; texts in any case and without outer blanks. Unknown if one is empty.",
        'stage = "Proposal"',
    ),
    (
        Group.COMPARISON,
        "value != value",
        "Not equal; unknown if one is empty.",
        'lead_source != "Partner"',
    ),
    (Group.COMPARISON, "value < value", "Less, or earlier.", "probability < 50%"),
    (
        Group.COMPARISON,
        "value <= value",
        "At most, the limit included.",
        "amount <= 5m",
    ),
    (Group.COMPARISON, "value > value", "More, or later.", "amount > 0"),
    (
        Group.COMPARISON,
        "value >= value",
        "At least, the limit included.",
        "amount >= 50k",
    ),
    (
        Group.COMPARISON,
        "value before value",
        "Earlier; for stages by their order in the pipeline.",
        'stage before "Proposal"',
    ),
    (Group.COMPARISON, "value after value", "Later.", "close_date after today"),
    (
        Group.COMPARISON,
        "value on or before value",
        "Not later.",
        "close_date on or before 2027-03-31",
    ),
    (
        Group.COMPARISON,
        "value on or after value",
        "Not earlier.",
        "close_date on or after today",
    ),
    (
        Group.COMPARISON,
        "value between low and high",
        "From low to high, both included.",
        "amount between 10k and 50k",
    ),
    (
        Group.STATE,
        "value is filled",
        "There is a value: not empty, not blanks, no placeholder such as tbd.",
        "next_step is filled",
    ),
    (Group.STATE, "value is empty", "There is no value.", "lead_source is empty"),
    (Group.STATE, "field is true", "A yes/no field says yes.", "is_won is true"),
    (Group.STATE, "field is false", "A yes/no field says no.", "is_closed is false"),
    (
        Group.TEXT,
        "value in [..]",
        "Equal to one of the list.",
        'stage in ["Discovery", "Proposal"]',
    ),
    (
        Group.TEXT,
        "value not in [..]",
        "Equal to none of the list; unknown if empty. `not` stands before between,"
        " contains and matches too.",
        'type not in ["Renewal"]',
    ),
    (
        Group.TEXT,
        "text contains text",
        "Holds the text, in any case; a list means any of them.",
        'next_step contains "demo"',
    ),
    (
        Group.TEXT,
        "text starts with text",
        "Begins with the text, in any case.",
        'name starts with "Acme"',
    ),
    (
        Group.TEXT,
        "text ends with text",
        "Ends with the text, in any case.",
        'name ends with "renewal"',
    ),
    (
        Group.TEXT,
        "text matches pattern",
        "A regular expression (RE2) fits somewhere in the text.",
        'name matches "^[A-Z]{2}-[0-9]+"',
    ),
    (
        Group.TEXT,
        "field includes any of [..]",
        "A field of several values holds one of them; also all of, none of.",
        'contact_roles includes any of ["Champion"]',
    ),
    (
        Group.TIME,
        "date within last length",
        "From so long ago up to now, both included; never true for what is to come.",
        "created_on within last 14 days",
    ),
    (
        Group.TIME,
        "date within next length",
        "From now up to so far ahead, both included.",
        "close_date within next 3 business days",
    ),
    (
        Group.TIME,
        "date in this quarter",
        "In this, the last or the next week, month, quarter or year, fiscal if said.",
        "close_date in this fiscal quarter",
    ),
    (
        Group.WINDOW,
        "field changed within last length",
        "It was changed so recently; what it got at creation is no change.",
        "next_step changed within last 30 days",
    ),
    (
        Group.WINDOW,
        "field changed since ..",
        "It was changed since then, the start included.",
        "next_step changed since stage entry",
    ),
    (
        Group.WINDOW,
        "last length",
        "From so long ago up to now; of functions that count changes.",
        "pushes(close_date, last 90 days) <= 2",
    ),
    (
        Group.WINDOW,
        "since stage entry",
        "Since the latest stay in the rule's stage began; under every open stage, in"
        " the present one.",
        "changes(amount, since stage entry) = 0",
    ),
    (
        Group.WINDOW,
        "since creation",
        "Since the deal was created.",
        "moves_back(since creation) = 0",
    ),
    (
        Group.WINDOW,
        "since date",
        "Since a date: a field, a day, or when a stage was entered.",
        'next_step changed since entered("Proposal")',
    ),
    (
        Group.QUANTIFIER,
        "some rows where ..",
        "At least one row is there of which the condition is true.",
        'some contacts where role = "Champion"',
    ),
    (Group.QUANTIFIER, "no rows where ..", "There is no such row.", "no files"),
    (
        Group.QUANTIFIER,
        "at least n rows where ..",
        "There are so many such rows or more.",
        "at least 2 contacts where email is filled",
    ),
    (
        Group.QUANTIFIER,
        "at most n rows where ..",
        "There are so many such rows or fewer.",
        "at most 3 quotes",
    ),
    (
        Group.QUANTIFIER,
        "exactly n rows where ..",
        "There are so many such rows.",
        "exactly 1 contact where is_primary is true",
    ),
    (
        Group.QUANTIFIER,
        "every row has ..",
        "The condition is true of each row; true where there is none, so ask for some.",
        "every line_item has quantity > 0",
    ),
    (
        Group.QUANTIFIER,
        "every row where (..) has ..",
        "The same of those rows for which the first condition is true.",
        "every line_item where (total > 0) has quantity > 0",
    ),
    (
        Group.QUANTIFIER,
        "some of group is filled",
        "So many fields of a group are filled; also every of, at least n of, no .. of.",
        "at least 3 of meddppicc is filled",
    ),
    (
        Group.QUANTIFIER,
        "some of group changed ..",
        "So many fields of a group changed; also every of, at least n of, no .. of.",
        "at least 2 of meddppicc changed since stage entry",
    ),
    (Group.LOGIC, ".. and ..", "Both hold.", "amount > 0 and some files"),
    (Group.LOGIC, ".. or ..", "One of them holds.", "some files or some notes"),
    (
        Group.LOGIC,
        "not ..",
        "It does not hold; unknown stays unknown.",
        'not name contains "test"',
    ),
    (
        Group.LOGIC,
        "(..)",
        "Belongs together.",
        "(some files or some notes) and amount > 0",
    ),
)
"""Group, how it is written, what it means, and an example."""
