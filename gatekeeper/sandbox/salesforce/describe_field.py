"""One field as describe shows it, with all its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.catalog import LONG_TEXT
from gatekeeper.sandbox.salesforce.values import NUMBERS, TEXTS

if TYPE_CHECKING:
    from gatekeeper.sandbox.schema import FieldType, PicklistValue

_NOT_AGGREGATED = {"boolean", "address"}
_SOAP = {
    "boolean": "xsd:boolean",
    "int": "xsd:int",
    "date": "xsd:date",
    "datetime": "xsd:dateTime",
    "id": "tns:ID",
    "reference": "tns:ID",
    "address": "urn:address",
    "anyType": "xsd:anyType",
}
_READ_ONLY_FIELD_KEYS: dict[str, object] = {
    "aiPredictionField": False,
    "autoNumber": False,
    "calculatedFormula": None,
    "cascadeDelete": False,
    "controllerName": None,
    "defaultValueFormula": None,
    "dependentPicklist": False,
    "deprecatedAndHidden": False,
    "displayLocationInDecimal": False,
    "encrypted": False,
    "filteredLookupInfo": None,
    "formulaTreatNullNumberAsZero": False,
    "highScaleNumber": False,
    "htmlFormatted": False,
    "inlineHelpText": None,
    "mask": None,
    "maskType": None,
    "queryByDistance": False,
    "referenceTargetField": None,
    "relationshipOrder": None,
    "restrictedDelete": False,
    "writeRequiresMasterRead": False,
}


def describe_field(field: FieldType) -> dict[str, object]:
    """Return a field as describe shows it."""
    return _READ_ONLY_FIELD_KEYS | _rights(field) | _kind(field)


def _rights(field: FieldType) -> dict[str, object]:
    """Return what may be done with the field."""
    return {
        "aggregatable": field.filterable and field.type not in _NOT_AGGREGATED,
        "createable": field.createable,
        "defaultValue": field.default,
        "defaultedOnCreate": field.defaulted_on_create,
        "externalId": field.external_id,
        "filterable": field.filterable,
        "groupable": field.groupable,
        "idLookup": field.id_lookup,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "searchPrefilterable": _is_prefilterable(field),
        "sortable": field.sortable,
        "unique": field.unique,
        "updateable": field.updateable,
    }


def _kind(field: FieldType) -> dict[str, object]:
    """Return what the field is."""
    textual = field.type in TEXTS
    many = len(field.reference_to) > 1
    return {
        "byteLength": field.length * (3 if textual else 1),
        "calculated": field.calculated,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound_field,
        "custom": field.custom,
        "digits": field.precision if field.type == "int" else 0,
        "extraTypeInfo": _extra_type(field),
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": many,
        "picklistValues": [_choice(choice) for choice in field.picklist],
        "polymorphicForeignKey": many,
        "precision": field.precision if field.type in NUMBERS else 0,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "restrictedPicklist": field.restricted_picklist,
        "scale": field.scale,
        "soapType": _SOAP.get(field.type, "xsd:string" if textual else "xsd:double"),
        "type": field.type,
    }


def _is_prefilterable(field: FieldType) -> bool:
    points = bool(field.relationship_name) and bool(field.reference_to)
    return points and "User" not in field.reference_to


def _extra_type(field: FieldType) -> str | None:
    if field.type == "textarea" and field.length >= LONG_TEXT:
        return "plaintextarea"
    return None


def _choice(choice: PicklistValue) -> dict[str, object]:
    return {
        "active": choice.active,
        "defaultValue": choice.default,
        "label": choice.label,
        "validFor": None,
        "value": choice.value,
    }
