"""The demo org as HubSpot would hold it: the same people, deals and gaps.

Takes the rows the story writes for Salesforce, one by one, and writes what they are in
HubSpot: an opportunity is a deal in HubSpot's own pipeline, a contact role an
association with a label, an event a meeting, a task a call, a mail or a task, a file
what is attached to a note. HubSpot knows no managers: teams are named after them.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

from gatekeeper.sandbox.seed_folder import own_id
from gatekeeper.sandbox.seed_hubspot_deal import deal_record
from gatekeeper.sandbox.seed_hubspot_rows import (
    Ends,
    association,
    call,
    company,
    contact,
    email,
    line_item,
    meeting,
    note,
    owner,
    task,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from gatekeeper.sandbox.seed_folder import Folder
    from gatekeeper.sandbox.seed_rows import Row

ROLE_LABELS = (
    "Business User",
    "Decision Maker",
    "Economic Buyer",
    "Economic Decision Maker",
    "Evaluator",
    "Executive Sponsor",
    "Influencer",
    "Technical Buyer",
    "Other",
)
"""Labels of contacts on deals: the roles a Salesforce org has from the start."""
_TO_DEAL = {"tasks": 216, "calls": 206, "emails": 210, "meetings": 212, "notes": 214}
_TO_CONTACT = {"tasks": 204, "calls": 194, "emails": 198, "meetings": 200}


class PortalFolder:
    """Writes a story's rows as HubSpot records."""

    def __init__(self, folder: Folder) -> None:
        self._folder = folder
        self._numbers: defaultdict[str, int] = defaultdict(int)
        self._past: defaultdict[str, list[Row]] = defaultdict(list)
        self._mails: dict[str, Row] = {}
        self._documents: dict[str, Row] = {}
        self._people: dict[str, str] = {}
        self._writers: dict[str, Callable[[Row], None]] = {
            "Account": self._account,
            "Contact": self._contact,
            "ContentDocument": self._document,
            "ContentDocumentLink": self._file,
            "EmailMessage": self._mail,
            "Event": self._event,
            "Opportunity": self._deal,
            "OpportunityContactRole": self._role,
            "OpportunityFieldHistory": self._turn,
            "OpportunityHistory": self._turn,
            "OpportunityLineItem": self._line,
            "Task": self._task,
            "User": self._user,
        }
        for label in ROLE_LABELS:
            ends = {"fromObjectType": "deals", "toObjectType": "contacts"}
            folder.write("labels", {**ends, "label": label})

    def add(self, object_name: str, row: Row) -> str:
        """Write what a row is in HubSpot, if it is anything; return its story's id."""
        self._numbers[object_name] += 1
        row_id = own_id(row, object_name, self._numbers[object_name])
        write = self._writers.get(object_name)
        if write is not None:
            write(row)
        return row_id

    def _user(self, row: Row) -> None:
        manager = row["ManagerId"]
        team = self._people.get(str(manager)) if manager else str(row["Name"])
        self._people[str(row["Id"])] = str(row["Name"])
        self._folder.write("owners", owner(row, team or "Sales"))

    def _account(self, row: Row) -> None:
        self._folder.write("companies", company(row))

    def _contact(self, row: Row) -> None:
        self._folder.write("contacts", contact(row))
        ends = Ends("contacts", row["Id"], "companies", row["AccountId"])
        self._folder.write("associations", association(ends, 1, "Primary"))

    def _deal(self, row: Row) -> None:
        past = self._past.pop(str(row["Id"]), [])
        self._folder.write("deals", deal_record(row, past))
        ends = Ends("deals", row["Id"], "companies", row["AccountId"])
        self._folder.write("associations", association(ends, 5, "Primary"))

    def _turn(self, row: Row) -> None:
        self._past[str(row["OpportunityId"])].append(row)

    def _role(self, row: Row) -> None:
        ends = Ends("deals", row["OpportunityId"], "contacts", row["ContactId"])
        role = association(ends, 3, None)
        types = role["associationTypes"]
        if isinstance(types, list):
            own = {"category": "USER_DEFINED", "typeId": 0, "label": row["Role"]}
            types.append(own)
        self._folder.write("associations", role)

    def _line(self, row: Row) -> None:
        self._folder.write("line_items", line_item(row))
        ends = Ends("deals", row["OpportunityId"], "line_items", row["Id"])
        self._folder.write("associations", association(ends, 19, None))

    def _event(self, row: Row) -> None:
        self._activity("meetings", meeting(row), row)

    def _task(self, row: Row) -> None:
        match row["TaskSubtype"]:
            case "Email":
                # HubSpot has one record where Salesforce has a task and a message.
                self._mails[str(row["Id"])] = row
            case "Call":
                self._activity("calls", call(row), row)
            case _:
                self._activity("tasks", task(row), row)

    def _mail(self, row: Row) -> None:
        logged = self._mails.pop(str(row["ActivityId"]))
        self._activity("emails", email(row, logged), {**logged, "Id": row["Id"]})

    def _document(self, row: Row) -> None:
        self._documents[str(row["Id"])] = row

    def _file(self, row: Row) -> None:
        document = self._documents.pop(str(row["ContentDocumentId"]))
        self._folder.write("notes", note(document))
        ends = Ends("notes", document["Id"], "deals", row["LinkedEntityId"])
        link = association(ends, _TO_DEAL["notes"], None)
        self._folder.write("associations", link)

    def _activity(self, name: str, record: Row, row: Row) -> None:
        self._folder.write(name, record)
        for target, to_id, types in (
            ("deals", row["WhatId"], _TO_DEAL),
            ("contacts", row["WhoId"], _TO_CONTACT),
        ):
            ends = Ends(name, row["Id"], target, to_id)
            self._folder.write("associations", association(ends, types[name], None))
