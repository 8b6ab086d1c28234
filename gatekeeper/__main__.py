"""`python -m gatekeeper`: the command line, where no script is on the path."""

from __future__ import annotations

from gatekeeper.cli.main import main

if __name__ == "__main__":
    main()
