"""Pages in a real browser: shown in the light and in the dark, wide and narrow.

Chromium without a window, without a network and without scripts of the pages. Where no
Chromium is installed the tests that need one are skipped.
"""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from dataclasses import dataclass
from html import escape, unescape
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
WIDTHS = (600, 320)
SCHEMES = ("light", "dark")
MEASURE = Path(__file__).with_name("measure.js")
LONGEST_S = 300
ALONE = (
    "--headless",
    "--no-sandbox",  # root, as in a container, has none; the pages are our own
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--virtual-time-budget=10000",
    "--dump-dom",
)


@dataclass(frozen=True, slots=True)
class Look:
    """A page as one reader sees it.

    Attributes:
        scrolls: How wide its content is; more than `width` scrolls sideways.
        beyond: Elements that stick out at the right.
        faintest: The least contrast of words to their ground, and which words.
        smallest: Size of the smallest words, in pixels.
        pictures: Of each picture whether it is shown.
        shape: Its elements with their attributes, without any words.
    """

    page: str
    width: int
    is_dark: bool
    scrolls: int
    beyond: list[str]
    faintest: tuple[float, str]
    smallest: float
    pictures: list[bool]
    shape: str


def chromium() -> str:
    """Return where the browser is; skips the test where there is none."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser: none of {', '.join(NAMES)} is installed")
    return found


def looks(
    pages: Mapping[str, str],
    folder: Path,
    widths: Sequence[int] = WIDTHS,
    schemes: Sequence[str] = SCHEMES,
) -> list[Look]:
    """Show each page in each scheme and width, and tell what was seen.

    Args:
        pages: Name to HTML.
        folder: Where the browser may write.
        widths: Of the window, in pixels.
        schemes: What the reader's machine prefers.
    """
    frames = [
        _frame(name, html, width, scheme)
        for name, html in pages.items()
        for width in widths
        for scheme in schemes
    ]
    script = MEASURE.read_text("utf-8")
    host = folder / "host.html"
    whole = f"<!doctype html><meta charset=utf-8><body>{''.join(frames)}"
    host.write_text(f"{whole}<script>{script}</script>", encoding="utf-8")
    profile = f"--user-data-dir={folder / 'profile'}"
    ended = subprocess.run(  # noqa: S603  (a browser of this machine, our own page)
        [chromium(), *ALONE, profile, host.as_uri()],
        capture_output=True,
        text=True,
        timeout=LONGEST_S,
        check=True,
    )
    told = re.search(r"<body>(\[.*\])\s*</body>", ended.stdout, re.DOTALL)
    assert told, ended.stdout[-500:] + ended.stderr[-500:]
    return [
        Look(**{**each, "faintest": tuple(each["faintest"])})
        for each in json.loads(unescape(told[1]))
    ]


def _frame(name: str, html: str, width: int, scheme: str) -> str:
    """Put a page into a frame of its own: it reads the scheme that the frame has."""
    size = f"width:{width}px;height:900px;border:0;color-scheme:{scheme}"
    return (
        f'<iframe sandbox="allow-same-origin" data-page="{escape(name)}"'
        f' style="{size}" srcdoc="{escape(html)}"></iframe>'
    )
