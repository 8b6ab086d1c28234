"""What is known of one org and one pack, and a check for each of its fields. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import Access, CrmName, Kind
from gatekeeper.pack.build.stages import rule_pipelines
from gatekeeper.pack.source.read import Reader

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from gatekeeper.core.catalogue import CrmSchema, FieldSpec, Pipeline
    from gatekeeper.core.model import Person
    from gatekeeper.pack.load import Draft

FEW = 5
"""Values of a picklist that one example names."""

_BY_KIND = {
    Kind.NUMBER: "{} >= 1",
    Kind.MONEY: "{} >= 50k",
    Kind.PERCENT: "{} <= 20%",
    Kind.DATE: "{} within next 30 days",
    Kind.DATETIME: "{} within last 30 days",
    Kind.YES_NO: "{} is true",
    Kind.DURATION: "{} <= 30 days",
}


@dataclass(frozen=True, slots=True)
class Org:
    """A pack and the CRM's own description of what it names.

    Attributes:
        pipelines: With their stages named as in the rules.
        teams: Of the people who work now.
    """

    draft: Draft
    schema: CrmSchema
    pipelines: tuple[Pipeline, ...]
    teams: tuple[str, ...] = ()

    @staticmethod
    def of(draft: Draft, schema: CrmSchema, people: Iterable[Person] = ()) -> Org:
        """Gather what is known; mistakes of the pack are for `validate` to say."""
        pipelines = schema.pipelines
        if draft.project is not None:
            table = draft.project_table
            named = rule_pipelines(Reader(), draft.project, table, schema)
            pipelines = tuple(named.values())
        teams = {each.team for each in people if each.team and each.is_active}
        return Org(draft, schema, pipelines, tuple(sorted(teams)))

    def stages(self) -> list[str]:
        """Return the stages of all pipelines, as the rules name them."""
        return stages_of(self.pipelines)

    def choices(self, name: str) -> list[str]:
        """Return the active values of a picklist as the CRM shows them."""
        found = self.schema.fields.get(name)
        shown = (one.label for one in found.choices if one.active) if found else ()
        return list(dict.fromkeys(shown))

    def readable(self) -> dict[str, FieldSpec]:
        """Return the deal's fields that this CRM has, one hop included, by name."""
        return {name: spec for name, spec in self._fields() if self._is_there(name)}

    def _fields(self) -> Iterator[tuple[str, FieldSpec]]:
        catalogue = self.draft.catalogue
        yield from catalogue.deal.items()
        for lookup in catalogue.lookups.values():
            for name, spec in lookup.fields.items():
                yield f"{lookup.name}.{name}", spec

    def _is_there(self, name: str) -> bool:
        found = self.schema.fields.get(name)
        return found is None or found.access in (Access.READ, Access.WRITE)

    def says(self, name: str, spec: FieldSpec) -> str:
        """Say what a field is: its type, and its name in the CRM."""
        found = self.schema.fields.get(name)
        if found is None:
            return spec.kind.value
        return f"{spec.kind.value}; {CrmName(self.schema.crm).label} {found.path}"


def stages_of(pipelines: Iterable[Pipeline]) -> list[str]:
    """Return the stages of some pipelines, each once, in order."""
    names = (stage.name for pipeline in pipelines for stage in pipeline.stages)
    return list(dict.fromkeys(names))


def example_checks(org: Org) -> Iterator[str]:
    """Give a check about each field of the deal and each collection."""
    for name, spec in org.readable().items():
        is_stage = spec.kind is Kind.STAGE
        yield check_of(name, spec.kind, org.stages() if is_stage else org.choices(name))
    for name, collection in org.draft.catalogue.collections.items():
        if name in org.schema.missing_collections:
            continue
        yield f"some {name}"
        for field, spec in collection.fields.items():
            choices = org.choices(f"{name}.{field}")
            if choices:
                yield f"some {name} where {check_of(field, spec.kind, choices)}"


def check_of(name: str, kind: Kind, choices: Sequence[str] = ()) -> str:
    """Return a check that a field of this kind takes.

    Args:
        name: As the rules name it.
        kind: Its type.
        choices: The values of a picklist, or the stages in order; without any it is
            asked whether there is a value.
    """
    if choices and kind is Kind.STAGE:
        return f"{name} after {_quoted(choices[0])}"
    few = ", ".join(_quoted(one) for one in choices[:FEW])
    if few and kind is Kind.PICKLIST:
        return f"{name} in [{few}]"
    if few and kind is Kind.MULTI_PICKLIST:
        return f"{name} includes any of [{few}]"
    return _BY_KIND.get(kind, "{} is filled").format(name)


def _quoted(text: str) -> str:
    """Return a text in the quotes that it does not hold itself."""
    return f"'{text}'" if '"' in text else f'"{text}"'
