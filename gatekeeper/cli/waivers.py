"""`waivers`: what people accept for a while, and who answers for it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import TYPE_CHECKING, Annotated

import typer

from gatekeeper.bootstrap import WallClock, prepare
from gatekeeper.cli.console import counted, note, print_json, safe, say, show_table
from gatekeeper.cli.console import table as new_table
from gatekeeper.cli.options import Json, examples
from gatekeeper.core.calendar import local_date
from gatekeeper.core.former_ids import present_ids
from gatekeeper.core.model import State
from gatekeeper.core.waiver_review import Watched, review
from gatekeeper.errors import PackError, SetupError

if TYPE_CHECKING:
    from pathlib import Path

    from gatekeeper.bootstrap import Ground
    from gatekeeper.core.pack import RulePack
    from gatekeeper.core.waiver_review import WaiverReview
    from gatekeeper.pack.files.waiver_text import NewWaiver

EXIT_STALE = 1
FOLDER = "waivers"
ENDING = ".waivers.yaml"

app = typer.Typer(invoke_without_command=True)


def register(parent: typer.Typer) -> None:
    """Add the commands."""
    parent.add_typer(
        app,
        name="waivers",
        epilog=examples("gatekeeper waivers", "gatekeeper waivers check"),
    )


@app.callback()
def waivers(context: typer.Context, *, json: Json = False) -> None:
    """List waivers, check them, or add one."""
    if context.invoked_subcommand is None:
        list_waivers(json=json)


@app.command("list", epilog=examples("gatekeeper waivers list --json"))
def list_waivers(*, json: Json = False) -> None:
    """List the waivers, what each covers, and who approved how much."""
    reviews = _reviews(prepare())
    if json:
        print_json([_row(each) for each in reviews])
        return
    if not reviews:
        say("There are no waivers. To add one: gatekeeper waivers add --help")
        return
    shown = new_table(
        "Waivers", "id", "rule", "deals", "covers", "until", "approved by", "status"
    )
    for each in reviews:
        waiver = each.waiver
        shown.add_row(
            safe(waiver.id),
            safe(", ".join(waiver.rules)),
            safe(_deals(each)),
            "-" if each.covers is None else str(each.covers),
            waiver.expires.isoformat(),
            safe(waiver.approved_by),
            each.status,
        )
    show_table(shown)
    if any(each.covers is None for each in reviews):
        note("No run has kept track yet, so what they cover is not known.")
    for approver, count in sorted(_by_approver(reviews).items()):
        say(f"{approver} approved what covers {counted(count, 'violation')} now.")


@app.command("check", epilog=examples("gatekeeper waivers check"))
def check_waivers(*, json: Json = False) -> None:
    """Name the waivers that end soon, ended, cover nothing, or fit an old rule.

    Ends with 1 when one of them should be looked at; a notice alone ends with 0.
    """
    reviews = [each for each in _reviews(prepare()) if each.notices]
    if json:
        print_json([_row(each) for each in reviews])
    for each in reviews if not json else ():
        style = "yellow" if each.is_stale else ""
        say(f"{each.waiver.id} ({each.waiver.place}): {' '.join(each.notices)}", style)
    if not reviews and not json:
        say("Nothing to say about the waivers.", "green")
    raise typer.Exit(EXIT_STALE if any(each.is_stale for each in reviews) else 0)


Rules = Annotated[list[str], typer.Option("--rule", help="A rule; repeatable.")]
Deals = Annotated[
    list[str] | None, typer.Option("--deal", help="The id of a deal; repeatable.")
]
Where = Annotated[
    str, typer.Option(help="A check in place of deals; needs --max-deals.")
]
MostDeals = Annotated[
    int | None, typer.Option(help="The most deals it may cover in a run.", min=1)
]
Ends = Annotated[str, typer.Option(help="A check that ends it for a deal.")]


@app.command(
    "add",
    epilog=examples(
        "gatekeeper waivers add --rule qual-amount --deal 006Hs00001ABCdE"
        ' --reason "Strategic logo" --requested-by ana@example.com'
        " --approved-by revops@example.com --expires 2026-12-31",
    ),
)
def add_waiver(
    rule: Rules,
    *,
    reason: Annotated[str, typer.Option(help="Why, in one sentence.")],
    requested_by: Annotated[str, typer.Option(help="Who asks for it.")],
    approved_by: Annotated[str, typer.Option(help="Who answers for it.")],
    expires: Annotated[str, typer.Option(help="Its last day, as 2026-12-31.")],
    deal: Deals = None,
    where: Where = "",
    max_deals: MostDeals = None,
    ends_early_when: Ends = "",
    ticket: Annotated[str, typer.Option(help="Where it was discussed.")] = "",
    json: Json = False,
) -> None:
    """Write a waiver into a file of its own, if rules and policy allow it."""
    from gatekeeper.pack.files.waiver_text import NewWaiver  # noqa: PLC0415

    ground = prepare()
    pack = _pack(ground)
    today = local_date(WallClock().now(), pack.project.zone)
    waiver = NewWaiver(
        id=_free_id(ground, pack, today.year),
        rules=_present(rule, pack),
        reason=reason,
        requested_by=requested_by,
        approved_by=approved_by,
        approved_on=today,
        expires=_day(expires),
        deals=tuple(deal or ()),
        deals_where=where,
        max_deals=max_deals,
        ends_early_when=ends_early_when,
        ticket=ticket,
    )
    path = _write(ground, pack, waiver)
    if json:
        print_json({"id": waiver.id, "file": str(path)})
        return
    say(f"Wrote waiver {waiver.id} to {path}.", "green")
    note("It holds from the next run on. Have the file reviewed like any rule.")


def _free_id(ground: Ground, pack: RulePack, year: int) -> str:
    """Return the next id that neither a waiver nor a file of waivers has."""
    from gatekeeper.pack.files.waiver_text import next_id  # noqa: PLC0415

    files = (ground.paths.rules_dir / FOLDER).glob(f"*{ENDING}")
    named = (path.name.removesuffix(ENDING) for path in files)
    return next_id([*(each.id for each in pack.waivers.waivers), *named], year)


def _present(rules: list[str], pack: RulePack) -> tuple[str, ...]:
    """Name each rule by its present id, once: its version is filed under that."""
    renamed = present_ids(pack)
    return tuple(dict.fromkeys(renamed.get(each, each) for each in rules))


def _write(ground: Ground, pack: RulePack, waiver: NewWaiver) -> Path:
    """Write the file and read the pack again; a file with mistakes is taken back.

    Raises:
        PackError: Rules or policy do not allow it; nothing was kept.
        SetupError: The file cannot be written.
    """
    from gatekeeper.pack.files.waiver_text import waiver_text  # noqa: PLC0415

    logic = {each.id: each.logic for each in pack.rules if each.id in waiver.rules}
    folder = ground.paths.rules_dir / FOLDER
    path = folder / f"{waiver.id}{ENDING}"
    try:
        folder.mkdir(exist_ok=True)
        with path.open("x", encoding="utf-8") as file:
            file.write(waiver_text(waiver, logic))
    except OSError as error:
        message = f"{path} cannot be written: {error.strerror}."
        raise SetupError(message) from error
    try:
        _pack(ground)
    except PackError:
        path.unlink()
        raise
    return path


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        message = f'--expires "{text}" is no day; write it as 2026-12-31.'
        raise SetupError(message) from None


def _pack(ground: Ground) -> RulePack:
    return ground.draft().compile(ground.saved_schema())


def _reviews(ground: Ground) -> tuple[WaiverReview, ...]:
    store = ground.store()
    try:
        pack = ground.draft().compile(store.saved_schema(None))
        everything = [each.value for each in State]
        org, zone = store.pinned_org() or "", pack.project.zone
        known = list(store.violations(org, everything))
        since, last = store.judged_since(org), store.archive.last_told(org)
    finally:
        store.close()
    watched = None
    if since and last:
        watched = Watched(local_date(since, zone), local_date(last.as_of, zone))
    today = local_date(WallClock().now(), zone)
    return review(pack.waivers, known, today, watched)


def _by_approver(reviews: tuple[WaiverReview, ...]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for each in reviews:
        if each.covers is not None:
            counts[each.waiver.approved_by] += each.covers
    return counts


def _deals(reviewed: WaiverReview) -> str:
    waiver = reviewed.waiver
    if waiver.deals:
        return ", ".join(sorted(waiver.deals))
    return f"by condition, at most {waiver.max_deals}"


def _row(reviewed: WaiverReview) -> dict[str, object]:
    waiver = reviewed.waiver
    return {
        "id": waiver.id,
        "rules": list(waiver.rules),
        "deals": sorted(waiver.deals),
        "by_condition": waiver.deals_where is not None,
        "max_deals": waiver.max_deals,
        "reason": waiver.reason,
        "ticket": waiver.ticket,
        "requested_by": waiver.requested_by,
        "approved_by": waiver.approved_by,
        "approved_on": waiver.approved_on.isoformat(),
        "expires": waiver.expires.isoformat(),
        "status": reviewed.status,
        "covers": reviewed.covers,
        "notices": list(reviewed.notices),
        "stale": reviewed.is_stale,
        "place": waiver.place,
    }
