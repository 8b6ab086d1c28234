"""A digest to what a mail program shows: HTML of bounded size, the same as text.

The HTML asks nothing of the network: its one picture comes with the mail, its styles
stand in its elements, and links lead to the org's own host by https or nowhere.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass, replace
from functools import cache
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import css_inline
from jinja2 import Environment, PackageLoader, StrictUndefined

from gatekeeper.core.digest.rules import RulesDigest
from gatekeeper.notify.chart import draw
from gatekeeper.notify.compose import Style, letter_of
from gatekeeper.notify.letter import as_text
from gatekeeper.notify.rules_letter import rules_letter

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import tzinfo

    from jinja2 import Template

    from gatekeeper.core.digest.rules import AnyDigest
    from gatekeeper.notify.letter import Letter

LARGEST_HTML = 90 * 1024
"""Mail programs cut what is longer (promises section 5)."""

SHORTER = (10, 6, 3, 1)
"""How many entries a list has at most, until the HTML is small enough."""

CHART = "trend"


@dataclass(frozen=True, slots=True)
class Rendered:
    """A digest ready to be sent or looked at.

    Attributes:
        html: Refers to its picture as `cid:trend`.
        chart: The picture as PNG; b"" where there is none.
    """

    subject: str
    html: str
    text: str
    chart: bytes

    def as_page(self) -> str:
        """Return the HTML with its picture in it, for a browser."""
        picture = base64.b64encode(self.chart).decode("ascii")
        return self.html.replace(f"cid:{CHART}", f"data:image/png;base64,{picture}")


def render(
    digest: AnyDigest,
    url_of: Callable[[str], str],
    org_url: str,
    zone: tzinfo,
) -> Rendered:
    """Write a digest as HTML and as text with the same content.

    Args:
        digest: What to say.
        url_of: Deal id to the page people open.
        org_url: Where the org is; no link leads to another host.
        zone: Where the reader is.
    """
    style = Style(only_to(org_url, url_of), zone)
    for most in SHORTER:
        letter = as_letter(digest, replace(style, most=most))
        html = as_html(letter)
        if len(html.encode()) <= LARGEST_HTML:
            break
    has_chart = any(part.has_chart for part in letter.parts)
    chart = draw(digest.trend) if has_chart else b""
    return Rendered(letter.subject, html, as_text(letter), chart)


def as_letter(digest: AnyDigest, style: Style) -> Letter:
    """Put a digest of any kind into words."""
    if isinstance(digest, RulesDigest):
        return rules_letter(digest, style)
    return letter_of(digest, style)


def only_to(org_url: str, url_of: Callable[[str], str]) -> Callable[[str], str]:
    """Return `url_of` with "" for all that is no https page of the org's host."""
    host = _https_host(org_url)

    def link(deal_id: str) -> str:
        url = url_of(deal_id)
        return url if host and _https_host(url) == host else ""

    return link


def as_html(letter: Letter) -> str:
    """Write a letter as HTML with its styles in its elements."""
    page = _template().render(letter=letter, chart=CHART)
    return _inliner().inline(page)


def _https_host(url: str) -> str:
    """Return the host of a plain https address, "" for any other."""
    if not url.isascii() or not url.isprintable() or any(c in url for c in " \\\"'<>"):
        return ""
    try:
        parts = urlsplit(url)
        is_plain = parts.scheme == "https" and "@" not in parts.netloc
        return parts.netloc.casefold() if is_plain and parts.port in (None, 443) else ""
    except ValueError:
        return ""


@cache
def _template() -> Template:
    environment = Environment(
        loader=PackageLoader("gatekeeper.notify"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("digest.html.j2")


@cache
def _inliner() -> css_inline.CSSInliner:
    # What depends on the reader's screen stays a rule; nothing is ever fetched.
    return css_inline.CSSInliner(
        keep_style_tags=False, keep_at_rules=True, load_remote_stylesheets=False
    )
