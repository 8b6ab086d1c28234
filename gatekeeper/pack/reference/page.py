"""The reference of the rule language as one page of Markdown, made from the code. Pure.

What the page says of words comes from `language.reference`, what it says of keys from
the models that read the files: neither can be forgotten or grow old.
"""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.language.reference.entries import reference
from gatekeeper.language.reference.types import TYPES
from gatekeeper.language.reference.words import Group
from gatekeeper.pack.lint.codes import CODES
from gatekeeper.pack.reference.keys import KeyAbout, sections

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatekeeper.core.catalogue import RelationSpec

_INTRODUCTION = """\
# Reference

Every word, type and key of the rule language, made from the program itself by
`gatekeeper functions --markdown`. [README.md](README.md) leads from the first rule to a
tested pack; [FORMULAS.md](FORMULAS.md) translates formulas you know.
"""
_NAMES = """\
Names that need no entry in `fields.yaml`, on any CRM. `gatekeeper fields list` shows
them with those of your own pack. A lookup is one hop (`account.name`); the rows of
`account` are reached as `account.meetings`; inside a `where` a bare name is the row's.
"""
_KEYS = """\
A key that is not listed is refused. A rule takes what it leaves out from `defaults` of
its file; a `condition` may be one check, or several under a list, `all`, `any` or
`at_least: {2: [...]}`.
"""
_WARNINGS = """\
```console
gatekeeper lint                       # the pack by itself, and the CRM as last read
gatekeeper lint --with-data           # also past runs and the deals of a year
gatekeeper lint --ignore W301,W401    # leave codes out
gatekeeper lint --format sarif > lint.sarif
```

A warning stops nothing: the pack is right, and says something people seldom mean. The
exit code is 1 where there are any, so a review can ask for none.

What needs data is looked for with `--with-data`, which says how many runs and deals it
saw and keeps quiet about a rule it saw on fewer than twenty. What needs the schema
rests on the CRM's description, which `gatekeeper validate` and `gatekeeper fields pull`
read. An overlay's own limits and graces are looked at too; what is odd under an overlay
alone says so.
"""


def reference_page() -> str:
    """Return the whole page."""
    parts = (
        _INTRODUCTION,
        "## Checks\n",
        *_words(),
        "## Types\n",
        _types(),
        "## Names\n",
        _NAMES,
        _names(),
        "## Keys\n",
        _KEYS,
        *_keys(),
        "## Warnings of lint\n",
        _WARNINGS,
        _warnings(),
    )
    return "\n".join(parts)


def _words() -> Iterator[str]:
    entries = (each for each in reference() if each.group is not Group.TYPE)
    for group, members in groupby(entries, key=lambda entry: entry.group):
        rows = [
            (_code(each.signature), each.meaning, _code(each.example))
            for each in members
        ]
        yield f"### {group.value.capitalize()}\n"
        yield _table(("written", "means", "example"), rows)


def _types() -> str:
    rows = [
        (
            _code(kind.value),
            about.meaning,
            _code(about.written),
            _code(about.operators),
            _code(about.example),
        )
        for kind, about in TYPES.items()
    ]
    every = "Every type takes `is filled`, `is empty` and `changed` too.\n"
    columns = ("type", "holds", "written", "takes", "example")
    return f"{every}\n{_table(columns, rows)}"


def _names() -> str:
    own = ", ".join(_code(f"{name}") for name in BUILT_IN.deal)
    rows = [("the deal", own)]
    relations = (*BUILT_IN.lookups.values(), *BUILT_IN.collections.values())
    rows += [(_code(each.name), _fields(each)) for each in relations]
    return _table(("of", "names"), rows)


def _fields(relation: RelationSpec) -> str:
    if not relation.fields:
        return "every scalar field of the deal, and `owner`"
    return ", ".join(map(_code, relation.fields))


def _keys() -> Iterator[str]:
    for title, keys in sections():
        yield f"### {title}\n"
        yield _table(("key", "takes", "default", "means"), map(_row, keys))


def _row(key: KeyAbout) -> Sequence[str]:
    return _code(key.name), key.takes, key.default, key.meaning


def _warnings() -> str:
    rows = [
        (_code(each.code), each.meaning, each.remedy, each.needs.value)
        for each in CODES
    ]
    return _table(("code", "found", "what to do", "needs"), rows)


# ---- Markdown ----------------------------------------------------------------------


def _code(text: str) -> str:
    return f"`{text}`"


def _table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [columns, ["---"] * len(columns), *rows]
    return "".join(f"| {' | '.join(map(_cell, line))} |\n" for line in lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")
