"""The chapter in which managers get their mail: a real one, by a real mail server."""

from __future__ import annotations

import tempfile
from email import message_from_bytes, policy
from pathlib import Path
from typing import TYPE_CHECKING

from gatekeeper.bootstrap import desk_of, opened, post_of, reach_of
from gatekeeper.cli.console import counted, progress_bar, safe, say
from gatekeeper.cli.digest import file_name
from gatekeeper.cli.story_stage import chapter
from gatekeeper.core.calendar import local_date
from gatekeeper.flow.digest import roster_about
from gatekeeper.flow.post import send_digest
from gatekeeper.flow.readers import digests_for
from gatekeeper.notify.render import render

if TYPE_CHECKING:
    from gatekeeper.bootstrap import Work
    from gatekeeper.cli.story_stage import Stage
    from gatekeeper.core.digest.rules import AnyDigest

PREFIX = "gatekeeper-mail-"


def mail(stage: Stage, kept: Path | None) -> None:
    """Send each manager the digest of the day, and save what arrived.

    Args:
        stage: Where the story plays; its mail server takes the mails.
        kept: Where everything of the story is kept; None makes a folder for the mails,
            which stays for the reader.
    """
    chapter(
        "8. What managers get",
        "Every night the worker mails each manager a digest of the exceptions,"
        " leadership one of all deals, and RevOps how the rules do.",
    )
    with (
        progress_bar(enabled=True) as progress,
        opened(stage.ground, progress) as work,
    ):
        folder = kept / "mail" if kept else Path(tempfile.mkdtemp(prefix=PREFIX))
        folder.mkdir(exist_ok=True)
        desk = desk_of(work)
        roster = roster_about(desk, reach_of(work.ground, work.services.crm, work.pack))
        made = digests_for(roster.told, desk, roster.untold)
        pages = [_sent(work, each, folder) for each in made]
    for number, content in enumerate(stage.letterbox.mails, 1):
        message = message_from_bytes(content, policy=policy.default)
        (folder / f"{number}.eml").write_bytes(content)
        say(f"  {safe(str(message['To']))}: {safe(str(message['Subject']))}")
    arrived = counted(len(stage.letterbox.mails), "mail")
    say(f"{arrived} arrived at {stage.letterbox.url}; saved in {folder}", "green")
    if pages:
        say(f"  as a page: {pages[0]}")


def _sent(work: Work, digest: AnyDigest, folder: Path) -> Path:
    """Send one digest, whatever day it is, and write it as a page too."""
    post = post_of(work)
    zone = work.pack.people.zone(digest.who, work.pack.project.zone)
    send_digest(digest, local_date(post.now, zone), post)
    url_of = work.services.crm.deal_url
    page = folder / file_name(digest.who)
    page.write_text(
        render(digest, url_of, url_of("0"), zone).as_page(), encoding="utf-8"
    )
    return page
