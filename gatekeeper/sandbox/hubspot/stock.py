"""A fresh portal: HubSpot's own pipeline, an administrator, and a private app."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.hubspot.auth import App, Token
from gatekeeper.sandbox.hubspot.owners import Owner, Team
from gatekeeper.sandbox.hubspot.pipelines import Pipeline, Stage
from gatekeeper.sandbox.hubspot.portal import Portal
from gatekeeper.sandbox.hubspot.scopes import ALL_SCOPES
from gatekeeper.sandbox.hubspot.stage_dates import define_stage_dates

if TYPE_CHECKING:
    from gatekeeper.sandbox.clock import Clock, Elapsed

TOKEN = "pat-na1-00000000-0000-4000-8000-000000000001"  # noqa: S105 - the sandbox's own
PERSON_TOKEN = "sandbox-person"  # noqa: S105 - plays a person at the screen
CLIENT_ID = "00000000-0000-4000-8000-0000000000c1"
CLIENT_SECRET = "sandbox-client-secret"  # noqa: S105 - the sandbox's own
REFRESH_TOKEN = "sandbox-refresh-token"  # noqa: S105 - the sandbox's own
APP_ID = 3_141_592
OWNER_ID = "6166860"
_STAGES = (
    ("appointmentscheduled", "Appointment Scheduled", "0.2"),
    ("qualifiedtobuy", "Qualified To Buy", "0.4"),
    ("presentationscheduled", "Presentation Scheduled", "0.6"),
    ("decisionmakerboughtin", "Decision Maker Bought-In", "0.8"),
    ("contractsent", "Contract Sent", "0.9"),
    ("closedwon", "Closed Won", "1.0"),
    ("closedlost", "Closed Lost", "0.0"),
)


def bare_portal(clock: Clock | None = None, elapsed: Elapsed | None = None) -> Portal:
    """Return a portal with nothing but its apps."""
    portal = Portal(clock, elapsed)
    portal.tokens.add(Token(TOKEN, ALL_SCOPES, APP_ID, 1))
    portal.tokens.add(Token(PERSON_TOKEN, ALL_SCOPES, APP_ID + 1, 1, is_person=True))
    portal.tokens.add_app(
        App(CLIENT_ID, CLIENT_SECRET, REFRESH_TOKEN, ALL_SCOPES, APP_ID + 2)
    )
    return portal


def stock_portal(clock: Clock | None = None, elapsed: Elapsed | None = None) -> Portal:
    """Return a fresh portal as HubSpot sets one up."""
    portal = bare_portal(clock, elapsed)
    pipeline = Pipeline("default", "Sales Pipeline")
    for place, (stage_id, label, probability) in enumerate(_STAGES):
        is_closed = probability in {"0.0", "1.0"}
        stage = Stage(stage_id, label, place, is_closed, probability)
        pipeline.stages[stage_id] = stage
        define_stage_dates(portal.kinds["deals"], pipeline, stage)
    portal.pipelines["deals"]["default"] = pipeline
    portal.owners[OWNER_ID] = Owner(
        OWNER_ID,
        "admin@example.com",
        "Alex",
        "Admin",
        1_296_619,
        teams=(Team("178588", "Sales"),),
    )
    return portal
