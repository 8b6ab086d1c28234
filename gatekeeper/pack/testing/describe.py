"""The description a test is compiled against: what it states, or else what is known.

`pipelines:` and `picklists:` of the test come first, then the saved description of
the CRM, then the order in which the rules name the stages (language A32).
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import chain
from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import (
    Choice,
    CrmField,
    CrmSchema,
    Kind,
    Pipeline,
    Stage,
)
from gatekeeper.core.pack import Needs, Reach
from gatekeeper.language.types import with_article
from gatekeeper.pack.build.stages import rule_pipelines
from gatekeeper.pack.files.values import must_be, texts
from gatekeeper.pack.source.nodes import Listing, Scalar
from gatekeeper.pack.source.read import Noun, Reader
from gatekeeper.pack.testing.rows import unknown_field
from gatekeeper.pack.testing.schema import PipelinePart

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from gatekeeper.core.catalogue import Catalogue, FieldSpec
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.nodes import Node

DEFAULT = "Default"
LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)

# What a stage is called when it ends a deal; a rule file does not say which do.
_WON = ("closed won", "won")
_LOST = ("closed lost", "lost")

Choices = dict[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Known:
    """What is known before a test file says anything.

    Attributes:
        saved: The CRM's description as last read, if there is one.
        needs: What the rules read, custom fields included.
        pipelines: By name, stages named as in the rules.
    """

    draft: Draft
    saved: CrmSchema | None
    needs: Needs
    pipelines: Mapping[str, Pipeline] = field(default_factory=dict)

    @staticmethod
    def of(draft: Draft, saved: CrmSchema | None) -> Known:
        """Gather it from the pack and the saved description."""
        pack = draft.built(None).pack
        pipelines = _saved_pipelines(draft, saved)
        needs = pack.needs if pack else Needs()
        return Known(draft, saved, needs, pipelines or _named_pipelines(draft))

    def schema(self, stated: Mapping[str, Pipeline], picklists: Choices) -> CrmSchema:
        """Describe the CRM of one test file, the pipelines it states first."""
        folded = {name.casefold() for name in stated}
        rest = [
            pipeline
            for name, pipeline in self.pipelines.items()
            if name.casefold() not in folded and not (stated and name == DEFAULT)
        ]
        fields = dict(self.saved.fields if self.saved else _fields(self))
        for name, choices in picklists.items():
            fields[name] = replace(
                fields.get(name) or _described(name, Kind.PICKLIST),
                choices=tuple(Choice(one, one) for one in choices),
                restricted=True,
            )
        pipelines = (*stated.values(), *rest)
        if self.saved is not None:
            return replace(self.saved, fields=fields, pipelines=pipelines)
        project = self.draft.project
        crm = project.crm if project else "salesforce"
        return CrmSchema(crm, "test", LONG_AGO, fields, {}, pipelines, strict=True)


def stands_for_itself(draft: Draft) -> Draft:
    """Return the pack with its stages named as the test names them."""
    project = draft.project
    if project is None:
        return draft
    return replace(draft, project=replace(project, stages={}), project_table=None)


# ---- pipelines ---------------------------------------------------------------------


def read_pipelines(
    reader: Reader, node: Node | None, draft: Draft
) -> dict[str, Pipeline]:
    """Read `pipelines:` of a test file; stages are named as in the rules."""
    found: dict[str, Pipeline] = {}
    for key, value in reader.pairs(node, "pipelines"):
        noun = Noun("a pipeline", f'pipeline "{key.text}"')
        part = reader.part(PipelinePart, value, noun)
        if part is not None:
            stages = _stages(part.open, part.won, part.lost, draft)
            found[key.text] = Pipeline(key.text, stages)
    return found


def _stages(
    opened: Iterable[str], won: Iterable[str], lost: Iterable[str], draft: Draft
) -> tuple[Stage, ...]:
    ways = ((opened, False, False), (won, True, True), (lost, True, False))
    return tuple(
        Stage(name, _values(name, draft), is_closed=is_closed, is_won=is_won)
        for names, is_closed, is_won in ways
        for name in names
    )


def _values(name: str, draft: Draft) -> tuple[str, ...]:
    """Return what the stage is called in the CRM (`stages:` of project.yaml)."""
    project = draft.project
    mapped = project.stages.get(name, {}).get(project.crm, ()) if project else ()
    return mapped or (name,)


def _saved_pipelines(draft: Draft, saved: CrmSchema | None) -> dict[str, Pipeline]:
    if saved is None or draft.project is None:
        return {}
    return rule_pipelines(Reader(), draft.project, draft.project_table, saved)


def _named_pipelines(draft: Draft) -> dict[str, Pipeline]:
    """Take the order in which the files of each pipeline name their stages."""
    stages: dict[str, dict[str, None]] = {}
    for file, _ in draft.files:
        named = [each.word for each in file.stages if each.reach is Reach.STAGE]
        for pipeline in file.pipeline_names or (DEFAULT,):
            stages.setdefault(pipeline, {}).update(dict.fromkeys(named))
    return {
        name: Pipeline(name, _sorted_stages(list(named), draft))
        for name, named in stages.items()
    }


def _sorted_stages(named: list[str], draft: Draft) -> tuple[Stage, ...]:
    won = [name for name in named if name.casefold() in _WON]
    lost = [name for name in named if name.casefold() in _LOST]
    opened = [name for name in named if name not in won and name not in lost]
    return _stages(opened, won or ["Closed Won"], lost or ["Closed Lost"], draft)


# ---- fields ------------------------------------------------------------------------


def read_picklists(reader: Reader, node: Node | None, catalogue: Catalogue) -> Choices:
    """Read `picklists:` of a test file: the values of each in order."""
    specs = dict(_specs(catalogue))
    found: Choices = {}
    for key, value in reader.pairs(node, "picklists"):
        spec = specs.get(key.text)
        if spec is None and not key.text.startswith("custom."):
            unknown_field(reader, key, "the deal", specs)
        elif spec is not None and spec.kind not in (
            Kind.PICKLIST,
            Kind.MULTI_PICKLIST,
        ):
            text = f"{key.text} is {with_article(spec.kind)}, not a picklist."
            reader.say(key.place, "E206", text)
        elif isinstance(value, Listing | Scalar):
            found[key.text] = reader.value(value, key.text, texts, ())
        else:
            reader.unfit(value, key.text, must_be("a list of its values in order"))
    return found


def _specs(catalogue: Catalogue) -> Iterator[tuple[str, FieldSpec]]:
    yield from catalogue.deal.items()
    relations = chain(catalogue.lookups.values(), catalogue.collections.values())
    for relation in relations:
        for name, spec in relation.fields.items():
            yield f"{relation.name}.{name}", spec


def _fields(known: Known) -> dict[str, CrmField]:
    """Describe every field as the pack declares it."""
    fields = {
        name: _described(name, spec.kind)
        for name, spec in _specs(known.draft.catalogue)
    }
    for name in known.needs.fields:
        if name.startswith("custom."):
            fields[name] = _described(name)
    return fields


def _described(name: str, *kinds: Kind) -> CrmField:
    return CrmField(name, name, kinds[0].value if kinds else "unknown", kinds)
