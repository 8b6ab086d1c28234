"""The compose file: every container without rights, every secret a file."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from gatekeeper.sandbox.salesforce.stock import CLIENT_ID, CLIENT_SECRET
from gatekeeper.settings.model import secret_settings
from tests.deploy.files import DEPLOY, USER, documents, known_settings, named_settings

FILE = DEPLOY / "compose.yaml"
(COMPOSE,) = documents(FILE)
SERVICES: dict[str, Any] = COMPOSE["services"]
OURS = [name for name in SERVICES if name != "postgres"]


def test_the_file_is_what_the_compose_specification_allows() -> None:
    spec = pytest.importorskip("compose_spec", reason="make deployable brings it")

    # It knows neither merged keys nor variables, which compose resolves before.
    text = re.sub(r"\$\{\w+:-(.*?)\}", r"\1", json.dumps(COMPOSE))
    spec.PyCompose.from_json(text)


@pytest.mark.promise("S27")
@pytest.mark.parametrize("name", OURS)
def test_a_container_of_ours_has_no_rights_and_a_root_it_cannot_write(
    name: str,
) -> None:
    service = SERVICES[name]

    assert service["user"] == f"{USER}:{USER}"
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "ports" not in service


@pytest.mark.promise("S27")
@pytest.mark.parametrize("name", OURS)
def test_no_mount_but_the_database_may_be_written(name: str) -> None:
    mounts = [each.split(":") for each in SERVICES[name].get("volumes", ())]
    writable = {parts[1] for parts in mounts if parts[2:] != ["ro"]}

    assert writable <= {"/data"}
    assert [each.split(":")[0] for each in SERVICES[name]["tmpfs"]] == ["/tmp"]  # noqa: S108


@pytest.mark.parametrize("name", SERVICES)
def test_a_container_has_limits_and_an_exact_image(name: str) -> None:
    service = SERVICES[name]

    assert {"mem_limit", "cpus", "pids_limit"} <= service.keys()
    assert ":" in service["image"]
    assert not service["image"].endswith(":latest")


def test_every_secret_of_the_worker_is_a_file() -> None:
    environment = SERVICES["worker"]["environment"]
    secrets = {f"GATEKEEPER_{name.upper()}" for name in secret_settings()}
    files = {name: path for name, path in environment.items() if name.endswith("_FILE")}

    assert not secrets & environment.keys()
    assert {path.rpartition("/")[2] for path in files.values()} == set(
        SERVICES["worker"]["secrets"]
    )
    used = {
        each for service in SERVICES.values() for each in service.get("secrets", ())
    }
    assert used == COMPOSE["secrets"].keys()


def test_a_worker_is_given_the_time_it_needs_to_end_cleanly() -> None:
    assert SERVICES["worker"]["stop_grace_period"] == "60s"


def test_the_rehearsal_talks_to_the_sandbox_and_starts_only_when_asked() -> None:
    rehearsal = SERVICES["rehearsal"]
    by_itself = {name for name in SERVICES if "profiles" not in SERVICES[name]}

    assert by_itself == {"worker", "postgres"}
    assert rehearsal["network_mode"] == "service:sandbox"
    port = SERVICES["sandbox"]["command"][-1]
    environment = rehearsal["environment"]
    assert environment["GATEKEEPER_SALESFORCE_URL"] == f"http://127.0.0.1:{port}"
    assert environment["GATEKEEPER_SALESFORCE_CLIENT_ID"] == CLIENT_ID
    assert environment["GATEKEEPER_SALESFORCE_CLIENT_SECRET"] == CLIENT_SECRET


def test_every_setting_that_a_file_of_the_folder_names_exists() -> None:
    texts = [
        file.read_text(encoding="utf-8")
        for file in DEPLOY.rglob("*")
        if file.is_file() and file.suffix != ".xml"
    ]
    named = {name for text in texts for name in named_settings(text)}

    assert named - known_settings() == {"GATEKEEPER_VERSION"}  # the image's tag
