"""Our fields and the permission set as files of Salesforce's source format.

For orgs whose administrators deploy from their own repository instead of letting
`setup-crm` make the fields. Pure: one table in, paths and texts out.

A field of tasks lives under `Activity`, and its field-level security under `Task`
(Salesforce, Metadata API Developer Guide).
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING
from xml.sax.saxutils import escape

from gatekeeper.crm.salesforce import names
from gatekeeper.crm.salesforce.writing.own_fields import (
    OBJECT_RIGHTS,
    OWN_FIELDS,
    SET_LABEL,
    OwnField,
)

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

ROOT = "force-app/main/default"
NAMESPACE = "http://soap.sforce.com/2006/04/metadata"

_RIGHT_NAMES = {
    "allowCreate": "Create",
    "allowDelete": "Delete",
    "allowEdit": "Edit",
    "allowRead": "Read",
    "modifyAllRecords": "ModifyAllRecords",
    "viewAllRecords": "ViewAllRecords",
}


def source_files() -> Mapping[str, str]:
    """Return the text of every file of the package by its path below the package."""
    fields = {
        f"{ROOT}/objects/{own.table}/fields/{own.name}.field-meta.xml": _field(own)
        for own in OWN_FIELDS
    }
    set_path = f"permissionsets/{names.PERMISSION_SET}.permissionset-meta.xml"
    return {
        "sfdx-project.json": _project(),
        **fields,
        f"{ROOT}/{set_path}": _permission_set(),
    }


def _project() -> str:
    project = {
        "packageDirectories": [{"path": "force-app", "default": True}],
        "sourceApiVersion": names.API_VERSION,
    }
    return json.dumps(project, indent=2) + "\n"


def _field(own: OwnField) -> str:
    return _document(
        "CustomField",
        {"fullName": own.name, "required": False, **own.definition},
    )


def _permission_set() -> str:
    return _document(
        "PermissionSet",
        {
            "description": "Exactly what gatekeeper needs; it never deletes.",
            "fieldPermissions": [
                {"editable": True, "field": own.grant, "readable": True}
                for own in sorted(OWN_FIELDS, key=lambda own: own.grant)
            ],
            "hasActivationRequired": False,
            "label": SET_LABEL,
            "objectPermissions": [
                {
                    "object": name,
                    **{tag: right in rights for tag, right in _RIGHT_NAMES.items()},
                }
                for name, rights in sorted(OBJECT_RIGHTS.items())
            ],
            "userPermissions": [{"enabled": True, "name": "EditTask"}],
        },
    )


def _document(tag: str, content: Mapping[str, object]) -> str:
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>',
        f'<{tag} xmlns="{NAMESPACE}">',
        *_elements(content, 1),
        f"</{tag}>",
    ]
    return "\n".join(lines) + "\n"


def _elements(content: Mapping[str, object], depth: int) -> Iterator[str]:
    """Write what one element holds, in the order in which Salesforce returns it."""
    indent = "    " * depth
    # The Tooling API calls a picklist value's full name its value name.
    named = {"fullName" if k == "valueName" else k: v for k, v in content.items()}
    for tag, value in sorted(named.items(), key=_place):
        for each in _repeated(value):
            if isinstance(each, dict):
                yield f"{indent}<{tag}>"
                yield from _elements(each, depth + 1)
                yield f"{indent}</{tag}>"
            else:
                yield f"{indent}<{tag}>{_text(each)}</{tag}>"


def _place(element: tuple[str, object]) -> tuple[bool, str]:
    tag = element[0]
    return tag != "fullName", tag


def _repeated(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else [value]


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else escape(str(value))
