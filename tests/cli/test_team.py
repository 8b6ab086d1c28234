"""`violations --manager`: what stands for one person and everybody below."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tests.cli.program import Program


def test_it_lists_what_the_digest_of_that_manager_counts(enforcing: Program) -> None:
    enforcing("run")
    digests = enforcing("digest", "--json").json
    asked = [each for each in digests if each["headline"]["open_violations"]["now"]]
    every = len(enforcing("violations", "--state", "open", "--json").json)

    counts = []
    for each in asked:
        address, name = each["who"]["email"], each["who"]["name"]
        by_address = enforcing(
            "violations", "--manager", address.upper(), "--state", "open", "--json"
        ).json
        by_name = enforcing(
            "violations", "--manager", name, "--state", "open", "--json"
        ).json
        assert by_name == by_address
        counts.append(len(by_address))
        observed = sum(one["count"] for one in each["criteria"] if one["is_observed"])
        assert counts[-1] == each["headline"]["open_violations"]["now"] + observed

    assert len(counts) > 1
    assert min(counts) < every


def test_who_manages_nobody_has_the_own_deals(enforcing: Program) -> None:
    enforcing("run")
    owner = enforcing("violations", "--json").json[0]["owner"]

    found = enforcing("violations", "--manager", owner, "--json").json

    assert {each["owner"] for each in found} == {owner}


def test_a_name_that_nobody_has_is_told_with_the_nearest(enforcing: Program) -> None:
    enforcing("run")
    owner = enforcing("violations", "--json").json[0]["owner"]

    ended = enforcing("violations", "--manager", f"{owner}x")

    assert ended.code == 2
    assert f"The CRM knows nobody called {owner}x." in ended.err
    assert owner in ended.err.replace(f"{owner}x", "")
