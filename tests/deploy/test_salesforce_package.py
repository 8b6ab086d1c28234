"""The Salesforce package gives what setup-crm makes, in files an org accepts."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest

from gatekeeper.core.catalogue import BUILT_IN
from gatekeeper.crm.salesforce.writing.own_fields import OBJECT_RIGHTS, OWN_FIELDS
from gatekeeper.crm.salesforce.writing.source_format import source_files
from gatekeeper.sandbox.clock import Clock, as_of_instant
from gatekeeper.sandbox.salesforce.stock import stock_org
from gatekeeper.sandbox.server import SandboxServer
from tests.contracts.worlds import AS_OF, sandbox_crm
from tests.sandbox.client import Client

if TYPE_CHECKING:
    from gatekeeper.ports import PlannedField
    from tests.cli.program import Program

PACKAGE = Path(__file__).parents[2] / "deploy" / "salesforce"
README = (PACKAGE / "README.md").read_text(encoding="utf-8")
SOURCE = PACKAGE / "force-app" / "main" / "default"
SET = SOURCE / "permissionsets" / "Gatekeeper_Integration.permissionset-meta.xml"
MANY = {"value", "fieldPermissions", "objectPermissions", "userPermissions"}
"""Elements of which Salesforce allows several."""

Value = str | bool | dict[str, "Value"] | list["Value"]
Row = dict[str, str | bool]


def read(element: ET.Element) -> Value:
    """An element as JSON would have it; numbers stay texts."""
    if len(element) == 0:
        text = element.text or ""
        return text == "true" if text in ("true", "false") else text
    found: dict[str, Value] = {}
    for child in element:
        tag = child.tag.rpartition("}")[2]
        if tag in MANY:
            several = found.setdefault(tag, [])
            assert isinstance(several, list)
            several.append(read(child))
        else:
            assert tag not in found, f"{tag} stands twice"
            found[tag] = read(child)
    return found


def parsed(file: Path) -> dict[str, Value]:
    document = read(ET.parse(file).getroot())  # noqa: S314  (our own file)
    assert isinstance(document, dict)
    return document


def rows(document: dict[str, Value], tag: str) -> list[Row]:
    """The repeated elements of a permission set, which hold no further ones."""
    found = document[tag]
    assert isinstance(found, list)
    return [
        {key: value for key, value in each.items() if isinstance(value, str | bool)}
        for each in found
        if isinstance(each, dict)
    ]


def deploy(people: Client) -> None:
    """What `sf project deploy start` does with the package, by API."""
    for file in sorted(SOURCE.glob("objects/*/fields/*.xml")):
        metadata = parsed(file)
        body = {
            "FullName": f"{file.parents[1].name}.{metadata.pop('fullName')}",
            "Metadata": metadata,
        }
        reply = people.api("POST", "/tooling/sobjects/CustomField/", json=body)
        assert reply.status_code == 201, reply.text
    content = parsed(SET)
    set_id = people.create(
        "PermissionSet", Name=SET.name.partition(".")[0], Label=content["label"]
    )
    for row in rows(content, "objectPermissions"):
        people.create(
            "ObjectPermissions",
            ParentId=set_id,
            SobjectType=row["object"],
            PermissionsCreate=row["allowCreate"],
            PermissionsRead=row["allowRead"],
            PermissionsEdit=row["allowEdit"],
            PermissionsDelete=row["allowDelete"],
            PermissionsViewAllRecords=row["viewAllRecords"],
            PermissionsModifyAllRecords=row["modifyAllRecords"],
        )
    for row in rows(content, "fieldPermissions"):
        people.create(
            "FieldPermissions",
            ParentId=set_id,
            SobjectType=str(row["field"]).partition(".")[0],
            Field=row["field"],
            PermissionsRead=row["readable"],
            PermissionsEdit=row["editable"],
        )


def test_the_files_are_those_that_are_written_from_the_table_of_setup_crm() -> None:
    kept = {
        str(file.relative_to(PACKAGE)): file.read_text(encoding="utf-8")
        for file in PACKAGE.rglob("*")
        if file.is_file() and file.name != "README.md"
    }

    assert kept == source_files(), "write it anew: gatekeeper setup-crm --source DIR"


def test_an_org_it_was_deployed_to_lacks_nothing_but_who_uses_it() -> None:
    org = stock_org(Clock(as_of_instant(AS_OF)))
    with SandboxServer(org) as server, Client(server.url) as people:
        deploy(people)
        crm = sandbox_crm(server.url)
        planned = crm.planned_setup()
        crm.set_up(lambda *_step: None)
        is_strict = crm.schema(BUILT_IN).strict
        crm.client.close()

    def is_missing(step: PlannedField) -> bool:
        return step.action != "exists"

    assert [step.action for step in filter(is_missing, planned)] == ["assign"]
    assert is_strict


def test_the_permission_set_grants_what_is_needed_and_nothing_more() -> None:
    content = parsed(SET)
    granted = {
        row["object"]: {right for right, value in row.items() if value is True}
        for row in rows(content, "objectPermissions")
    }

    assert granted == {
        "Account": {"allowRead"},
        "Opportunity": {"allowRead", "allowEdit", "viewAllRecords"},
    }
    assert {row["field"] for row in rows(content, "fieldPermissions")} == {
        *("Task.Gatekeeper_Key__c", "Task.Gatekeeper_Ref__c"),
        *("Opportunity.Gate_Missing__c", "Opportunity.Gate_Open_Count__c"),
        *("Opportunity.Gate_Open_Since__c", "Opportunity.Gate_Status__c"),
        *("Opportunity.Gate_Supported_Stage__c", "Opportunity.Gate_Worst_Severity__c"),
    }
    assert [row["name"] for row in rows(content, "userPermissions")] == ["EditTask"]


@pytest.mark.parametrize("file", sorted(SOURCE.rglob("*.xml")), ids=lambda f: f.stem)
def test_a_file_begins_with_its_declaration_and_names_itself_first(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    root = ET.fromstring(text)  # noqa: S314  (our own file)

    assert text.startswith('<?xml version="1.0" encoding="UTF-8"?>\n')
    assert root.tag.startswith("{http://soap.sforce.com/2006/04/metadata}")
    for element in root.iter():
        tags = [child.tag.rpartition("}")[2] for child in element]
        names = [tag for tag in tags if tag == "fullName"]
        rest = [tag for tag in tags if tag != "fullName"]
        assert tags == [*names, *sorted(rest)]


def test_the_notes_list_each_field_and_right_in_the_words_of_setup_crm() -> None:
    fields = dict(re.findall(r"^\| `([\w.]+)` \| (.+) \|$", README, re.MULTILINE))
    rights = dict(
        re.findall(r"^\| (Account|Opportunity) \| ([\w, ]+) \|", README, re.M)
    )

    assert fields == {own.full_name: own.purpose for own in OWN_FIELDS}
    assert rights == {name: ", ".join(each) for name, each in OBJECT_RIGHTS.items()}


def test_setup_crm_writes_the_package_without_a_login(
    program: Program, tmp_path: Path
) -> None:
    ended = program("setup-crm", "--source", "package")

    written = {
        str(file.relative_to(tmp_path / "package")): file.read_text(encoding="utf-8")
        for file in (tmp_path / "package").rglob("*")
        if file.is_file()
    }
    assert ended.code == 0
    assert written == source_files()
    assert "sf project deploy start" in ended.told + ended.out


def test_a_folder_that_cannot_be_written_is_told(
    program: Program, tmp_path: Path
) -> None:
    (tmp_path / "package").write_text("a file", encoding="utf-8")

    ended = program("setup-crm", "--source", "package")

    assert ended.code == 2
    assert "package cannot be written" in ended.err
