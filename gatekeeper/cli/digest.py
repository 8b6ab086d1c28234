"""`digest`: what each manager is told about the last run."""

from __future__ import annotations

import re
import webbrowser
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import desk_of, opened, post_of, prepare
from gatekeeper.cli.console import (
    note,
    print_json,
    progress_bar,
    safe,
    say,
    show_table,
    table,
)
from gatekeeper.cli.options import Json, examples
from gatekeeper.core.model import Person
from gatekeeper.errors import SetupError
from gatekeeper.language.suggest import closest, meant_or
from gatekeeper.ports import NO_BUSINESS_DAY, Delivery

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gatekeeper.bootstrap import Work
    from gatekeeper.core.digest.rules import RulesDigest
    from gatekeeper.core.digest.values import Digest
    from gatekeeper.flow.post import Sent

OWNER_ONLY = 0o600
EXIT_UNFINISHED = 4
REVOPS = Person("revops", "RevOps")
LEADERSHIP = Person("leadership", "Leadership")
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
        help="Mail each manager the digest of the day, once; needs"
        " GATEKEEPER_SMTP_URL and GATEKEEPER_MAIL_FROM.",
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
    """Show what each manager is told about the last run, or mail it."""
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
        made = _digests(work)
        if send:
            raise typer.Exit(_send(work, made, json=json))
        print_json(made) if json else _show(made)


def _chosen(work: Work, preview: str) -> Digest | RulesDigest:
    """Return what the person, or the role, of a preview is told."""
    from gatekeeper.flow import readers  # noqa: PLC0415  start-up time
    from gatekeeper.flow.rules_digest import rules_digest  # noqa: PLC0415

    desk, role = desk_of(work), preview.strip().casefold()
    if role == REVOPS.id:
        return rules_digest(desk, REVOPS)
    if role == LEADERSHIP.id:
        return readers.digest_of_all(desk, LEADERSHIP)
    return _of(preview, list(readers.everyones_digests(desk)))


def _digests(work: Work) -> list[Digest]:
    from gatekeeper.flow.digest import digests  # noqa: PLC0415  start-up time

    return list(digests(desk_of(work)))


def _send(work: Work, made: Sequence[Digest], *, json: bool) -> int:
    """Mail the digests and say what became of each; return the exit code."""
    from gatekeeper.flow.post import send_digests  # noqa: PLC0415  start-up time

    post = post_of(work)
    with work.outbox.posting(work.org):
        sent = list(send_digests(made, post))
    print_json(sent) if json else _show_sent(sent)
    is_done = all(
        each.delivery is Delivery.SENT or each.why == NO_BUSINESS_DAY for each in sent
    )
    return 0 if is_done else EXIT_UNFINISHED


def _show_sent(sent: Sequence[Sent]) -> None:
    shown = table("Digests", "manager", "address", "day", "mail", "why")
    for each in sent:
        what = each.delivery.value if each.delivery else "not sent"
        shown.add_row(
            safe(each.who.name),
            safe(each.who.email or "none"),
            each.day.isoformat(),
            what if each.is_new or each.delivery is None else f"{what} before",
            safe(each.why),
        )
    show_table(shown)


def _write(work: Work, chosen: Digest | RulesDigest, file: Path) -> None:
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


def _of(who: str, made: Sequence[Digest]) -> Digest:
    """Return the digest of the person that is meant.

    Raises:
        SetupError: Nobody is called that, or several are.
    """
    wanted = who.strip().casefold()
    found = [
        each
        for each in made
        if wanted
        in (each.who.id.casefold(), each.who.name.casefold(), _address(each).casefold())
    ]
    if len(found) == 1:
        return found[0]
    if found:
        ids = ", ".join(each.who.id for each in found)
        message = f"Several people are called {who}. Name one by id: {ids}"
        raise SetupError(message)
    near = closest(who, [each.who.name for each in made])
    advice = meant_or(near, "gatekeeper digest")
    message = f"Nobody called {who} owns deals, or has a team that does. {advice}"
    raise SetupError(message)


def file_name(who: Person) -> str:
    """Name the page of what somebody is told."""
    name = re.sub(r"[^a-z0-9]+", "-", who.name.casefold()).strip("-")
    return f"digest-{name or who.id}.html"


def _address(chosen: Digest) -> str:
    return chosen.who.email or ""


def _show(made: Sequence[Digest]) -> None:
    columns = ("manager", "address", "open deals", "to look at", "missing", "new")
    shown = table("Digests", *columns, "fixed", right=[*columns[2:], "fixed"])
    for each in made:
        headline = each.headline
        numbers = (
            headline.open_deals.now,
            headline.failing_deals.now,
            headline.open_violations.now,
            each.new.violations,
            each.fixed.violations,
        )
        shown.add_row(
            safe(each.who.name),
            safe(_address(each) or "none"),
            *(f"{number:,}" for number in numbers),
        )
    if not made:
        note("Nobody manages anybody who owns a deal: set managers in people.yaml.")
        return
    show_table(shown)
    truth = made[0].truth
    extent = "complete" if truth.is_complete else "partial"
    note(f"Of run {truth.run_id}, {extent} reading. See one: --preview NAME", "dim")
