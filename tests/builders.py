"""Values for tests; a builder states only what the test is about."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.catalogue import BUILT_IN, Pipeline, Stage
from gatekeeper.core.context import Context
from gatekeeper.core.model import (
    EMPTY,
    Answer,
    Deal,
    FieldValue,
    Finding,
    Line,
    Mode,
    Money,
    ObligationId,
    OwnTask,
    Row,
    Severity,
    Standing,
    State,
    TaskPart,
    TaskText,
    Unavailable,
    Violation,
    task_key,
)
from gatekeeper.core.pack import Needs, Position, Project, Reach, Rule, RulePack
from gatekeeper.core.roles import People

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from gatekeeper.core.model.verdicts import Ask, Explain

ORG = "sf:00D000000000001EAA"
DEAL_ID = "006000000000001AAA"
OWNER = "005000000000001AAA"
NOW = datetime(2026, 11, 20, 14, 0, tzinfo=UTC)  # a Friday
NEW_YORK = ZoneInfo("America/New_York")

PIPELINE = Pipeline(
    "Default",
    (
        Stage("Prospecting", ("Prospecting",)),
        Stage("Qualification", ("Qualification",)),
        Stage("Discovery", ("Needs Analysis", "Value Proposition")),
        Stage("Proposal", ("Proposal",)),
        Stage("Closed Won", ("Closed Won",), is_closed=True, is_won=True),
        Stage("Closed Lost", ("Closed Lost",), is_closed=True),
    ),
)


def dollars(amount: str | int) -> Money:
    return Money(Decimal(amount), "USD")


def a_context(now: datetime = NOW, **changes: Any) -> Context:
    base = Context(
        now=now,
        zone=NEW_YORK,
        calendar=Calendar(),
        rates={"USD": Decimal(1)},
        pipelines={PIPELINE.name: PIPELINE},
    )
    return replace(base, **changes)


def a_deal(
    stage: str = "Qualification",
    *,
    deal_id: str = DEAL_ID,
    related: Mapping[str, tuple[Row, ...] | Unavailable] | None = None,
    **fields: FieldValue,
) -> Deal:
    is_closed = stage.startswith("Closed")
    known: dict[str, FieldValue] = {
        "amount": dollars(50_000),
        "close_date": date(2026, 12, 18),
        "is_closed": is_closed,
        "is_won": stage == "Closed Won",
        "owner.name": "Ann Rep",
        "created_on": date(2026, 8, 3),
    }
    return Deal(
        org=ORG,
        id=deal_id,
        name="Acme renewal",
        pipeline=PIPELINE.name,
        stage=stage,
        stage_label=stage,
        owner_id=OWNER,
        url=f"https://acme.example/{deal_id}",
        fields={**known, **fields},
        related=dict(related or {}),
    )


def a_line(
    answer: Answer | Callable[[Deal], Answer],
    text: str = "a check",
    *,
    blank: bool = False,
) -> Line:
    """Build a line that answers a constant or reads the deal."""

    def test(deal: Deal, _context: Context) -> Answer:
        return answer(deal) if callable(answer) else answer

    def explain(deal: Deal, context: Context) -> Finding:
        got = test(deal, context)
        if got is True:
            stands = Standing.MET
        elif isinstance(got, Unavailable):
            stands = Standing.CANNOT_TELL
        else:
            stands = Standing.NOT_MET
        return Finding(
            text,
            stands,
            f"{text} is {got}.",
            f"{text} is not met.",
            because_empty=blank or got is EMPTY,
        )

    return Line(lambda: text, lambda: (test, explain))


def asking(line: Line, test: Ask, explain: Explain | None = None) -> Line:
    """Build a line that is decided, or told, in another way."""
    return replace(line, compiled=lambda: (test, explain or line.explain))


def filled(name: str) -> Line:
    """Build the line `NAME is filled`."""

    def answer(deal: Deal) -> Answer:
        value = deal.fields[name]
        return value if isinstance(value, Unavailable) else value is not EMPTY

    return a_line(answer, f"{name} is filled", blank=True)


def a_rule(rule_id: str = "qual-amount", **changes: Any) -> Rule:
    base = Rule(
        id=rule_id,
        title=f"Title of {rule_id}",
        position=Position.EXIT,
        reach=Reach.STAGE,
        stage="Qualification",
        pipelines=(),
        require=filled("amount"),
        fix=lambda _deal, _context: "Enter the amount.",
        fix_text="Enter the amount.",
        mode=Mode.ENFORCE,
        logic=f"logic of {rule_id}",
    )
    return replace(base, **changes)


def a_pack(*rules: Rule, **project: Any) -> RulePack:
    settings: dict[str, Any] = {"mode_ceiling": Mode.ENFORCE, **project}
    return RulePack(
        project=Project("salesforce", NEW_YORK, Calendar(), **settings),
        people=People(),
        catalogue=BUILT_IN,
        rules=rules or (a_rule(),),
        pipelines={PIPELINE.name: PIPELINE},
        needs=Needs(frozenset({"amount"})),
        fingerprint="fp",
    )


def a_violation(rule_id: str = "qual-amount", **changes: Any) -> Violation:
    base = Violation(
        deal_id=DEAL_ID,
        deal_name="Acme renewal",
        pipeline=PIPELINE.name,
        stage="Proposal",
        rule_id=rule_id,
        state=State.OPEN,
        severity=Severity.MEDIUM,
        mode=Mode.ENFORCE,
        role="deal_owner",
        first_seen=NOW,
        opened_at=NOW,
        released_on=date(2026, 11, 20),
        logic=f"logic of {rule_id}",
        title=f"Title of {rule_id}",
        fix="Enter the amount.",
        findings=(
            Finding(
                "amount is filled",
                Standing.NOT_MET,
                "Amount is empty.",
                "Amount is empty.",
            ),
        ),
    )
    return replace(base, **changes)


def hashes_of(text: TaskText) -> dict[TaskPart, str]:
    return text.hashes()


def a_task(
    text: TaskText | None = None,
    *,
    episode: int = 1,
    role: str = "deal_owner",
    remote_id: str = "00T000000000001AAA",
    **changes: Any,
) -> OwnTask:
    """Build our task as it stands; by default exactly as we last wrote it."""
    written = (text or TaskText(OWNER, date(2026, 11, 25), "s", ("b",))).hashes()
    base = OwnTask(
        remote_id=remote_id,
        key=task_key(ORG, DEAL_ID, role, "", episode),
        deal_id=DEAL_ID,
        id=ObligationId(DEAL_ID, role),
        episode=episode,
        run_number=1,
        sealed=False,
        is_closed=False,
        is_deleted=False,
        created_at=NOW - timedelta(days=1),
        written=written,
        actual=dict(written),
        rule_ids=("qual-amount",),
        due_on=(text.due_on if text else date(2026, 11, 25)),
        owner_id=OWNER,
    )
    return replace(base, **changes)
