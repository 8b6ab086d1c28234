"""Where the public data sets lie, for the tests that hold us against real exports.

They are never part of the project, so a stranger's clone skips those tests.
"""

from pathlib import Path

SHARED = Path(__file__).resolve().parents[2] / "shared"
