"""project.yaml: the settings that all rules of a pack share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.calendar import Calendar
from gatekeeper.core.catalogue import CrmName
from gatekeeper.core.pack import Limits, Project
from gatekeeper.language.compiler.placeholders import reduced
from gatekeeper.pack.files import days_off, schema
from gatekeeper.pack.files.schedule import read_schedule
from gatekeeper.pack.files.values import did_you_mean, text
from gatekeeper.pack.source.read import Noun

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.pack.source.nodes import Node, Table
    from gatekeeper.pack.source.read import Reader

StageMap = dict[str, dict[str, tuple[str, ...]]]


def read_project(reader: Reader, table: Table, *, crm: str | None) -> Project | None:
    """Read project.yaml.

    Args:
        reader: Takes the mistakes.
        table: The whole file.
        crm: What the settings say; it stands in where the file names no CRM and is
            a mistake where the file names another.
    """
    read = reader.part(schema.ProjectFile, table, Noun("project.yaml"))
    if read is None:
        return None
    limits = _limits(reader, table.get("limits"))
    schedule = read_schedule(reader, table.get("schedule"))
    stages = _stages(reader, table.get("stages"))
    days = read_calendar(reader, table.get("business_calendar"))
    return Project(
        crm=_crm(reader, table, read.crm, crm),
        zone=read.timezone,
        calendar=days,
        currency=read.currency,
        week_starts_on=read.week_starts_on,
        fiscal_starts_in=read.fiscal_year_starts,
        placeholders=frozenset(map(reduced, read.placeholders)),
        mode_ceiling=read.mode_ceiling,
        closed_lookback=read.closed_lookback,
        limits=limits,
        grouping=read.group_tasks_by,
        scope=read.scope,
        stages=stages,
        ignore_stints_under=read.ignore_stints_under,
        reopen_within=read.reopen_within,
        reopen_after=read.reopen_after,
        reopen_times=read.reopen_times,
        supported_stage=read.supported_stage,
        schedule=schedule,
    )


def _crm(
    reader: Reader, table: Table, named: CrmName | None, wanted: str | None
) -> str:
    if named is None:
        if wanted is None and table.key("crm") is None:
            reader.say(
                table.place,
                "E202",
                'project.yaml has no "crm".',
                "crm: salesforce, or crm: hubspot",
            )
        return wanted or CrmName.SALESFORCE.value
    node = table.get("crm")
    if wanted is not None and named != wanted and node is not None:
        reader.say(
            node.place,
            "E215",
            f"this pack is written for {named.label}, but the settings say {wanted}.",
            "take GATEKEEPER_CRM out of the settings, or use another pack.",
        )
    return named.value


def _limits(reader: Reader, node: Node | None) -> Limits:
    read = reader.part(schema.Limits, node, Noun("limits"))
    return Limits(**read.model_dump()) if read else Limits()


def _stages(reader: Reader, node: Node | None) -> StageMap:
    stages: StageMap = {}
    for key, value in reader.pairs(node, "stages"):
        noun = Noun("a stage of the rules", f'stage "{key.text}"')
        names = reader.part(schema.StageNames, value, noun)
        if names is not None:
            written = {"salesforce": names.salesforce, "hubspot": names.hubspot}
            stages[key.text] = {crm: found for crm, found in written.items() if found}
    return stages


def read_calendar(
    reader: Reader, node: Node | None, key: str = "business_calendar"
) -> Calendar:
    """Read what stands under `key`; without it every weekday is worked."""
    read = reader.part(schema.BusinessCalendar, node, Noun(key))
    if read is None:
        return Calendar()
    extra = frozenset(read.extra_holidays)
    table = reader.table(node, key)
    if read.country is None or table is None:
        return Calendar(extra)
    try:
        return Calendar(days_off.DaysOff(read.country, read.subdivision, extra))
    except NotImplementedError:
        _say_unknown(reader, table, read.country, days_off.known_countries())
    return Calendar(extra)


def _say_unknown(
    reader: Reader, table: Table, country: str, known: Mapping[str, list[str]]
) -> None:
    """Say which of the two is not known."""
    if country in known:
        _unknown(reader, table, "subdivision", known[country])
    else:
        _unknown(reader, table, "country", known)


def _unknown(
    reader: Reader, table: Table, key: str, known: Mapping[str, object] | list[str]
) -> None:
    node = table.get(key)
    if node is None:
        return
    word = reader.value(node, key, text, "")
    kind = "country" if key == "country" else "part of the country"
    reader.say(
        node.place,
        "E207",
        f'{key} "{word}" is no {kind} whose holidays are known.',
        did_you_mean(word, known) or f"known: {', '.join(sorted(known)[:12])}, ...",
    )
