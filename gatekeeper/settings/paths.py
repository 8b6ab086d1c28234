"""Say which files the settings mean, wherever in the project a command is started."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gatekeeper.settings.model import Settings

PACK_FILE = "project.yaml"


@dataclass(frozen=True, slots=True)
class Paths:
    """Where the files of one installation lie; every path is absolute.

    Attributes:
        base: The folder that relative settings count from.
        rules_dir: The rule pack; it may not exist yet.
        database_url: Ready for the store; it may hold a password.
        stop_file: The kill switch's file, if one is named.
        ca_file: The authorities to trust, if a file is named.
    """

    base: Path
    rules_dir: Path
    database_url: str = field(repr=False)
    stop_file: Path | None
    ca_file: Path | None

    def has_database(self) -> bool:
        """Whether the database is there; of a server nobody asks in vain."""
        scheme, _, rest = self.database_url.partition("://")
        if not scheme.startswith("sqlite"):
            return True
        return Path(rest[1:].partition("?")[0]).is_file()


def resolve_paths(settings: Settings, folder: Path | None = None) -> Paths:
    """Say which files the settings mean.

    Relative paths count from the folder that holds the rule pack, found upward from
    `folder` (the current one if None); where there is no pack yet, from `folder`.
    """
    base = find_base(folder or Path.cwd(), settings.rules_dir)
    return Paths(
        base=base,
        rules_dir=base / settings.rules_dir,
        database_url=_placed(settings.database_url.get_secret_value(), base),
        stop_file=base / settings.stop_file if settings.stop_file else None,
        ca_file=base / settings.ca_file if settings.ca_file else None,
    )


def find_base(folder: Path, rules_dir: Path) -> Path:
    """Find the folder that relative paths count from, upward from `folder`.

    Where no rule pack is found, as before `init`, it is `folder` itself.
    """
    start = folder.absolute()
    if rules_dir.is_absolute():
        return rules_dir.parent
    holders = (start, *start.parents)
    return next((at for at in holders if (at / rules_dir / PACK_FILE).is_file()), start)


def _placed(database_url: str, base: Path) -> str:
    scheme, _, rest = database_url.partition("://")
    if not scheme.startswith("sqlite"):
        return database_url
    name, question, options = rest[1:].partition("?")
    return f"{scheme}:///{base / name}{question}{options}"
