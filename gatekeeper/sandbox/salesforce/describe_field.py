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
    textual = field.type in TEXTS
    many = len(field.reference_to) > 1
    return _READ_ONLY_FIELD_KEYS | {
        "aggregatable": field.filterable and field.type not in _NOT_AGGREGATED,
        "byteLength": field.length * (3 if textual else 1),
        "calculated": field.calculated,
        "caseSensitive": field.case_sensitive,
        "compoundFieldName": field.compound_field,
        "createable": field.createable,
        "custom": field.custom,
        "defaultValue": field.default,
        "defaultedOnCreate": field.defaulted_on_create,
        "digits": field.precision if field.type == "int" else 0,
        "externalId": field.external_id,
        "extraTypeInfo": _extra_type(field),
        "filterable": field.filterable,
        "groupable": field.groupable,
        "idLookup": field.id_lookup,
        "label": field.label,
        "length": field.length,
        "name": field.name,
        "nameField": field.name_field,
        "namePointing": many,
        "nillable": field.nillable,
        "permissionable": field.permissionable,
        "picklistValues": [_choice(choice) for choice in field.picklist],
        "polymorphicForeignKey": many,
        "precision": field.precision if field.type in NUMBERS else 0,
        "referenceTo": list(field.reference_to),
        "relationshipName": field.relationship_name,
        "restrictedPicklist": field.restricted_picklist,
        "scale": field.scale,
        "searchPrefilterable": _is_prefilterable(field),
        "soapType": _SOAP.get(
            field.type, "xsd:double" if not textual else "xsd:string"
        ),
        "sortable": field.sortable,
        "type": field.type,
        "unique": field.unique,
        "updateable": field.updateable,
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
