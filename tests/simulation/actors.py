"""What people do while gatekeeper works, whatever CRM they do it in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence


class Office(Protocol):
    """People at work in one CRM; each method is one thing a person does.

    `deals`, `tasks` and `people` name what there is, in an order that only depends on
    what happened before.
    """

    def deals(self) -> Sequence[str]: ...

    def open_tasks(self) -> Sequence[str]: ...

    def ended_tasks(self) -> Sequence[str]: ...

    def people(self) -> Sequence[str]: ...

    def set_field(self, deal: str, number: int, *, filled: bool) -> None: ...

    def move(self, deal: str, stage: str) -> None: ...

    def rename_deal(self, deal: str, name: str) -> None: ...

    def hand_over(self, deal: str, person: str) -> None: ...

    def delete_deal(self, deal: str) -> None: ...

    def new_deal(self, number: int) -> None: ...

    def complete(self, task: str) -> None: ...

    def delete_task(self, task: str) -> None: ...

    def purge(self, task: str) -> None: ...

    def reopen(self, task: str) -> None: ...

    def edit(self, task: str, column: str, number: int) -> None: ...

    def wipe_reference(self, task: str) -> None: ...

    def take_off_deal(self, task: str) -> None: ...

    def edit_flag(self, deal: str, number: int) -> None: ...

    def write_much(self, deal: str, number: int) -> None:
        """Write as long a text as the CRM takes: into a field, or as the name."""

    def leave(self, person: str) -> None: ...

    def come_back(self, person: str) -> None: ...

    def show(self, number: int, *, field: bool, visible: bool) -> None: ...


_STAGES = {
    "advance": "Proposal",
    "retreat": "Qualification",
    "lose": "Closed Lost",
    "win": "Closed Won",
}
_EDITS = {
    "reassign": "owner_id",
    "rename task": "subject",
    "move due date": "due_on",
    "edit body": "body",
}


def act(office: Office, kind: str, number: int) -> bool:
    """Let somebody do something; False where there is nothing to do it to."""
    return (
        _on_deal(office, kind, number)
        or _on_task(office, kind, number)
        or _on_people(office, kind, number)
    )


def _on_deal(office: Office, kind: str, number: int) -> bool:
    if kind == "new deal":
        office.new_deal(number)
        return True
    deals = office.deals()
    if not deals:
        return False
    deal, rest = deals[number % len(deals)], number // len(deals)
    people = office.people()
    deeds: dict[str, Callable[[], None]] = {
        "fix": lambda: office.set_field(deal, rest, filled=True),
        "spoil": lambda: office.set_field(deal, rest, filled=False),
        "rename deal": lambda: office.rename_deal(deal, f"Deal {rest % 1000}"),
        "hand over": lambda: office.hand_over(deal, people[rest % len(people)]),
        "delete deal": lambda: office.delete_deal(deal),
        "huge text": lambda: office.write_much(deal, rest),
        "edit flag": lambda: office.edit_flag(deal, rest),
        **{
            verb: lambda stage=stage: office.move(deal, stage)  # type: ignore[misc]
            for verb, stage in _STAGES.items()
        },
    }
    if kind not in deeds:
        return False
    deeds[kind]()
    return True


def _on_task(office: Office, kind: str, number: int) -> bool:
    is_over = kind in ("purge", "reopen")
    tasks = office.ended_tasks() if is_over else office.open_tasks()
    if not tasks:
        return False
    task, rest = tasks[number % len(tasks)], number // len(tasks)
    if kind in _EDITS:
        office.edit(task, _EDITS[kind], rest)
        return True
    deeds = {
        "complete": office.complete,
        "delete task": office.delete_task,
        "purge": office.purge,
        "reopen": office.reopen,
        "wipe reference": office.wipe_reference,
        "take off deal": office.take_off_deal,
    }
    if kind not in deeds:
        return False
    deeds[kind](task)
    return True


def _on_people(office: Office, kind: str, number: int) -> bool:
    people = office.people()
    person = people[number % len(people)]
    match kind:
        case "leave":
            office.leave(person)
        case "return":
            office.come_back(person)
        case "hide field" | "show field":
            office.show(number, field=True, visible=kind == "show field")
        case "hide deal" | "show deal":
            office.show(number, field=False, visible=kind == "show deal")
        case _:
            return False
    return True
