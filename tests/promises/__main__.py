"""`python -m tests.promises`: print what defends each promise, and write the page."""

from __future__ import annotations

import sys

from tests.promises.marks import defences
from tests.promises.played import PLAYED
from tests.promises.table import PAGE, page, undefended


def main() -> None:
    """Print the page, write it, and say at last which promises nothing defends."""
    found = defences()
    text = page(found, PLAYED)
    PAGE.write_text(text, encoding="utf-8")
    without = undefended(found, PLAYED)
    sys.stdout.write(text)
    sys.stdout.write(f"\nwithout a test ({len(without)}): {' '.join(without) or '-'}\n")


if __name__ == "__main__":
    main()
