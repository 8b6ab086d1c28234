"""What the rows of the demo org are in HubSpot, one kind after the other. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatekeeper.sandbox.seed_rows import Row

_FIRST_ID = 10_000_000_000
_STATUSES = {"Not Started": "NOT_STARTED", "Completed": "COMPLETED"}


@dataclass(frozen=True, slots=True)
class Ends:
    """The two records of an association, by the ids of the story."""

    source: str
    from_id: object
    target: str
    to_id: object


def number_of(row_id: object) -> str:
    """Return the HubSpot id of a record of the story."""
    # The ten characters after the prefix and its mark count in base 36.
    return str(_FIRST_ID + int(str(row_id)[5:15], 36))


def moment_of(stamp: object) -> str:
    """Return a date-time, or the midnight of a date, as HubSpot writes it."""
    text = str(stamp)
    return f"{text}T00:00:00.000Z" if len(text) == 10 else f"{text[:19]}.000Z"


def number_text(value: object) -> str | None:
    """Return a number as HubSpot writes it, None where there is none."""
    if value is None:
        return None
    return f"{value:g}" if isinstance(value, int) else f"{float(str(value)):.2f}"


def record(row: Row, properties: Row) -> Row:
    """Return a record with its envelope."""
    return {
        "id": number_of(row["Id"]),
        "properties": properties,
        "createdAt": moment_of(row["CreatedDate"]),
        "updatedAt": moment_of(row["LastModifiedDate"]),
        "archived": False,
    }


def association(ends: Ends, type_id: int, label: str | None) -> Row:
    """Return a link of two records."""
    return {
        "fromObjectType": ends.source,
        "fromObjectId": number_of(ends.from_id),
        "toObjectType": ends.target,
        "toObjectId": number_of(ends.to_id),
        "associationTypes": [
            {"category": "HUBSPOT_DEFINED", "typeId": type_id, "label": label}
        ],
    }


def owner(row: Row, team: str) -> Row:
    """Return an owner; the team is named after its manager."""
    number = number_of(row["Id"])
    return {
        "id": number,
        "email": row["Email"],
        "firstName": row["FirstName"],
        "lastName": row["LastName"],
        "userId": int(number) - _FIRST_ID,
        "archived": not row["IsActive"],
        "createdAt": moment_of(row["CreatedDate"]),
        "updatedAt": moment_of(row["LastModifiedDate"]),
        "teams": [
            {"id": str(_checksum(team)), "name": f"Team {team}", "primary": True}
        ],
    }


def company(row: Row) -> Row:
    """Return a company."""
    return record(
        row,
        {
            "name": row["Name"],
            "domain": str(row["Website"]).removeprefix("https://www."),
            "phone": row["Phone"],
            "city": row["BillingCity"],
            "country": row["BillingCountry"],
            "annualrevenue": number_text(row["AnnualRevenue"]),
            "numberofemployees": number_text(row["NumberOfEmployees"]),
            "createdate": moment_of(row["CreatedDate"]),
            "hubspot_owner_id": number_of(row["OwnerId"]),
        },
    )


def contact(row: Row) -> Row:
    """Return a contact."""
    return record(
        row,
        {
            "firstname": row["FirstName"],
            "lastname": row["LastName"],
            "email": row["Email"],
            "jobtitle": row["Title"],
            "phone": row["Phone"],
            "createdate": moment_of(row["CreatedDate"]),
            "hubspot_owner_id": number_of(row["OwnerId"]),
        },
    )


def line_item(row: Row) -> Row:
    """Return a line item."""
    return record(
        row,
        {
            "name": row["Name"],
            "hs_sku": row["ProductCode"],
            "quantity": number_text(row["Quantity"]),
            "price": number_text(row["UnitPrice"]),
            "amount": number_text(row["TotalPrice"]),
            "createdate": moment_of(row["CreatedDate"]),
        },
    )


def meeting(row: Row) -> Row:
    """Return a meeting: held if its row is of the past, else to come."""
    start = moment_of(row["StartDateTime"])
    planned = str(row["ActivityDateTime"]) > str(row["LastModifiedDate"])
    held = not planned or row["IsArchived"] is True
    return record(
        row,
        _logged(row, start)
        | {
            "hs_meeting_title": row["Subject"],
            "hs_meeting_start_time": start,
            "hs_meeting_end_time": moment_of(row["EndDateTime"]),
            "hs_meeting_outcome": "COMPLETED" if held else "SCHEDULED",
        },
    )


def call(row: Row) -> Row:
    """Return a call."""
    minutes = row["CallDurationInSeconds"]
    milliseconds = int(minutes) * 1000 if isinstance(minutes, int) else 0
    return record(
        row,
        _logged(row, moment_of(row["CompletedDateTime"]))
        | {
            "hs_call_title": row["Subject"],
            "hs_call_direction": "OUTBOUND",
            "hs_call_duration": str(milliseconds),
            "hs_call_status": "COMPLETED",
        },
    )


def email(row: Row, logged: Row) -> Row:
    """Return a mail: the message's row with what its task says."""
    incoming = row["Incoming"] is True
    return record(
        row,
        _logged(logged, moment_of(row["MessageDate"]))
        | {
            "hs_email_subject": row["Subject"],
            "hs_email_direction": "INCOMING_EMAIL" if incoming else "EMAIL",
            "hs_email_status": "SENT",
        },
    )


def task(row: Row) -> Row:
    """Return a to-do; HubSpot has no other date of it than when it is due."""
    due = f"{row['ActivityDate']}T22:00:00.000Z"
    done = row["CompletedDateTime"]
    return record(
        row,
        _logged(row, due)
        | {
            "hs_task_subject": row["Subject"],
            "hs_task_status": _STATUSES[str(row["Status"])],
            "hs_task_priority": "MEDIUM",
            "hs_task_type": "TODO",
            "hs_task_completion_date": moment_of(done) if done else None,
        },
    )


def note(document: Row) -> Row:
    """Return the note that a file is attached to."""
    made = moment_of(document["CreatedDate"])
    return record(
        document,
        _logged(document, made)
        | {
            "hs_note_body": f"Attached: {document['Title']}.pdf",
            "hs_attachment_ids": number_of(document["Id"]),
        },
    )


def _logged(row: Row, at: str) -> Row:
    return {
        "hs_timestamp": at,
        "hs_createdate": moment_of(row["CreatedDate"]),
        "hubspot_owner_id": number_of(row["OwnerId"]),
    }


def _checksum(team: str) -> int:
    return 500_000 + sum(place * ord(letter) for place, letter in enumerate(team, 1))
