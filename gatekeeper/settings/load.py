"""Read the environment, `.env` and secret files into `Settings`."""

from __future__ import annotations

import os
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import ValidationError

from gatekeeper.errors import SetupError
from gatekeeper.settings.model import PREFIX, Settings, secret_settings, variable
from gatekeeper.settings.paths import find_base

if TYPE_CHECKING:
    from collections.abc import Mapping

    from pydantic_core import ErrorDetails


def load_settings(
    folder: Path | None = None, *, rules_dir: Path | None = None
) -> Settings:
    """Read the environment and the folder's `.env`.

    Args:
        folder: Where `.env` is looked for; the current folder if None.
        rules_dir: What the command line says, which beats every other source.

    Raises:
        SetupError: A name is unknown, a value is unusable, a secret's file cannot
            be read, or a secret is given twice.
    """
    folder = folder or Path.cwd()
    given = _given(folder / ".env")
    _refuse_unknown(given)
    base = find_base(folder, rules_dir or Path(given.get("rules_dir", "rules")))
    values: dict[str, object] = {**given, **_secrets_from_files(given, base)}
    if rules_dir is not None:
        values["rules_dir"] = rules_dir
    if not values:
        return Settings.model_construct()  # the defaults are as they should be
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        raise SetupError("\n".join(map(_sentence, error.errors()))) from None


def _given(dotenv: Path) -> dict[str, str]:
    """Read what is set, by setting name; an empty value counts as absent."""
    if not dotenv.exists() and not any(map(_is_ours, os.environ)):
        return {}
    return {
        name.lower().removeprefix(PREFIX.lower()): value
        for name, value in _variables(dotenv).items()
        if value and _is_ours(name)
    }


def _variables(dotenv: Path) -> dict[str, str | None]:
    """Read every variable of the file and of the environment, which wins."""
    from pydantic_settings import (  # noqa: PLC0415  start-up time, where none is set
        BaseSettings,
        DotEnvSettingsSource,
        EnvSettingsSource,
    )

    try:
        in_file = DotEnvSettingsSource(
            BaseSettings, env_file=dotenv, env_file_encoding="utf-8"
        ).env_vars
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{dotenv} cannot be read as UTF-8 text. Check it and its permissions."
        raise SetupError(msg) from error
    return {**in_file, **EnvSettingsSource(BaseSettings).env_vars}


def _is_ours(name: str) -> bool:
    return name.upper().startswith(PREFIX)


def _refuse_unknown(given: Mapping[str, str]) -> None:
    known = [*Settings.model_fields, *(f"{name}_file" for name in secret_settings())]
    mistakes = []
    for name in sorted(given.keys() - set(known)):
        near = get_close_matches(name, known, n=1)
        remedy = f"Did you mean {variable(near[0])}?" if near else "Remove it."
        mistakes.append(f"{variable(name)} is no setting of gatekeeper. {remedy}")
    if mistakes:
        raise SetupError("\n".join(mistakes))


def _secrets_from_files(given: Mapping[str, str], base: Path) -> dict[str, str]:
    secrets = {}
    for setting in secret_settings():
        by_file = f"{setting}_file"
        if by_file not in given:
            continue
        if setting in given:
            both = f"{variable(setting)} and {variable(by_file)}"
            msg = f"{both} are both set. Keep one of them."
            raise SetupError(msg)
        secrets[setting] = _secret_in(base / given[by_file], variable(by_file))
    return secrets


def _secret_in(path: Path, named_by: str) -> str:
    try:
        secret = path.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        msg = f"{named_by} names {path}, which cannot be read as UTF-8 text."
        raise SetupError(f"{msg} Check the path and its permissions.") from error
    if not secret:
        msg = f"{named_by} names {path}, which is empty. Put the secret into it."
        raise SetupError(msg)
    return secret


def _sentence(mistake: ErrorDetails) -> str:
    """Say what is wrong with one value, without showing a secret."""
    setting = str(mistake["loc"][0])
    expected = Settings.model_fields[setting].description
    is_secret = setting in secret_settings()
    value = "its value" if is_secret else f'"{mistake["input"]}"'
    return f"{variable(setting)} cannot be {value}. Expected: {expected}."
