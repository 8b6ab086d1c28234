"""The describe calls: objects and fields as the asking user may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.call import Answer
from gatekeeper.sandbox.salesforce.describe_field import describe_field
from gatekeeper.sandbox.salesforce.errors import not_found
from gatekeeper.sandbox.salesforce.routing import Route

if TYPE_CHECKING:
    from collections.abc import Iterator

    from gatekeeper.sandbox.salesforce.call import Call
    from gatekeeper.sandbox.schema import ChildRelation, ObjectType

MASTER_RECORD_TYPE = "012000000000000AAA"
_UNDELETABLE = {"Account", "Contact", "Event", "Lead", "Opportunity", "Quote", "Task"}
_OBJECT_KEYS: dict[str, object] = {
    "activateable": False,
    "associateEntityType": None,
    "associateParentEntity": None,
    "customSetting": False,
    "deepCloneable": False,
    "deprecatedAndHidden": False,
    "feedEnabled": False,
    "hasSubtypes": False,
    "isInterface": False,
    "isSubtype": False,
    "mergeable": False,
    "mruEnabled": False,
    "queryable": True,
    "replicateable": True,
    "retrieveable": True,
    "triggerable": True,
}
_FULL_KEYS: dict[str, object] = {
    "actionOverrides": [],
    "compactLayoutable": True,
    "defaultImplementation": None,
    "extendedBy": None,
    "extendsInterfaces": None,
    "implementedBy": None,
    "implementsInterfaces": None,
    "listviewable": None,
    "lookupLayoutable": None,
    "namedLayoutInfos": [],
    "networkScopeFieldName": None,
    "searchLayoutable": True,
    "sobjectDescribeOption": "FULL",
}


def describe_global(call: Call) -> Answer:
    """Answer `GET /sobjects`."""
    kinds = call.org.present_kinds()
    return Answer(
        body={
            "encoding": "UTF-8",
            "maxBatchSize": 200,
            "sobjects": [_summary(call, kind) for kind in kinds],
        }
    )


def describe_object(call: Call) -> Answer:
    """Answer `GET /sobjects/X/describe`."""
    return Answer(body=described(call, _seen(call)))


def describe_basic(call: Call) -> Answer:
    """Answer `GET /sobjects/X`: the object without its fields, and recent records."""
    return Answer(
        body={"objectDescribe": _summary(call, _seen(call)), "recentItems": []}
    )


def picklist_values(call: Call) -> Answer:
    """Answer the UI API's values of one picklist for one record type."""
    kind = _seen(call)
    field = kind.find(call.params["field"])
    if field is None or not field.picklist:
        raise not_found()
    address = f"{call.root}/ui-api/object-info/{kind.name}/picklist-values"
    return Answer(
        body={
            "controllerValues": {},
            "defaultValue": None,
            "eTag": "b3f0b0a2b2a7a0d1b3f0b0a2b2a7a0d1",
            "url": f"{address}/{call.params['record_type']}/{field.name}",
            "values": [
                {
                    "attributes": None,
                    "label": choice.label,
                    "validFor": [],
                    "value": choice.value,
                }
                for choice in field.picklist
                if choice.active
            ],
        }
    )


def described(call: Call, kind: ObjectType) -> dict[str, object]:
    """Return the full describe of an object."""
    return (
        _summary(call, kind)
        | _FULL_KEYS
        | {
            "fields": [describe_field(field) for field in kind.fields.values()],
            "childRelationships": [_child(child) for child in kind.children],
            "recordTypeInfos": list(_record_types(call, kind)),
            "supportedScopes": [
                {"label": f"All {kind.label_plural.lower()}", "name": "everything"}
            ],
            "urls": _urls(call, kind)
            | {
                "uiDetailTemplate": f"{call.base_url}/{{ID}}",
                "uiEditTemplate": f"{call.base_url}/{{ID}}/e",
                "uiNewRecord": f"{call.base_url}/{kind.key_prefix}/e",
            },
        }
    )


def _seen(call: Call) -> ObjectType:
    kind = call.org.visible(call.session, call.params["object"])
    if kind is None:
        raise not_found()
    return kind


def _summary(call: Call, kind: ObjectType) -> dict[str, object]:
    return _OBJECT_KEYS | {
        "createable": kind.createable,
        "custom": kind.custom,
        "deletable": kind.deletable,
        "keyPrefix": kind.key_prefix,
        "label": kind.label,
        "labelPlural": kind.label_plural,
        "layoutable": kind.createable,
        "name": kind.name,
        "searchable": kind.createable,
        "undeletable": kind.name in _UNDELETABLE,
        "updateable": kind.updateable,
        "urls": _urls(call, kind),
    }


def _urls(call: Call, kind: ObjectType) -> dict[str, str]:
    address = f"{call.root}/sobjects/{kind.name}"
    return {
        "compactLayouts": f"{address}/describe/compactLayouts",
        "rowTemplate": f"{address}/{{ID}}",
        "approvalLayouts": f"{address}/describe/approvalLayouts",
        "listviews": f"{address}/listviews",
        "describe": f"{address}/describe",
        "quickActions": f"{address}/quickActions",
        "layouts": f"{address}/describe/layouts",
        "sobject": address,
    }


def _record_types(call: Call, kind: ObjectType) -> Iterator[dict[str, object]]:
    layouts = f"{call.root}/sobjects/{kind.name}/describe/layouts"
    own = [
        row
        for row in call.org.rows("RecordType", include_deleted=False)
        if row["SobjectType"] == kind.name
    ]
    for row in own:
        yield {
            "active": bool(row["IsActive"]),
            "available": bool(row["IsActive"]),
            "defaultRecordTypeMapping": row is own[0],
            "developerName": row["DeveloperName"],
            "master": False,
            "name": row["Name"],
            "recordTypeId": row["Id"],
            "urls": {"layout": f"{layouts}/{row['Id']}"},
        }
    if kind.createable:
        yield {
            "active": True,
            "available": True,
            "defaultRecordTypeMapping": not own,
            "developerName": "Master",
            "master": True,
            "name": "Master",
            "recordTypeId": MASTER_RECORD_TYPE,
            "urls": {"layout": f"{layouts}/{MASTER_RECORD_TYPE}"},
        }


def _child(child: ChildRelation) -> dict[str, object]:
    return {
        "cascadeDelete": child.cascade_delete,
        "childSObject": child.child,
        "deprecatedAndHidden": False,
        "field": child.field,
        "junctionIdListNames": [],
        "junctionReferenceTo": [],
        "relationshipName": child.name,
        "restrictedDelete": False,
    }


_DATA = "/services/data/{version}"
DESCRIBE_ROUTES = (
    Route("describeglobal", "GET", f"{_DATA}/sobjects", describe_global),
    Route("describe", "GET", f"{_DATA}/sobjects/{{object}}/describe", describe_object),
    Route("describe", "GET", f"{_DATA}/sobjects/{{object}}", describe_basic),
    Route(
        "picklists",
        "GET",
        f"{_DATA}/ui-api/object-info/{{object}}/picklist-values/{{record_type}}/{{field}}",
        picklist_values,
    ),
)
