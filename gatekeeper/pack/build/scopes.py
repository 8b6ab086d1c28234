"""What names mean in each file of a pack, its pipelines and stages checked."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from gatekeeper.language.scope import Scope
from gatekeeper.pack.build.references import scalars
from gatekeeper.pack.build.stages import check_stages, pipelines_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.core.catalogue import CrmSchema, Pipeline
    from gatekeeper.core.pack import Project
    from gatekeeper.pack.files.declared import Names
    from gatekeeper.pack.files.rules import DraftFile
    from gatekeeper.pack.files.uses import Vocabulary
    from gatekeeper.pack.load import Draft
    from gatekeeper.pack.source.read import Reader


def in_scope(
    reader: Reader, project: Project, draft: Draft, pipelines: dict[str, Pipeline]
) -> Project:
    """Give the pipelines of `scope:` their names in the CRM."""
    node = draft.project_table.get("scope") if draft.project_table else None
    if node is None:
        return project
    found = pipelines_of(reader, scalars(node), pipelines, project.crm)
    return replace(project, scope=tuple(found))


def with_scopes(
    reader: Reader,
    draft: Draft,
    schema: CrmSchema | None,
    pipelines: dict[str, Pipeline],
) -> list[tuple[DraftFile, Scope]]:
    """Return each file with what names mean in it, its stages checked."""
    scoped: list[tuple[DraftFile, Scope]] = []
    mapped = draft.project.stages if draft.project else {}
    stages = [one.name for each in pipelines.values() for one in each.stages]
    unmatched = frozenset(mapped) - frozenset(stages)
    for file, words in draft.files:
        own = pipelines
        if schema is not None:
            crm = draft.project.crm if draft.project else schema.crm
            own = pipelines_of(reader, file.pipelines, pipelines, crm)
            check_stages(reader, file, own, unmatched, crm)
        scoped.append((file, scope_of(draft, schema, own, words)))
    return scoped


def shared_scopes(
    draft: Draft, schema: CrmSchema | None, pipelines: Mapping[str, Pipeline]
) -> Iterator[tuple[Names, Scope]]:
    """Return each file of shared names with what names mean in it by itself."""
    for names, words in draft.shared:
        yield names, scope_of(draft, schema, pipelines, words)


def scope_of(
    draft: Draft,
    schema: CrmSchema | None,
    pipelines: Mapping[str, Pipeline],
    words: Vocabulary,
) -> Scope:
    """Say what names mean where these words are declared."""
    project = draft.project
    crm = project.crm if project else "salesforce"
    return Scope(
        draft.catalogue,
        schema,
        pipelines,
        words.params,
        words.defines,
        crm=crm,
        own_names=draft.own_names.get(crm, {}),
    )
