"""`digest`: what each reader is told about the last run."""

from __future__ import annotations

import re
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import desk_of, opened, post_of, prepare, reach_of
from gatekeeper.cli.console import (
    counted,
    note,
    print_json,
    progress_bar,
    safe,
    say,
    show_table,
    table,
)
from gatekeeper.cli.options import Json, examples
from gatekeeper.cli.people import called
from gatekeeper.core.digest.recipients import Audience, Recipient
from gatekeeper.core.digest.rules import RulesDigest
from gatekeeper.core.model import Person
from gatekeeper.errors import SetupError
from gatekeeper.language.suggest import closest, meant_or
from gatekeeper.ports import NO_BUSINESS_DAY, Delivery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.bootstrap import Work
    from gatekeeper.core.digest.recipients import Roster, Untold
    from gatekeeper.core.digest.rules import AnyDigest
    from gatekeeper.flow.post import Sent

OWNER_ONLY = 0o600
EXIT_UNFINISHED = 4
ROLES = {
    "revops": (Audience.REVOPS, Person("revops", "RevOps")),
    "leadership": (Audience.LEADERSHIP, Person("leadership", "Leadership")),
}
"""Who reads of the rules, and who of all deals, where nobody is named."""


Preview = Annotated[
    str | None,
    typer.Option(
        metavar="WHO",
        help="Write what this manager or owner (name, address or id) is told, as HTML;"
        " revops for how the rules do, leadership for all deals.",
    ),
]
Out = Annotated[
    Path | None,
    typer.Option(help="The file of the preview; digest-NAME.html if absent."),
]
Open = Annotated[bool, typer.Option("--open", help="Open the preview in the browser.")]
Send = Annotated[
    bool,
    typer.Option(
        "--send",
        help="Send each reader the digest of the day, once, by mail"
        " (GATEKEEPER_SMTP_URL) or Slack (GATEKEEPER_SLACK_TOKEN).",
    ),
]


def register(app: typer.Typer) -> None:
    """Add the command."""
    app.command(
        name="digest",
        epilog=examples(
            "gatekeeper digest",
            'gatekeeper digest --preview "Bea Boss" --open',
            "gatekeeper digest --preview bea@acme.com --out bea.html",
            "gatekeeper digest --preview revops",
            "gatekeeper digest --send",
            "gatekeeper digest --json",
        ),
    )(digest)


def digest(
    *,
    preview: Preview = None,
    out: Out = None,
    open_it: Open = False,
    send: Send = False,
    json: Json = False,
) -> None:
    """Show what each reader is told about the last run, or send it."""
    if send and preview is not None:
        message = "--preview sends nothing and --send shows nothing: give one of them."
        raise SetupError(message)
    with (
        progress_bar(enabled=not json) as progress,
        opened(prepare(), progress) as work,
    ):
        if preview is not None:
            chosen = _chosen(work, preview)
            file = out or Path(file_name(chosen.who))
            _write(work, chosen, file)
            print_json(chosen) if json else say(str(file))
            if open_it:
                webbrowser.open(file.resolve().as_uri())
            return
        if send:
            raise typer.Exit(_send(work, json=json))
        roster = _roster(work)
        made = _digests(work, roster)
        print_json(made) if json else _show(made, roster.untold)


def _roster(work: Work) -> Roster:
    from gatekeeper.flow.digest import roster_about  # noqa: PLC0415  start-up time

    reach = reach_of(work.ground, work.services.crm, work.pack)
    return roster_about(desk_of(work), reach)


def _digests(work: Work, roster: Roster) -> list[AnyDigest]:
    from gatekeeper.flow.readers import digests_for  # noqa: PLC0415  start-up time

    return list(digests_for(roster.told, desk_of(work), roster.untold))


def _chosen(work: Work, preview: str) -> AnyDigest:
    """Return what the person, or the role, of a preview is told."""
    from gatekeeper.flow.digest import roster_about  # noqa: PLC0415  start-up time
    from gatekeeper.flow.readers import digests_for  # noqa: PLC0415  start-up time

    desk, role = desk_of(work), preview.strip().casefold()
    told = roster_about(desk, reach_of(work.ground, work.services.crm, work.pack))
    if role in ROLES:
        recipient = Recipient(*ROLES[role])
    else:
        everybody = roster_about(desk, _anybody, all_owners=True)
        recipient = _meant(preview, told.told, everybody.told)
    (chosen,) = digests_for([recipient], desk, told.untold)
    return chosen


def _anybody(who: Person) -> str:
    """Let everybody be looked at, whether or not they can be sent anything."""
    return ""


def _meant(
    who: str, told: Sequence[Recipient], everybody: Sequence[Recipient]
) -> Recipient:
    """Return the one that is meant: somebody who is sent a digest, else anybody.

    Raises:
        SetupError: Nobody is called that, or several are.
    """
    for recipients in (told, everybody):
        found = called(who, [each.who for each in recipients])
        if found:
            return next(each for each in recipients if each.who.id in found)
    near = closest(who, [each.who.name for each in everybody])
    advice = meant_or(near, "gatekeeper digest")
    message = f"Nobody called {who} owns deals, or has a team that does. {advice}"
    raise SetupError(message)


def _send(work: Work, *, json: bool) -> int:
    """Send the digests and say what became of each; return the exit code."""
    from gatekeeper.flow.readers import send_all  # noqa: PLC0415  start-up time

    sent, untold = send_all(desk_of(work), post_of(work))
    if json:
        print_json(sent)
    else:
        _show_sent(sent)
        _show_untold(untold)
    is_done = all(
        each.delivery is Delivery.SENT or each.why == NO_BUSINESS_DAY for each in sent
    )
    is_missed = any(each.audience is not None for each in untold)
    return 0 if is_done and not is_missed else EXIT_UNFINISHED


def _show_sent(sent: Sequence[Sent]) -> None:
    columns = ("reader", "digest", "address", "day", "delivery", "why")
    shown = table("Digests", *columns)
    for each in sent:
        what = each.delivery.value if each.delivery else "not sent"
        shown.add_row(
            safe(each.who.name),
            each.audience.value,
            safe(each.who.email or "none"),
            each.day.isoformat(),
            what if each.is_new or each.delivery is None else f"{what} before",
            safe(each.why),
        )
    show_table(shown)


def _show_untold(untold: Sequence[Untold]) -> None:
    """Say whom no digest reaches, and what to do about it."""
    for each in untold:
        deals = counted(each.open_deals, "open deal")
        said = f"{each.name} {each.why} ({each.kind}, {deals}): {each.remedy}"
        note(f"Not told: {safe(said)}", "yellow")


def _write(work: Work, chosen: AnyDigest, file: Path) -> None:
    """Write a digest as a page that only its writer may read.

    Raises:
        SetupError: The file cannot be written.
    """
    from gatekeeper.notify.render import render  # noqa: PLC0415  start-up time

    url_of = work.services.crm.deal_url
    zone = work.pack.people.zone(chosen.who, work.pack.project.zone)
    page = render(chosen, url_of, url_of("0"), zone).as_page()
    try:
        file.touch(mode=OWNER_ONLY)
        file.write_text(page, encoding="utf-8")
    except OSError as error:
        message = f"{file} cannot be written: {error.strerror}. Name another: --out"
        raise SetupError(message) from error


def file_name(who: Person) -> str:
    """Name the page of what somebody is told."""
    name = re.sub(r"[^a-z0-9]+", "-", who.name.casefold()).strip("-")
    return f"digest-{name or who.id}.html"


def _show(made: Sequence[AnyDigest], untold: Sequence[Untold]) -> None:
    columns = ("open deals", "to look at", "missing", "new", "fixed")
    shown = table("Digests", "reader", "digest", "address", *columns, right=columns)
    for each in made:
        whole = each.whole if isinstance(each, RulesDigest) else each
        headline = whole.headline
        numbers = (
            headline.open_deals.now,
            headline.failing_deals.now,
            headline.open_violations.now,
            whole.new.violations,
            whole.fixed.violations,
        )
        shown.add_row(
            safe(each.who.name),
            each.audience.value,
            safe(each.who.email or "none"),
            *(f"{number:,}" for number in numbers),
        )
    if made:
        show_table(shown)
        truth = whole.truth
        extent = "complete" if truth.is_complete else "partial"
        note(f"Of run {truth.run_id}, {extent} reading. See one: --preview NAME", "dim")
    else:
        note("Nobody manages anybody who owns a deal: set managers in people.yaml.")
    _show_untold(untold)
