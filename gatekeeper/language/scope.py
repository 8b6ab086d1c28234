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
    """

    catalogue: Catalogue
    schema: CrmSchema | None = None
    pipelines: Mapping[str, Pipeline] = field(default_factory=dict)
    params: Mapping[str, ParamSpec] = field(default_factory=dict)
    defines: Mapping[str, DefineSpec] = field(default_factory=dict)
    crm: str = "salesforce"
    stage: str | None = None
