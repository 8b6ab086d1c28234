"""What the catalogue and the CRM know of a name; nothing is noted or asked for here."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.core.catalogue import FieldSpec, Kind
from gatekeeper.language.functions import AGGREGATES, FUNCTIONS, TEXT_LIKE
from gatekeeper.language.functions_history import HISTORY
from gatekeeper.language.suggest import closest
from gatekeeper.language.tree.syntax_values import singular_of

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from gatekeeper.core.catalogue import CrmField, RelationSpec
    from gatekeeper.language.checker.state import Checking

MOST_OFFERED = 200


def deal_spec(parts: tuple[str, ...], checking: Checking) -> FieldSpec | None:
    """Return what the catalogue (or the CRM, for `custom.`) says of a deal's field."""
    catalogue = checking.scope.catalogue
    match parts:
        case (single,) if single in catalogue.deal:
            return catalogue.deal[single]
        case (single,) if single in catalogue.lookups:
            return FieldSpec(single, Kind.REFERENCE)
        case ("custom", api_name):
            return _custom_spec(api_name, checking)
        case (lookup, inner) if lookup in catalogue.lookups:
            return catalogue.lookups[lookup].fields.get(inner)
        case _:
            return None


def _custom_spec(api_name: str, checking: Checking) -> FieldSpec | None:
    schema = checking.scope.schema
    if schema is None:
        return FieldSpec(f"custom.{api_name}", Kind.TEXT)
    known = schema.fields.get(f"custom.{api_name}") or schema.by_path.get(api_name)
    if known is None:
        return None
    kind = known.kinds[0] if known.kinds else Kind.TEXT
    return FieldSpec(f"custom.{api_name}", kind)


def crm_field_of(full: str, checking: Checking) -> CrmField | None:
    """Return the CRM's description of a field by its full canonical name."""
    schema = checking.scope.schema
    if schema is None:
        return None
    found = schema.fields.get(full)
    if found is None and full.startswith("custom."):
        found = schema.by_path.get(full.removeprefix("custom."))
    return found


def plurals(collections: Mapping[str, RelationSpec]) -> dict[str, str]:
    """Map the singular of each collection's name to the name."""
    return {singular_of(name): name for name in collections}


def signatures() -> dict[str, str]:
    """Map each function to how it is written: `days_since(date)`."""
    shown = {name: spec.signature for name, spec in FUNCTIONS.items()}
    shown |= {name: signature for name, (signature, _) in AGGREGATES.items()}
    shown |= {name: spec.signature for name, spec in HISTORY.items()}
    return shown | {
        "text_like": TEXT_LIKE[0],
        "supported_stage": "supported_stage()",
    }


def offered(names: Collection[str]) -> Collection[str]:
    """Return the names made up in files that may be meant by an unknown one.

    Nobody remembers more than a few hundred of them, and to look through thousands for
    each mistake would take longer than all the rest.
    """
    return names if len(names) <= MOST_OFFERED else ()


def nearest(word: str, candidates: Iterable[str]) -> str | None:
    """Return the candidate that is most like `word`, if one is like it at all."""
    return next(iter(closest(word, candidates)), None)
