"""How many exchanges with the HubSpot sandbox were held against HubSpot's contract.

Counted in each process of a test run, added up and said at its end.
"""

from collections import Counter

CHECKED: Counter[str] = Counter()
"""`exchanges`, those `outside` what HubSpot publishes or spoilt by order, and
`violations`."""


def summary() -> str:
    """Return the line that a test run ends with."""
    return (
        f"HubSpot's contract: {CHECKED['exchanges']:,} exchanges,"
        f" {CHECKED['violations']} violations;"
        f" {CHECKED['outside']:,} spoilt by order or not published by HubSpot"
    )
