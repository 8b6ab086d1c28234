"""The text of a task as HubSpot shows it, and back. Pure.

HubSpot takes HTML. Ours is paragraphs and lists with everything else escaped; whatever
HubSpot or a person made of it, the words come back.
"""

from __future__ import annotations

import html
import re

_ENDS = re.compile(r"<(?:/p|/li|/div|/ul|/ol|/h\d|br\s*/?)\s*>", re.IGNORECASE)
_TAG = re.compile(r"<[^>]*>")


def as_html(text: str) -> str:
    """Return lines as paragraphs; indented lines are a list under the one before."""
    parts: list[str] = []
    for line in text.splitlines():
        said = html.escape(line.strip(), quote=False)
        if not said:
            continue
        if line[0].isspace():
            entry = f"<li>{said}</li></ul>"
            if parts and parts[-1].endswith("</ul>"):
                parts[-1] = parts[-1].removesuffix("</ul>") + entry
            else:
                parts.append(f"<ul>{entry}")
        else:
            parts.append(f"<p>{said}</p>")
    return "".join(parts)


def as_text(body: str) -> str:
    """Return the words of a body, a line per paragraph."""
    text = html.unescape(_TAG.sub("", _ENDS.sub("\n", body)))
    lines = (line.strip() for line in text.splitlines())
    return "\n".join(line for line in lines if line)
