"""Read a folder of records: `<Object>.jsonl` or `.jsonl.gz` and a `manifest.json`.

Knows files and JSON, no CRM's rules: what a record means is the dialect's business.
"""

from __future__ import annotations

import gc
import gzip
from contextlib import contextmanager
from typing import TYPE_CHECKING

import orjson

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_SUFFIXES = (".jsonl.gz", ".jsonl")
Record = dict[str, object]


class LoadError(ValueError):
    """A folder that cannot be loaded; the message names the file and the line."""


@contextmanager
def no_cycle_search() -> Iterator[None]:
    """Keep the interpreter's collector from walking what is being loaded.

    Records hold no cycles, and a folder makes millions of objects that stay: looking
    for cycles among them is two fifths of the time a large one takes.
    """
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def object_files(folder: Path) -> dict[str, Path]:
    """Return the files of a folder by the object they hold.

    Raises:
        LoadError: The folder is absent, holds nothing, or an object twice.
    """
    if not folder.is_dir():
        raise LoadError(f"there is no folder {folder}")
    files: dict[str, Path] = {}
    for path in sorted(folder.iterdir()):
        for suffix in _SUFFIXES:
            name = path.name.removesuffix(suffix)
            if name != path.name:
                if name in files:
                    raise LoadError(f"{folder} holds {name} twice: {path.name} too")
                files[name] = path
                break
    if not files:
        raise LoadError(f"{folder} holds no *.jsonl or *.jsonl.gz file")
    return files


def read_records(path: Path, id_name: str | None = "Id") -> list[Record]:
    """Return the records of one file in the file's order.

    Args:
        path: The file.
        id_name: What a record's id is called; None where records have none.

    Raises:
        LoadError: A line is no JSON object, or an object without its id.
    """
    packed = path.read_bytes()
    try:
        text = gzip.decompress(packed) if path.suffix == ".gz" else packed
    except (OSError, EOFError) as error:
        raise LoadError(f"{path.name}: not a gzip file: {error}") from error
    return [
        _record(path, number, line, id_name)
        for number, line in enumerate(text.splitlines(), start=1)
        if line.strip()
    ]


def read_manifest(folder: Path) -> Record:
    """Return the manifest of a folder, empty where it has none.

    Raises:
        LoadError: The manifest is no JSON object.
    """
    path = folder / "manifest.json"
    if not path.exists():
        return {}
    try:
        manifest = orjson.loads(path.read_bytes())
    except orjson.JSONDecodeError as error:
        raise LoadError(f"{path.name}:{error.lineno}: {error.msg}") from error
    if not isinstance(manifest, dict):
        raise LoadError(f"{path.name}: must be a JSON object")
    return manifest


def check_count(manifest: Record, name: str, count: int) -> None:
    """Compare a file with what the manifest says of it.

    Raises:
        LoadError: They differ.
    """
    counts = manifest.get("counts")
    wanted = counts.get(name) if isinstance(counts, dict) else None
    if wanted is not None and wanted != count:
        raise LoadError(f"{name}: the manifest says {wanted} records, read {count}")


def _record(path: Path, number: int, line: bytes, id_name: str | None) -> Record:
    try:
        record = orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise LoadError(f"{path.name}:{number}: {error.msg}") from error
    if not isinstance(record, dict):
        raise LoadError(f"{path.name}:{number}: a record must be a JSON object")
    record.pop("attributes", None)
    if id_name is not None and not isinstance(record.get(id_name), str):
        raise LoadError(f"{path.name}:{number}: the record has no {id_name}")
    return record
