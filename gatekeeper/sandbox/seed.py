"""Write a demo org as a folder of records: stock stages, believable deals, known flaws.

Deterministic: the same size, seed and day give the same bytes, and the same story in
either CRM. Deals are written as
they are made up, so that memory does not grow with their number. The folder has one
`<Object>.jsonl.gz` per object and a `manifest.json` that counts what was planted.
"""

from __future__ import annotations

from collections import Counter
from random import Random
from typing import TYPE_CHECKING

import orjson

from gatekeeper.sandbox import seed_people as people
from gatekeeper.sandbox.seed_deals import write_deal
from gatekeeper.sandbox.seed_folder import Folder
from gatekeeper.sandbox.seed_hubspot import PortalFolder
from gatekeeper.sandbox.seed_hubspot_deal import STAGE_IDS
from gatekeeper.sandbox.seed_story import LOST, WON, Flaw, tell

if TYPE_CHECKING:
    from datetime import date
    from pathlib import Path

    from gatekeeper.sandbox.seed_activity import Sink

DEFAULT_SIZE = 300
TRACKED = ("Amount", "CloseDate", "NextStep", "OwnerId")
"""Fields of deals whose history an administrator chose to keep."""
_NOT_IN_HUBSPOT = {Flaw.NO_FILE}
_SETTINGS: dict[str, dict[str, object]] = {
    "salesforce": {
        "tracked_fields": list(TRACKED),
        "pipeline_won": WON,
        "pipeline_lost": LOST,
    },
    "hubspot": {
        "portal": {
            "name": "Gatekeeper Demo",
            "time_zone": "America/New_York",
            "has_all_properties": True,
        },
        "pipeline_won": STAGE_IDS[WON],
        "pipeline_lost": STAGE_IDS[LOST],
    },
}


def seed_org(
    size: int, seed: int, as_of: date, out: Path, crm: str = "salesforce"
) -> dict[str, object]:
    """Write a demo org and return its manifest.

    Args:
        size: How many deals; about seven of ten are open.
        seed: Another number gives another org.
        as_of: The day the org is looked at; nothing that happened is later.
        out: The folder; made if absent, files of the same name are replaced.
        crm: Whose records it holds, `salesforce` or `hubspot`; the story is the same.
    """
    cast = people.Cast(size, as_of)
    shown = [
        flaw for flaw in Flaw if crm == "salesforce" or flaw not in _NOT_IN_HUBSPOT
    ]
    planted: Counter[str] = Counter(dict.fromkeys(map(str, Flaw), 0))
    flawed = 0
    with Folder(out) as folder:
        sink: Sink = folder if crm == "salesforce" else PortalFolder(folder)
        _write_people(sink, seed, cast)
        for number in range(size):
            random = Random(f"{seed}:deal:{number}")  # noqa: S311 - a demo, no secret
            story = tell(random, number, as_of, planted)
            planted.update(map(str, story.flaws))
            flawed += not story.flaws.isdisjoint(shown)
            write_deal(sink, random, story, cast)
    manifest = {
        "dataset": "demo",
        "shape": crm,
        "counts": dict(sorted(folder.counts.items())),
        "as_of": as_of.isoformat(),
        "source": "made up by gatekeeper sandbox seed",
        "seed": seed,
        "flawed_deals": flawed,
        "planted": {flaw: planted[flaw] for flaw in sorted(map(str, shown))},
        **_SETTINGS[crm],
    }
    text = orjson.dumps(
        manifest, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE
    )
    (out / "manifest.json").write_bytes(text)
    return manifest


def _write_people(folder: Sink, seed: int, cast: people.Cast) -> None:
    folder.add("Organization", people.organization(cast))
    for role in people.roles():
        folder.add("UserRole", role)
    for user in people.users(cast):
        folder.add("User", user)
    for stage in people.stages(cast):
        folder.add("OpportunityStage", stage)
    for object_name, row in people.price_book(cast):
        folder.add(object_name, row)
    for number in range(cast.accounts):
        random = Random(f"{seed}:account:{number}")  # noqa: S311 - a demo, no secret
        folder.add("Account", people.account(random, number, cast))
        for place in range(people.CONTACTS_PER_ACCOUNT):
            folder.add("Contact", people.contact(number, place, cast))
