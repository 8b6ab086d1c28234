"""The manifests: what the cluster would refuse, and what nobody should grant."""

from __future__ import annotations

import subprocess
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from gatekeeper.settings import Settings
from tests.deploy.files import DEPLOY, ROOT, USER, documents, known_settings, tool

if TYPE_CHECKING:
    from tests.cli.program import Program

FOLDER = DEPLOY / "kubernetes"
MANIFESTS = [each for file in sorted(FOLDER.glob("*.yaml")) for each in documents(file)]


def kind(name: str) -> list[dict[str, Any]]:
    return [each for each in MANIFESTS if each["kind"] == name]


def pod(manifest: dict[str, Any]) -> dict[str, Any]:
    spec = manifest["spec"]
    template = spec["jobTemplate"]["spec"] if "jobTemplate" in spec else spec
    found: dict[str, Any] = template["template"]["spec"]
    return found


PODS = {
    manifest["metadata"]["name"]: pod(manifest)
    for manifest in [*kind("Deployment"), *kind("CronJob")]
}


@pytest.mark.parametrize("manifest", MANIFESTS, ids=lambda m: m["metadata"]["name"])
def test_a_manifest_is_what_kubernetes_accepts(manifest: dict[str, Any]) -> None:
    checker = pytest.importorskip(
        "kubernetes_validate", reason="make deployable brings it"
    )

    checker.validate(manifest, checker.latest_version(), strict=True)


@pytest.mark.promise("S27")
@pytest.mark.parametrize("name", PODS)
def test_a_pod_fits_the_restricted_standard(name: str) -> None:
    """https://kubernetes.io/docs/concepts/security/pod-security-standards/"""
    spec = PODS[name]
    (container,) = spec["containers"]

    assert spec["securityContext"]["runAsNonRoot"] is True
    assert spec["securityContext"]["runAsUser"] == USER
    assert spec["securityContext"]["seccompProfile"] == {"type": "RuntimeDefault"}
    assert container["securityContext"] == {
        "allowPrivilegeEscalation": False,
        "readOnlyRootFilesystem": True,
        "capabilities": {"drop": ["ALL"]},
    }
    assert not {"hostNetwork", "hostPID", "hostIPC"} & spec.keys()
    allowed = {"configMap", "emptyDir", "secret", "projected", "persistentVolumeClaim"}
    assert all(set(volume) - {"name"} <= allowed for volume in spec["volumes"])


@pytest.mark.promise("S27")
@pytest.mark.parametrize("name", PODS)
def test_no_mount_of_a_pod_but_its_own_memory_may_be_written(name: str) -> None:
    """The database is a server's."""
    (container,) = PODS[name]["containers"]
    mounts = container["volumeMounts"]
    writable = {each["name"] for each in mounts if not each.get("readOnly")}

    assert writable <= {"tmp"}
    volumes = {each["name"]: each for each in PODS[name]["volumes"]}
    assert all(volumes[each]["emptyDir"]["medium"] == "Memory" for each in writable)


@pytest.mark.promise("S27")
@pytest.mark.parametrize("name", PODS)
def test_a_pod_has_limits_no_token_and_an_exact_image(name: str) -> None:
    spec = PODS[name]
    (container,) = spec["containers"]
    _image, _, tag = container["image"].partition(":")

    assert tag not in ("", "latest")
    assert container["resources"]["limits"].keys() == {"cpu", "memory"}
    assert spec["automountServiceAccountToken"] is False
    # A service called gatekeeper would put GATEKEEPER_PORT into the environment,
    # which is no setting, and every command would end with 2.
    assert spec["enableServiceLinks"] is False
    assert spec["terminationGracePeriodSeconds"] >= 45


@pytest.mark.parametrize("name", PODS)
def test_every_file_that_the_settings_name_is_mounted(name: str) -> None:
    spec = PODS[name]
    (container,) = spec["containers"]
    (settings,) = kind("ConfigMap")
    (secret,) = kind("Secret")
    mounted = {mount["mountPath"] for mount in container["volumeMounts"]}
    files = {
        name: Path(value)
        for name, value in settings["data"].items()
        if name.endswith("_FILE")
    }

    assert {str(file.parent) for file in files.values()} <= mounted
    assert {file.name for file in files.values()} == secret["stringData"].keys()
    assert {volume["name"] for volume in spec["volumes"]} == {
        mount["name"] for mount in container["volumeMounts"]
    }


def test_the_example_of_a_secret_holds_none() -> None:
    (secret,) = kind("Secret")

    assert set(secret["stringData"].values()) == {""}


def test_the_settings_exist() -> None:
    (settings,) = kind("ConfigMap")

    assert settings["data"].keys() <= known_settings()


def test_two_workers_never_stand_side_by_side() -> None:
    (worker,) = kind("Deployment")

    assert worker["spec"]["replicas"] == 1
    assert worker["spec"]["strategy"] == {"type": "Recreate"}
    assert {each["spec"]["concurrencyPolicy"] for each in kind("CronJob")} == {"Forbid"}


def test_the_probes_ask_where_the_worker_listens() -> None:
    (worker,) = kind("Deployment")
    (settings,) = kind("ConfigMap")
    (container,) = pod(worker)["containers"]
    host, _, port = settings["data"]["GATEKEEPER_HEALTH_ADDRESS"].partition(":")
    (opened,) = container["ports"]

    assert (host, port) == ("0.0.0.0", str(opened["containerPort"]))  # noqa: S104
    assert Settings.model_fields["health_address"].default.endswith(f":{port}")
    assert f"127.0.0.1:{port}/livez" in (DEPLOY / "Dockerfile").read_text("utf-8")
    asked = [
        container[f"{probe}Probe"]["httpGet"]
        for probe in ("startup", "liveness", "readiness")
    ]
    assert [each["path"] for each in asked] == ["/livez", "/livez", "/readyz"]
    assert {each["port"] for each in asked} == {opened["name"]}


def test_nobody_calls_it_but_who_reads_its_metrics() -> None:
    (policy,) = kind("NetworkPolicy")
    (worker,) = kind("Deployment")
    labels = worker["spec"]["template"]["metadata"]["labels"]

    assert policy["spec"]["podSelector"]["matchLabels"].items() <= labels.items()
    assert policy["spec"]["policyTypes"] == ["Ingress", "Egress"]
    (ingress,) = policy["spec"]["ingress"]
    assert ingress["from"]
    assert [port["port"] for port in ingress["ports"]] == [9464]


def test_a_pack_is_read_from_a_config_map_as_the_cluster_mounts_it(
    program: Program, tmp_path: Path
) -> None:
    made = subprocess.run(  # noqa: S603  (found by us)
        [
            *(tool("kubectl"), "create", "configmap", "gatekeeper-rules"),
            *(f"--from-file={ROOT / 'rules'}", "--dry-run=client", "--output=yaml"),
        ],
        capture_output=True,
        text=True,
        check=True,
        env={"HOME": str(tmp_path), "PATH": "/usr/bin:/bin"},
    )
    files: dict[str, str] = yaml.safe_load(made.stdout)["data"]
    # The kubelet keeps each version in a folder of its own behind two links.
    version = tmp_path / "rules" / "..2026_11_20"
    version.mkdir(parents=True)
    (tmp_path / "rules" / "..data").symlink_to(version.name)
    for name, text in files.items():
        (version / name).write_text(text, encoding="utf-8")
        (tmp_path / "rules" / name).symlink_to(f"..data/{name}")

    ended = program("validate", "--offline")

    assert ended.code == 0, ended.err
    assert len(made.stdout) < 2**20, "a config map holds one MiB"
