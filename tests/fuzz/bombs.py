"""Files made to cost much: a mebibyte of one thing, or little that grows.

Each is handed to a target by name. None may cost more than `seconds_for` and
`bytes_for` its size.
"""

from __future__ import annotations

import random
import string
from typing import TYPE_CHECKING

from gatekeeper.pack.source.read import MOST_CHECKS

if TYPE_CHECKING:
    from collections.abc import Callable

MEBIBYTE = 1024 * 1024

RULES = "version: 1\nkind: rules\npipeline: Enterprise\n"
PROJECT = "version: 1\nkind: project\ncrm: salesforce\ntimezone: UTC\n"
TEST = "version: 1\nkind: test\nas_of: 2026-11-20\ndeals: {it: {stage: Discovery}}\n"
EXIT = f"{RULES}stages:\n  Discovery:\n    exit:\n"
DEFS = "version: 1\nkind: defs\n"
WAIVERS = "version: 1\nkind: waivers\n"
CSV = "name,deal,amount,expect_violations\n"


def seconds_for(raw: bytes) -> float:
    """Processor seconds that reading so much may take (product section 7)."""
    return 0.1 + 2 * len(raw) / MEBIBYTE


def bytes_for(raw: bytes) -> int:
    """Bytes of memory that reading so much may take at its peak."""
    return 64 * MEBIBYTE + 100 * len(raw)


def filled(head: str, part: Callable[[int], str], tail: str = "") -> bytes:
    """Repeat a part, told its number, until the text is a mebibyte long."""
    parts, size = [head], len(head.encode()) + len(tail.encode())
    for number in range(MEBIBYTE):
        parts.append(part(number))
        size += len(parts[-1].encode())
        if size > MEBIBYTE:
            break
    return "".join([*parts[:-1], tail]).encode()


GOOD = ("title: T", "fix: F")


def rule(*lines: str) -> Callable[[int], str]:
    """Give rules of their own ids, all with the same lines."""
    body = "".join(f"        {line}\n" for line in lines)
    return lambda number: f"      - id: r{number}\n{body}"


def as_checks(check: Callable[[int], str]) -> bytes:
    """Give one rule with as many checks as a file may hold, as close as they can be."""
    checks = ",".join(map(check, range(MOST_CHECKS)))
    return f"{EXIT}      - id: a\n        require: [{checks}]\n".encode()


def as_definitions(body: Callable[[int], str], many: int = MOST_CHECKS) -> bytes:
    """Give as many definitions as a file may hold checks, or so many, none used."""
    lines = (f"  d{number}: {body(number)}\n" for number in range(many))
    return f"{DEFS}define:\n{''.join(lines)}".encode()


def junk() -> bytes:
    letters = random.Random(5)  # noqa: S311  (the same junk in every run)
    return bytes(letters.choices(string.printable.encode(), k=MEBIBYTE))


ALIASES = "a: &a [x,x,x,x,x,x,x,x,x]\n" + "".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGES = "a: &a {k0: 1}\n" + "".join(
    f"{new}: &{new} {{<<: [{','.join(['*' + old] * 9)}], k{new}: 1}}\n"
    for old, new in zip("abcdefghijklmno", "bcdefghijklmnop", strict=True)
)
LONG = "x" * 490

LONG_ID = "enterprise-deals-have-an-economic-buyer-and-a-date"


def as_rules(line: Callable[[int], str], many: int = 1_000) -> bytes:
    """Give as many rules as a file may hold, each with a line of its own."""
    return "".join(
        [EXIT, *(rule(line(n), *GOOD)(n) for n in range(many))],
    ).encode()


def with_definitions(defined: str, check: Callable[[int], str], many: int) -> bytes:
    """Give definitions, and one rule with so many checks that use them."""
    head = f"{RULES}define:\n{defined}{EXIT.removeprefix(RULES)}"
    checks = ",".join(map(check, range(many)))
    return f"{head}      - id: a\n        require: [{checks}]\n".encode()


def joined(word: str, many: int) -> str:
    return " or ".join([word] * many)


TOWER = "".join(
    f"  {name}: {body}\n"
    for name, body in {
        "a0": joined("amount > 1", 30),
        "a1": joined("a0", 80),
        "a2": joined("a1", 80),
        "a3": joined("a2", 80),
    }.items()
)
BIG = "  big:\n" + "".join(f"    - amount > {n}\n" for n in range(900))

BOMBS: dict[str, tuple[str, bytes]] = {
    "aliases": ("rules", ALIASES.encode()),
    "merges": ("rules", MERGES.encode()),
    "lists in lists": ("rules", b"[" * 2000 + b"]" * 2000),
    "a mebibyte of brackets": ("rules", b"[" * MEBIBYTE),
    "maps in maps": ("rules", b"{a: " * 2000 + b"1" + b"}" * 2000),
    "dashes": ("rules", b"- " * 2000 + b"x"),
    "question marks": ("rules", b"? " * 2000),
    "over the limit": ("rules", b"x" * (MEBIBYTE + 1)),
    "every byte": ("rules", bytes(range(256)) * 4096),
    "junk": ("rules", junk()),
    "one line": ("rules", b"a: " + b"x" * (MEBIBYTE - 3)),
    "one key": ("rules", b"x" * (MEBIBYTE - 3) + b": 1"),
    "one check": (
        "rules",
        f"{EXIT}      - id: a\n        require: {'x' * 1_000_000}\n".encode(),
    ),
    "one check of signs": (
        "rules",
        f"{EXIT}      - id: a\n        require: a {'+ a ' * 250_000}\n".encode(),
    ),
    "one open quote": (
        "rules",
        f"{EXIT}      - id: a\n        require: a = '{'x ' * 500_000}\n".encode(),
    ),
    "one folded text": (
        "rules",
        filled(f"{EXIT}      - id: a\n        fix: >\n", lambda _: "          word\n"),
    ),
    "line ends": ("rules", filled(RULES, lambda _: "\n")),
    "comments": ("rules", filled(RULES, lambda _: "#\n")),
    "documents": ("rules", filled(RULES, lambda _: "---\n")),
    "keys twice": ("rules", filled(RULES, lambda _: "stages: 1\n")),
    "unknown keys": ("rules", filled(RULES, lambda number: f"key{number}: 1\n")),
    "stages": (
        "rules",
        filled(f"{RULES}stages:\n", lambda n: f"  S{n}: {{exit: []}}\n"),
    ),
    "rules without anything": ("rules", filled(EXIT, lambda _: "      - {}\n")),
    "rules of one id": (
        "rules",
        filled(EXIT, lambda _: "      - {id: a, title: T, require: a, fix: F}\n"),
    ),
    "unknown keys of rules": ("rules", filled(EXIT, rule("requires: amount > 5"))),
    "unknown fields": (
        "rules",
        filled(EXIT, rule("require: amonut > 5", *GOOD)),
    ),
    "lines that cannot be read": (
        "rules",
        filled(EXIT, rule("require: amount => 5", *GOOD)),
    ),
    "short lines": (
        "rules",
        filled(f"{EXIT}      - id: a\n        require:\n", lambda _: "          - a\n"),
    ),
    "long lines": (
        "rules",
        filled(EXIT, rule(f"require: {LONG} = 1", *GOOD)),
    ),
    "good rules": ("rules", filled(EXIT, rule("require: amount > 5", *GOOD))),
    "as many rules as fit": (
        "rules",
        "".join(
            [EXIT, *(rule(f"require: amount > {n}", *GOOD)(n) for n in range(1_000))]
        ).encode(),
    ),
    "as many checks as fit": (
        "rules",
        as_checks(lambda n: f"amount>{n}"),
    ),
    "as many sums as fit": (
        "rules",
        as_checks(lambda n: f"amount+{n}>1"),
    ),
    "as many lines of two halves as fit": (
        "rules",
        as_checks(lambda n: f"amount>{n} or amount<9"),
    ),
    "as many definitions as fit": (
        "defs",
        as_definitions(lambda n: f"amount > {n}"),
    ),
    "as many definitions of rows as fit": (
        "defs",
        as_definitions(lambda _: "contacts"),
    ),
    "as many definitions for rows as fit": (
        "defs",
        as_definitions(lambda n: f"role='{n}'"),
    ),
    "definitions of what is unknown": (
        "defs",
        as_definitions(lambda n: f"d_{n}"),
    ),
    "definitions of names like others": (
        "defs",
        as_definitions(lambda n: f"d_{n}x", 190),
    ),
    "as many differences as fit": ("rules", as_checks(lambda n: f"amount-{n}>1")),
    "as many negatives as fit": ("rules", as_checks(lambda n: f"-amount>-{n}")),
    "as many texts as fit": ("rules", as_checks(lambda n: f"name='{n}'")),
    "as many counts as fit": ("rules", as_checks(lambda n: f"count(contacts)>{n}")),
    "as many questions of the past as fit": (
        "rules",
        as_checks(lambda n: f"'changes(amount, last {n + 1} days)>1'"),
    ),
    "as many patterns as fit": ("rules", as_checks(lambda n: f"name matches 'x{n}'")),
    "as many parentheses as fit": (
        "rules",
        as_checks(lambda n: f"((((((((amount>{n}))))))))"),
    ),
    "lists of fifty": (
        "rules",
        as_rules(
            lambda n: f"require: amount in [{','.join(str(n + m) for m in range(50))}]"
        ),
    ),
    "sums of fifty": (
        "rules",
        as_rules(lambda n: f"require: {'+'.join(['amount'] * 50)} > {n}"),
    ),
    "a tower of definitions": ("rules", with_definitions(TOWER, lambda _: "a3", 1)),
    "a tower of definitions, unused": (
        "rules",
        with_definitions(TOWER, lambda _: "amount > 1", 1),
    ),
    "a tower of mistakes": (
        "rules",
        with_definitions(
            TOWER.replace("amount", "amonut"), lambda n: f"a3 or amount>{n}", 2_000
        ),
    ),
    "a large definition in every check": (
        "rules",
        with_definitions(BIG, lambda n: f"big or amount>{n}", 4_000),
    ),
    "misspelt rules": (
        "rules",
        "".join(
            [
                EXIT,
                *(
                    f"      - {{id: {LONG_ID}-{n}, title: T, require: amount > {n},"
                    f" fix: F, suppressed_by: [x{LONG_ID}-{n}]}}\n"
                    for n in range(1_000)
                ),
            ]
        ).encode(),
    ),
    "rules quieted in a row": (
        "rules",
        as_rules(lambda n: f"require: a\n        suppressed_by: [r{n + 1}]"),
    ),
    "rules quieted in a ring": (
        "rules",
        as_rules(lambda n: f"require: a\n        suppressed_by: [r{(n + 1) % 1_000}]"),
    ),
    "rules quieted by all others": (
        "rules",
        as_rules(
            lambda n: (
                "require: a\n        suppressed_by: "
                f"[{','.join(f'r{m}' for m in range(n + 1, 600))}]"
            ),
            600,
        ),
    ),
    "one rule too many": (
        "rules",
        "".join(
            [EXIT, *(rule(f"require: amount > {n}", *GOOD)(n) for n in range(1_001))]
        ).encode(),
    ),
    "placeholders": (
        "rules",
        f"{EXIT}      - id: a\n        fix: {'{amont} ' * 130_000}\n".encode(),
    ),
    "former ids": (
        "rules",
        f"{EXIT}      - {{id: a, formerly: [{'b, ' * 340_000}c]}}\n".encode(),
    ),
    "defines in a row": (
        "defs",
        filled(f"{DEFS}define:\n", lambda n: f"  d{n}: d{n + 1}\n"),
    ),
    "defines in a ring": (
        "defs",
        filled(f"{DEFS}define:\n  d0: d1\n", lambda n: f"  d{n + 1}: d0 and d{n}\n"),
    ),
    "parameters": (
        "defs",
        filled(f"{DEFS}params:\n", lambda n: f"  p{n}: {{type: money, value: {n}}}\n"),
    ),
    "uses": ("defs", filled(f"{DEFS}use:\n", lambda n: f"  - d{n}.defs.yaml\n")),
    "placeholders of the project": (
        "project",
        filled(f"{PROJECT}placeholders:\n", lambda n: f"  - p{n}\n"),
    ),
    "unknown settings": ("project", filled(PROJECT, lambda n: f"crm{n}: 1\n")),
    "holidays": (
        "project",
        filled(
            f"{PROJECT}business_calendar:\n  extra_holidays:\n",
            lambda _: "    - 2026-11-31\n",
        ),
    ),
    "fields": (
        "fields",
        filled(
            "version: 1\nkind: fields\ndeal:\n",
            lambda n: f"  f{n}: {{type: text, salesforce: F{n}__c}}\n",
        ),
    ),
    "group of unknown fields": (
        "fields",
        filled(
            "version: 1\nkind: fields\ngroups:\n  g:\n", lambda n: f"    - amont{n}\n"
        ),
    ),
    "roles": (
        "people",
        filled(
            "version: 1\nkind: people\nroles:\n", lambda n: f"  r{n}: [deal_ownr]\n"
        ),
    ),
    "overlay of unknown rules": (
        "overlay",
        filled(
            "version: 1\nkind: overlay\nfor: {team: [A]}\nrules:\n",
            lambda n: f"  ent-amont-{n}: {{mode: warn}}\n",
        ),
    ),
    "waivers of nothing": (
        "waivers",
        filled(f"{WAIVERS}waivers:\n", lambda _: "  - {}\n"),
    ),
    "waivers of one id": (
        "waivers",
        filled(f"{WAIVERS}waivers:\n", lambda _: "  - {id: w, rule: ent-amont}\n"),
    ),
    "cases": (
        "test_file",
        filled(
            f"{TEST}cases:\n",
            lambda n: f"  - {{name: c{n}, deal: itt, expect: {{violations: []}}}}\n",
        ),
    ),
    "meetings": (
        "test_file",
        filled(
            TEST.replace("}}\n", ", meetings: [\n"),
            lambda n: f"  {{start: 2026-11-12 15:00, subject: s{n}}},\n",
            "  ]}}\n",
        ),
    ),
    "rows": ("spreadsheet", filled(CSV, lambda n: f"c{n},healthy,50000,\n")),
    "rows of unknown deals": (
        "spreadsheet",
        filled(CSV, lambda n: f"c{n},healty,5,\n"),
    ),
    "columns": ("spreadsheet", filled("name", lambda n: f",c{n}", "\na,healthy\n")),
    "an open cell": ("spreadsheet", filled(f'{CSV}a,"', lambda _: "x\n")),
    "commas": ("spreadsheet", filled(CSV, lambda _: ",")),
    "a check": ("check", b"amount > 5 and " * (MEBIBYTE // 15)),
    "parentheses": ("check", b"(" * MEBIBYTE),
    "quotes": ("check", b"'" * MEBIBYTE),
    "typographic quotes": ("check", "“".encode() * (MEBIBYTE // 3)),
    "digits": ("check", b"a > " + b"9" * MEBIBYTE),
    "braces": ("fix_text", b"{" * MEBIBYTE),
    "empty placeholders": ("fix_text", b"{}" * (MEBIBYTE // 2)),
    "tabs to mend": ("layout", filled("a:\n", lambda _: "\tb: 1\n")),
    "a layout of good rules": (
        "layout",
        filled(EXIT, rule("require: amount > 5", *GOOD)),
    ),
    "a layout of comments": ("layout", filled(EXIT, lambda n: f"      # {n}\n")),
}
