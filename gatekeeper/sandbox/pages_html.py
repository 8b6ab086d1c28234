"""The look that the record pages of both CRMs share.

Read only: no scripts, no forms, nothing from elsewhere; whatever a record holds is
shown as text.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.responses import HTMLResponse

if TYPE_CHECKING:
    from datetime import datetime

_HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'unsafe-inline'; base-uri 'none'; "
        "form-action 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}
STATUS_TONES = {
    "Open": "bad",
    "Pending": "warn",
    "Waived": "calm",
    "Cannot tell": "warn",
    "Clear": "good",
}
"""How our flag on a deal looks, by what it says."""


@dataclass(frozen=True, slots=True)
class Words:
    """What a CRM calls a deal, deals and the company they are with."""

    one: str
    many: str
    account: str


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds every page of one CRM."""

    org_name: str
    now: datetime
    list_href: str
    words: Words
    zone: str = "UTC"


def html(
    frame: Frame, template: str, *, status: int = 200, **shown: object
) -> HTMLResponse:
    """Return a page."""
    today = f"{frame.now.day} {frame.now:%b %Y}"
    text = (
        _templates()
        .get_template(template)
        .render(
            org_name=frame.org_name,
            today=today,
            list_href=frame.list_href,
            words=frame.words,
            zone=frame.zone,
            **shown,
        )
    )
    return HTMLResponse(text, status, headers=_HEADERS)


@cache
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(Path(__file__).with_name("templates")),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
