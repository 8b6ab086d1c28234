"""`python -m tests.traps`: print what meets each trap, and write the page."""

from __future__ import annotations

import sys

from tests.promises.marks import defences
from tests.traps.rows import IDS
from tests.traps.table import MARK, PAGE, page


def main() -> None:
    """Print the page, write it, and say at last which traps nothing meets."""
    met = defences(MARK)
    text = page(met)
    PAGE.write_text(text, encoding="utf-8")
    without = sorted(IDS - met.keys())
    sys.stdout.write(f"{text}\nwithout a test: {' '.join(without) or '-'}\n")


if __name__ == "__main__":
    main()
