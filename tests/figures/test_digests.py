"""Each manager of a public org is told what an independent calculation counts."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC
from typing import TYPE_CHECKING

import pytest

from gatekeeper.bootstrap import WallClock
from gatekeeper.core.model import Mode
from gatekeeper.flow.digest import Desk
from gatekeeper.flow.run import RunOrder, run_once
from gatekeeper.flow.services import Services
from gatekeeper.notify.render import render
from gatekeeper.pack.load import read_pack
from gatekeeper.ports import RunKind
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.importing import load_org
from gatekeeper.sandbox.server import SandboxServer
from gatekeeper.store.sql_store import SqlStore
from tests.contracts.worlds import sandbox_crm
from tests.figures.public_orgs import MAVEN, PACKS, expected_criteria
from tests.flow.scene import managers_digests

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from gatekeeper.core.digest.values import Digest
    from gatekeeper.core.pack import RulePack
    from gatekeeper.ports import Crm

pytestmark = pytest.mark.slow

MANAGERS = {
    "Cara Losch",
    "Celia Rouche",
    "Dustin Brinkmann",
    "Melvin Marxen",
    "Rocco Neubert",
    "Summer Sewald",
}


def told_to_managers(pack: RulePack) -> RulePack:
    """Return the pack with every rule in force: managers see warn and enforce."""
    rules = tuple(replace(rule, mode=Mode.WARN) for rule in pack.rules)
    project = replace(pack.project, mode_ceiling=Mode.WARN)
    return replace(pack, rules=rules, project=project)


@pytest.fixture(scope="module")
def told(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Mapping[str, Digest]]:
    clock = Clock(as_of_instant(MAVEN.as_of))
    org = load_org(shared_data / "salesforce" / MAVEN.name, clock)
    file = tmp_path_factory.mktemp("digests") / "gatekeeper.db"
    store = SqlStore(f"sqlite:///{file}")
    with SandboxServer(org) as server:
        crm = sandbox_crm(server.url)
        crm.set_up(lambda _what, _done, _total: None)
        yield {each.who.name: each for each in _digests(crm, store)}
        crm.client.close()
    store.close()


def _digests(crm: Crm, store: SqlStore) -> list[Digest]:
    draft = read_pack(PACKS / MAVEN.pack)
    schema = crm.schema(draft.catalogue)
    pack = told_to_managers(draft.compile(schema))
    services = Services(
        crm, store, WallClock(), lambda _what, _done, _total: None, lambda: ""
    )
    run_once(services, pack, schema, RunOrder(crm.server_time(), RunKind.RUN))
    desk = Desk(store.archive, crm, pack, schema)
    return managers_digests(desk)


def test_each_of_the_six_managers_is_told_the_published_counts(
    shared_data: Path, told: Mapping[str, Digest]
) -> None:
    counts = {
        name: {each.rule_id.replace("-", "_"): each.count for each in digest.criteria}
        for name, digest in told.items()
    }

    expected = {
        name: {
            each["id"]: each["violations_by_manager"][name]
            for each in expected_criteria(shared_data, MAVEN)
            if name in each["violations_by_manager"]
        }
        for name in MANAGERS
    }
    assert counts == expected


def test_each_of_the_six_managers_is_told_the_published_open_deals(
    shared_data: Path, told: Mapping[str, Digest]
) -> None:
    # Of the calculation's own table of managers.
    path = shared_data / "expected" / f"{MAVEN.name}.json"
    by_manager = json.loads(path.read_bytes())["kpis"]["by_manager"]

    assert {name: digest.headline.open_deals.now for name, digest in told.items()} == {
        each["manager"]: each["open_deals"] for each in by_manager
    }


def test_the_counts_stand_in_the_mail_as_people_read_it(
    shared_data: Path, told: Mapping[str, Digest]
) -> None:
    for name, digest in told.items():
        mail = render(digest, lambda _deal: "", "https://acme.example", UTC)
        for criterion in expected_criteria(shared_data, MAVEN):
            count = criterion["violations_by_manager"].get(name)
            title = next(
                (
                    each.title
                    for each in digest.criteria
                    if each.rule_id.replace("-", "_") == criterion["id"]
                ),
                None,
            )
            assert count is None or f"* {title}: {count:,}" in mail.text
