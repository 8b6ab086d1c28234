"""Where the files of a rule pack name a person; reads them and changes nothing."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def mentions(rules_dir: Path, who: str) -> Iterator[str]:
    """Yield `FILE:LINE` of each line that names a person.

    Args:
        rules_dir: The folder of the pack; nothing is named where there is none.
        who: A full name, an address or an id, in any case, as a word of its own.
    """
    named = re.compile(rf"(?<![\w.@-]){re.escape(who)}(?![\w@-]|\.\w)", re.IGNORECASE)
    for path in sorted(rules_dir.rglob("*.yaml")):
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
        for number, line in enumerate(lines, start=1):
            if named.search(line):
                yield f"{path.relative_to(rules_dir).as_posix()}:{number}"
