"""What a pack settles beside its rules and overlays, in words to be compared. Pure.

Its project, its people, when files are suspended, what stages count as, and what the
CRM calls the fields: each of them can switch rules off without a word of a rule.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.language.tree.format import canonical
from gatekeeper.pack.files.conditions import DraftLine
from gatekeeper.pack.source.nodes import plain
from gatekeeper.pack.written import names_of

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.core.catalogue import Catalogue, FieldSpec, RelationSpec
    from gatekeeper.pack.files.conditions import DraftCondition
    from gatekeeper.pack.files.rules import DraftFile
    from gatekeeper.pack.files.uses import Vocabulary
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.nodes import Table

Settled = tuple[str, str]
"""Where it is settled, and what."""


def settled(draft: Draft) -> dict[str, str]:
    """Return what is settled by the place where it is: `project.yaml currency`.

    Args:
        draft: A pack without mistakes.
    """
    found = dict(_of_table("project.yaml", draft.project_table))
    found |= _of_table("people.yaml", draft.people_table)
    for file, words in draft.files:
        found |= _of_file(file, words)
    return found | dict(_of_catalogue(draft.catalogue))


def _of_table(file: str, table: Table | None) -> Iterator[Settled]:
    for key, node in table.pairs if table else ():
        if key.text not in {"version", "kind"}:
            yield from _leaves(f"{file} {key.text}", plain(node))


def _leaves(place: str, written: object) -> Iterator[Settled]:
    if isinstance(written, dict) and written:
        for key, value in written.items():
            yield from _leaves(f"{place}.{key}", value)
    else:
        yield place, _said(written)


def _said(written: object) -> str:
    match written:
        case None:
            return "nothing"
        case list():
            return f"[{', '.join(map(_said, written))}]"
        case dict():
            pairs = (f"{key}: {_said(value)}" for key, value in written.items())
            return f"{{{', '.join(pairs)}}}"
    return str(written)


# ---- files of rules ------------------------------------------------------------------


def _of_file(file: DraftFile, words: Vocabulary) -> Iterator[Settled]:
    name = file.names.source.name
    if file.suspend_when is not None:
        yield from _asked(f"{name} suspend_when", file.suspend_when, words)
    for stage in file.stages:
        place = f"{name} {stage.word}"
        if stage.start_when is not None:
            yield from _asked(f"{place}.start_when", stage.start_when, words)
        if stage.part.path is not None:
            yield f"{place}.path", stage.part.path.value
        if stage.part.counts_as is not None:
            yield f"{place}.counts_as", stage.part.counts_as.value


def _asked(
    place: str, condition: DraftCondition, words: Vocabulary
) -> Iterator[Settled]:
    """Give a condition, and what the names in it stand for."""
    yield place, _in_words(condition)
    for name, meaning in names_of(condition, words).items():
        yield f"{place}, {name}", meaning


def _in_words(condition: DraftCondition) -> str:
    if not isinstance(condition, DraftLine):
        count = f" {condition.count}" if condition.count else ""
        parts = ", ".join(map(_in_words, condition.parts))
        return f"{condition.quorum.value}{count} [{parts}]"
    asked = canonical(condition.test) if condition.test else condition.scalar.text
    return f"{asked} when {_in_words(condition.when)}" if condition.when else asked


# ---- fields.yaml ---------------------------------------------------------------------


def _of_catalogue(catalogue: Catalogue) -> Iterator[Settled]:
    for name, spec in catalogue.deal.items():
        yield from _of_field(name, spec)
    for relation in (*catalogue.lookups.values(), *catalogue.collections.values()):
        yield from _of_relation(relation)
    for name, members in catalogue.groups.items():
        yield f"fields.yaml groups.{name}", _said([*members])


def _of_relation(relation: RelationSpec) -> Iterator[Settled]:
    for crm, source in relation.sources.items():
        yield f"fields.yaml {relation.name}.{crm}", _said({**source})
    for name, spec in relation.fields.items():
        yield from _of_field(f"{relation.name}.{name}", spec)


def _of_field(name: str, spec: FieldSpec) -> Iterator[Settled]:
    if spec.place:  # built-in fields change with the program, not with the pack
        yield f"fields.yaml {name}.type", spec.kind.value
        for crm, path in spec.paths.items():
            yield f"fields.yaml {name}.{crm}", path
        for word in ("history", "ordered"):
            if getattr(spec, word):
                yield f"fields.yaml {name}.{word}", "true"
