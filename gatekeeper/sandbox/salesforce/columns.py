"""What field a column of imported values is, where no catalogue says it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from gatekeeper.sandbox.schema import FieldType

if TYPE_CHECKING:
    from collections.abc import Iterable

    from gatekeeper.sandbox.salesforce.org import Org

_DATE = re.compile(r"\d{4}-\d\d-\d\d\Z")
_DATETIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d")
_ID = re.compile(r"[0-9A-Za-z]{18}\Z")
_SHORT, _LONG = 255, 131_072


def inferred_field(org: Org, name: str, values: Iterable[object]) -> FieldType:
    """Return the field that holds these values; without any it is a text.

    Numbers make a Number with room for what is there, dates a date, ids of one object
    a lookup, anything else text as long as it must be.
    """
    present = [value for value in values if value is not None]
    custom = name.endswith("__c")
    label = name.removesuffix("__c").replace("_", " ")
    if present and all(isinstance(value, bool) for value in present):
        return FieldType(
            name, "boolean", label, custom=custom, nillable=False, default=False
        )
    if present and all(isinstance(value, int | float) for value in present):
        return FieldType(
            name, "double", label, precision=18, scale=4, custom=custom, groupable=False
        )
    texts = [str(value) for value in present]
    if texts and all(map(_DATE.match, texts)):
        return FieldType(name, "date", label, custom=custom)
    if texts and all(map(_DATETIME.match, texts)):
        return FieldType(name, "datetime", label, custom=custom, groupable=False)
    return _lookup(org, name, label, texts) or _text(name, label, texts)


def _lookup(org: Org, name: str, label: str, texts: list[str]) -> FieldType | None:
    prefixes = {text[:3] for text in texts}
    if len(prefixes) != 1 or not all(map(_ID.match, texts)):
        return None
    kind = org.kind_of_id(texts[0])
    if kind is None:
        return None
    return FieldType(
        name,
        "reference",
        label,
        length=18,
        custom=name.endswith("__c"),
        reference_to=(kind.name,),
        relationship_name=re.sub("__c$", "__r", name).removesuffix("Id"),
    )


def _text(name: str, label: str, texts: list[str]) -> FieldType:
    custom = name.endswith("__c")
    if max(map(len, texts), default=0) <= _SHORT:
        is_key = name == "External_Id__c" and len(set(texts)) == len(texts)
        return FieldType(
            name,
            "string",
            label,
            length=_SHORT,
            custom=custom,
            external_id=is_key,
            id_lookup=is_key,
        )
    return FieldType(
        name,
        "textarea",
        label,
        length=_LONG,
        custom=custom,
        filterable=False,
        sortable=False,
        groupable=False,
    )
