"""What the names of one rule file mean, as the checker needs to know them.

The pack's reader fills these values; nothing here reads a file.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from gatekeeper.language.tree import syntax

if TYPE_CHECKING:
    from collections.abc import Mapping

    from gatekeeper.core.catalogue import Catalogue, CrmSchema, Kind, Pipeline
    from gatekeeper.core.pack import Needs
    from gatekeeper.language.checker.state import RowScope
    from gatekeeper.language.tree import typed

ParamValue = Decimal | str | bool | date | datetime | syntax.Duration
"""One value of a parameter; money in the project's currency, 20% as 20."""


@dataclass(frozen=True, slots=True)
class ParamSpec:
    """One parameter as its file declares it.

    Attributes:
        kind: Type of the value, or of each value where `is_list`.
        value: The one value, or a tuple of values where `is_list`; None where the
            value is undecided or chosen by a field.
        by: The field that chooses (`account.segment`, or a field of the row).
        values: Text of that field to value; compared without case.
        bands: Lower limit to value, ascending: the highest limit at or below counts.
        otherwise: Used where nothing of `values` or `bands` fits.
        place: `file:line` of the declaration.
        is_typed: False where its type cannot be read; its uses say nothing of that.
    """

    name: str
    kind: Kind
    value: ParamValue | tuple[ParamValue, ...] | None = None
    is_list: bool = False
    by: str | None = None
    values: Mapping[str, ParamValue | tuple[ParamValue, ...]] | None = None
    bands: tuple[tuple[Decimal, ParamValue], ...] | None = None
    otherwise: ParamValue | tuple[ParamValue, ...] | None = None
    place: str = ""
    is_typed: bool = True

    @property
    def is_undecided(self) -> bool:
        """Whether nobody has chosen a value yet (`value: undecided`)."""
        return self.value is None and self.by is None


@dataclass(frozen=True, slots=True)
class DefineSpec:
    """A named condition, value or set of rows.

    Attributes:
        body: Its tree; a list becomes an `And`, an `any` an `Or` of its lines.
        place: `file:line` of the declaration.
    """

    name: str
    body: syntax.Test | syntax.Value | syntax.Rows
    place: str = ""


@dataclass(slots=True)
class Kept:
    """What the checker works out once for all the lines of a scope.

    Attributes:
        fields: Those of the deal, by the parts of their names.
        row_fields: Those of rows, by the rows and their names.
        needs: What lines read, by fields, history and rows.
        rows: All that a name may be read in.
        definitions: What is in them, by name and the rows that they speak of.
        rests_on: The text of definitions and parameters that lines rest on together.
    """

    fields: dict[tuple[str, ...], typed.Field] = field(default_factory=dict)
    row_fields: dict[tuple[str, str], typed.Field] = field(default_factory=dict)
    needs: dict[object, Needs] = field(default_factory=dict)
    rows: list[RowScope] | None = None
    definitions: dict[tuple[str, str], object] = field(default_factory=dict)
    rests_on: dict[object, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Scope:
    """What names mean in one rule file.

    Attributes:
        schema: The CRM's description; None where it is not at hand, then picklist
            values and the types of `custom.` fields are taken as written.
        pipelines: Those the rule file names, all of them for `"*"`.
        crm: `salesforce` or `hubspot`.
        stage: The stage the rule is placed at, which "this stage" means; None under
            every stage.
        own_names: The CRM's own names of built-in fields of the deal, each to ours.
        kept: What lines have in common, worked out with the first of them.
    """

    catalogue: Catalogue
    schema: CrmSchema | None = None
    pipelines: Mapping[str, Pipeline] = field(default_factory=dict)
    params: Mapping[str, ParamSpec] = field(default_factory=dict)
    defines: Mapping[str, DefineSpec] = field(default_factory=dict)
    crm: str = "salesforce"
    stage: str | None = None
    own_names: Mapping[str, str] = field(default_factory=dict)
    kept: Kept = field(default_factory=Kept, init=False, repr=False, compare=False)
