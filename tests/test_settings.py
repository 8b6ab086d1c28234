"""Settings: where they come from, what is refused, and that secrets stay unseen."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from gatekeeper.core.catalogue import CrmName
from gatekeeper.errors import SetupError
from gatekeeper.settings import (
    SalesforceLogin,
    Settings,
    agreed_crm,
    load_settings,
    required,
    resolve_paths,
    salesforce_login,
    secret_values,
)
from gatekeeper.settings.model import secret_settings, variable

if TYPE_CHECKING:
    from collections.abc import Mapping

EXAMPLE = Path(__file__).resolve().parents[1] / ".env.example"
CANARY = "canary-7f3a-do-not-show"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path


@pytest.fixture
def refused(folder: Path):
    """Load settings that must be refused, and return the sentence."""

    def load(lines: Mapping[str, str]) -> str:
        write_dotenv(folder, lines)
        with pytest.raises(SetupError) as caught:
            load_settings(folder)
        assert caught.value.exit_code == 2
        return str(caught.value)

    return load


def write_dotenv(folder: Path, lines: Mapping[str, str]) -> None:
    text = "".join(f"{name}={value}\n" for name, value in lines.items())
    (folder / ".env").write_text(text, encoding="utf-8")


def test_without_any_setting_the_defaults_stand(folder: Path) -> None:
    settings = load_settings(folder)

    assert settings.crm is None
    assert settings.rules_dir == Path("rules")
    assert settings.database_url.get_secret_value() == "sqlite:///gatekeeper.db"
    assert settings.stop is False


def test_dotenv_is_read(folder: Path) -> None:
    write_dotenv(folder, {"GATEKEEPER_CRM": "salesforce"})

    assert load_settings(folder).crm is CrmName.SALESFORCE


def test_the_environment_beats_dotenv(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dotenv(folder, {"GATEKEEPER_LOG_LEVEL": "debug"})
    monkeypatch.setenv("GATEKEEPER_LOG_LEVEL", "error")

    assert load_settings(folder).log_level == "error"


def test_the_command_line_beats_the_environment(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEKEEPER_RULES_DIR", "elsewhere")

    assert load_settings(folder, rules_dir=Path("here")).rules_dir == Path("here")


def test_an_empty_value_means_the_default(folder: Path) -> None:
    write_dotenv(folder, {"GATEKEEPER_LOG_LEVEL": "", "GATEKEEPER_SALESFORCE_URL": ""})

    settings = load_settings(folder)

    assert settings.log_level == "info"
    assert settings.salesforce_url is None


def test_names_of_other_programs_are_left_alone(folder: Path) -> None:
    write_dotenv(folder, {"DATABASE_URL": "sqlite:///other.db"})

    assert load_settings(folder) == Settings()


def test_a_misspelt_name_is_refused_with_the_likely_one(refused) -> None:
    assert refused({"GATEKEEPER_SALESFORCE_CLIENT_SECERT": CANARY}) == (
        "GATEKEEPER_SALESFORCE_CLIENT_SECERT is no setting of gatekeeper. "
        "Did you mean GATEKEEPER_SALESFORCE_CLIENT_SECRET?"
    )


def test_a_misspelt_name_in_the_environment_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GATEKEEPER_RULE_DIR", "rules")

    with pytest.raises(SetupError, match=r"Did you mean GATEKEEPER_RULES_DIR\?$"):
        load_settings(folder)


def test_a_name_like_no_other_is_to_be_removed(refused) -> None:
    assert refused({"GATEKEEPER_ZZZZ": "1"}) == (
        "GATEKEEPER_ZZZZ is no setting of gatekeeper. Remove it."
    )


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        (
            "GATEKEEPER_LOG_LEVEL",
            "loud",
            'GATEKEEPER_LOG_LEVEL cannot be "loud". '
            "Expected: debug, info, warning or error.",
        ),
        (
            "GATEKEEPER_CRM",
            "pipedrive",
            'GATEKEEPER_CRM cannot be "pipedrive". '
            "Expected: salesforce or hubspot; empty takes what the rule pack names.",
        ),
        (
            "GATEKEEPER_READ_TIMEOUT_S",
            "0",
            'GATEKEEPER_READ_TIMEOUT_S cannot be "0". '
            "Expected: seconds to wait for an answer, up to 3600.",
        ),
        (
            "GATEKEEPER_STOP",
            "perhaps",
            'GATEKEEPER_STOP cannot be "perhaps". '
            "Expected: 1 writes nothing (the kill switch), 0 lets it work.",
        ),
    ],
)
def test_an_unusable_value_is_refused_with_what_belongs_there(
    refused, name: str, value: str, sentence: str
) -> None:
    assert refused({name: value}) == sentence


@pytest.mark.promise("S06")
@pytest.mark.parametrize(
    "address",
    [
        "acme.my.salesforce.com",
        "http://acme.my.salesforce.com",
        "https://",
        "https://user:word@acme.my.salesforce.com",
        "https://acme.my.salesforce.com?x=1",
        "ftp://127.0.0.1",
    ],
)
def test_an_address_that_is_no_safe_origin_is_refused(refused, address: str) -> None:
    assert refused({"GATEKEEPER_SALESFORCE_URL": address}).startswith(
        "GATEKEEPER_SALESFORCE_URL cannot be"
    )


@pytest.mark.promise("S05", "S06")
@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:8080", "http://localhost:1", "http://[::1]:8080"]
)
def test_plain_http_is_for_this_machine_only(folder: Path, address: str) -> None:
    write_dotenv(folder, {"GATEKEEPER_SALESFORCE_URL": f"{address}/"})

    assert load_settings(folder).salesforce_url == address


@pytest.mark.promise("S02")
@pytest.mark.parametrize(
    "url", [f"mysql://u:{CANARY}@h/d", "sqlite:///", "sqlite:///:memory:", CANARY]
)
def test_an_unknown_database_is_refused_without_showing_it(refused, url: str) -> None:
    assert refused({"GATEKEEPER_DATABASE_URL": url}) == (
        "GATEKEEPER_DATABASE_URL cannot be its value. "
        "Expected: sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME."
    )


def test_a_dotenv_that_is_no_text_is_refused(folder: Path) -> None:
    (folder / ".env").write_bytes(b"\xff\xfe\x00")

    with pytest.raises(SetupError, match=r"\.env cannot be read as UTF-8 text"):
        load_settings(folder)


@pytest.mark.promise("S01")
@pytest.mark.parametrize("setting", sorted(secret_settings()))
def test_every_secret_may_stand_in_a_file(folder: Path, setting: str) -> None:
    value = {
        "database_url": "sqlite:///other.db",
        "smtp_url": f"smtps://gate:{CANARY}@mail.example",
    }.get(setting, CANARY)
    (folder / "secret.txt").write_text(f"  {value}\n", encoding="utf-8")
    write_dotenv(folder, {f"{variable(setting)}_FILE": "secret.txt"})

    assert required(load_settings(folder), setting) == value


@pytest.mark.promise("S01")
def test_a_secret_given_twice_is_refused(folder: Path, refused) -> None:
    (folder / "secret.txt").write_text("one", encoding="utf-8")

    assert refused(
        {
            "GATEKEEPER_SALESFORCE_CLIENT_SECRET": CANARY,
            "GATEKEEPER_SALESFORCE_CLIENT_SECRET_FILE": "secret.txt",
        }
    ) == (
        "GATEKEEPER_SALESFORCE_CLIENT_SECRET and "
        "GATEKEEPER_SALESFORCE_CLIENT_SECRET_FILE are both set. Keep one of them."
    )


def test_a_secret_file_that_is_absent_is_named(folder: Path, refused) -> None:
    missing = folder.absolute() / "no.txt"

    assert refused({"GATEKEEPER_SALESFORCE_JWT_KEY_FILE": "no.txt"}) == (
        f"GATEKEEPER_SALESFORCE_JWT_KEY_FILE names {missing}, which cannot be read "
        "as UTF-8 text. Check the path and its permissions."
    )


def test_an_empty_secret_file_is_refused(folder: Path, refused) -> None:
    (folder / "empty.txt").write_text("\n", encoding="utf-8")

    sentence = refused({"GATEKEEPER_SALESFORCE_SESSION_ID_FILE": "empty.txt"})

    assert sentence.endswith("which is empty. Put the secret into it.")


@pytest.mark.promise("S01", "S03")
def test_no_secret_shows_in_the_representation(folder: Path) -> None:
    urls = ("database_url", "smtp_url")
    secrets = [name for name in secret_settings() if name not in urls]
    lines = {variable(name): CANARY for name in secrets}
    lines["GATEKEEPER_DATABASE_URL"] = f"postgresql://gate:{CANARY}@db/gate"
    lines["GATEKEEPER_SMTP_URL"] = f"smtps://gate:{CANARY}@mail.example"
    write_dotenv(folder, lines)

    settings = load_settings(folder)

    assert CANARY not in repr(settings)
    assert CANARY not in str(settings)
    assert CANARY not in repr(resolve_paths(settings, folder))


@pytest.mark.promise("S02")
def test_the_secrets_are_listed_for_the_log(folder: Path) -> None:
    write_dotenv(
        folder,
        {
            "GATEKEEPER_SALESFORCE_CLIENT_SECRET": "s3cret",
            "GATEKEEPER_DATABASE_URL": "postgresql://gate:p%40ss@db/gate",
            "GATEKEEPER_SMTP_URL": "smtps://gate:m%40il@mail.example",
        },
    )

    expected = {"s3cret", "p%40ss", "p@ss", "m%40il", "m@il"}
    assert set(secret_values(load_settings(folder))) == expected


def test_settings_cannot_be_changed(folder: Path) -> None:
    settings = load_settings(folder)

    with pytest.raises(ValueError, match="frozen"):
        settings.stop = True  # type: ignore[misc]


def test_relative_paths_count_from_the_folder_of_the_pack(folder: Path) -> None:
    (folder / "rules" / "overlays").mkdir(parents=True)
    (folder / "rules" / "project.yaml").touch()

    paths = resolve_paths(Settings(stop_file=Path("STOP")), folder / "rules/overlays")

    assert paths.base == folder
    assert paths.rules_dir == folder / "rules"
    assert paths.database_url == f"sqlite:///{folder}/gatekeeper.db"
    assert paths.stop_file == folder / "STOP"
    assert paths.ca_file is None


def test_without_a_pack_paths_count_from_where_one_stands(folder: Path) -> None:
    assert resolve_paths(Settings(), folder).base == folder


def test_an_absolute_pack_brings_its_own_folder(folder: Path) -> None:
    settings = Settings(rules_dir=folder / "acme" / "rules")

    assert resolve_paths(settings, Path("/")).base == folder / "acme"


@pytest.mark.parametrize(
    "url",
    ["sqlite:////var/lib/gate.db", "postgresql+psycopg://gate@db/gate"],
)
def test_a_complete_database_address_stays_as_it_is(folder: Path, url: str) -> None:
    write_dotenv(folder, {"GATEKEEPER_DATABASE_URL": url})

    assert resolve_paths(load_settings(folder), folder).database_url == url


def test_options_of_the_database_file_are_kept(folder: Path) -> None:
    write_dotenv(folder, {"GATEKEEPER_DATABASE_URL": "sqlite:///gate.db?timeout=9"})

    url = resolve_paths(load_settings(folder), folder).database_url

    assert url == f"sqlite:///{folder}/gate.db?timeout=9"


def test_a_missing_setting_is_named_with_what_belongs_there() -> None:
    with pytest.raises(SetupError) as caught:
        required(Settings(), "salesforce_url")

    assert str(caught.value) == (
        "GATEKEEPER_SALESFORCE_URL is not set. Put it into the environment or .env: "
        "the org's address, such as https://acme.my.salesforce.com."
    )


@pytest.mark.parametrize(
    ("in_environment", "in_pack"),
    [(None, "salesforce"), ("salesforce", None), ("salesforce", "salesforce")],
)
def test_the_crm_is_what_pack_and_environment_agree_on(
    in_environment: CrmName | None, in_pack: str | None
) -> None:
    assert agreed_crm(Settings(crm=in_environment), in_pack) is CrmName.SALESFORCE


def test_a_variable_that_contradicts_the_pack_is_refused() -> None:
    with pytest.raises(SetupError) as caught:
        agreed_crm(Settings(crm=CrmName.SALESFORCE), "hubspot")

    assert str(caught.value) == (
        "GATEKEEPER_CRM is salesforce, but project.yaml says `crm: hubspot`. "
        "Remove the variable or correct the file."
    )


def test_a_crm_must_be_named_somewhere() -> None:
    with pytest.raises(SetupError, match="No CRM is named"):
        agreed_crm(Settings(), None)


@pytest.mark.parametrize(
    ("lines", "login"),
    [
        ({"CLIENT_ID": "i", "CLIENT_SECRET": "s"}, SalesforceLogin.CLIENT_CREDENTIALS),
        (
            {"CLIENT_ID": "i", "JWT_KEY": "k", "JWT_USERNAME": "u"},
            SalesforceLogin.JWT,
        ),
        ({"SESSION_ID": "s"}, SalesforceLogin.SESSION),
        (
            {"CLIENT_ID": "i", "CLIENT_SECRET": "s", "SESSION_ID": "t"},
            SalesforceLogin.CLIENT_CREDENTIALS,
        ),
    ],
)
def test_the_best_complete_login_is_chosen(
    folder: Path, lines: dict[str, str], login: SalesforceLogin
) -> None:
    write_dotenv(
        folder, {f"GATEKEEPER_SALESFORCE_{name}": v for name, v in lines.items()}
    )

    assert salesforce_login(load_settings(folder)) is login


@pytest.mark.parametrize(
    ("lines", "named"),
    [
        ({}, "GATEKEEPER_SALESFORCE_CLIENT_ID and"),
        ({"CLIENT_SECRET": "s"}, "GATEKEEPER_SALESFORCE_CLIENT_ID is not set"),
        ({"CLIENT_ID": "i", "JWT_KEY": "k"}, "_JWT_USERNAME is not set"),
    ],
)
def test_an_incomplete_login_says_what_is_missing(
    folder: Path, lines: dict[str, str], named: str
) -> None:
    write_dotenv(
        folder, {f"GATEKEEPER_SALESFORCE_{name}": v for name, v in lines.items()}
    )

    with pytest.raises(SetupError, match=named):
        salesforce_login(load_settings(folder))


def test_the_example_holds_every_setting_once_with_its_comment() -> None:
    lines = EXAMPLE.read_text(encoding="utf-8").splitlines()
    commented = {
        line.partition("=")[0]: above.removeprefix("# ")
        for above, line in pairwise(lines)
        if line.startswith("GATEKEEPER_")
    }

    assert commented == {
        variable(name): field.description
        for name, field in Settings.model_fields.items()
    }
    assert sum(line.startswith("GATEKEEPER_") for line in lines) == len(commented)


def test_the_example_as_it_stands_gives_the_defaults(folder: Path) -> None:
    (folder / ".env").write_bytes(EXAMPLE.read_bytes())

    assert load_settings(folder) == Settings()
