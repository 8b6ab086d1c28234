"""What backs a deal of the demo org: people on it, products, signed paper."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox import seed_words as words
from gatekeeper.sandbox.seed_people import contact_id
from gatekeeper.sandbox.seed_rows import Row, morning, seeded_id, stamps
from gatekeeper.sandbox.seed_story import (
    NEEDS,
    NEGOTIATION,
    PROPOSAL,
    QUALIFICATION,
    Flaw,
)

if TYPE_CHECKING:
    from gatekeeper.sandbox.seed_activity import Scene


def write_roles(scene: Scene) -> None:
    """Write the contact roles: more of them the further the deal is."""
    made = morning(scene.story.entered(QUALIFICATION))
    for place, role in enumerate(_roles(scene)):
        row: Row = {
            "attributes": {"type": "OpportunityContactRole"},
            "OpportunityId": scene.deal,
            "ContactId": contact_id(scene.account_number, place),
            "Role": role,
            "IsPrimary": place == 0,
            "IsDeleted": False,
        }
        scene.sink.add("OpportunityContactRole", row | stamps(made, made, scene.owner))


def _roles(scene: Scene) -> list[str]:
    story, random = scene.story, scene.random
    if Flaw.NO_CONTACT in story.flaws:
        return []
    if story.furthest < QUALIFICATION:
        return [words.ROLES[0]] if random.random() < 0.4 else []
    others = [role for role in words.ROLES if role != "Executive Sponsor"]
    chosen = random.sample(others, 1 if story.furthest < NEEDS else 2)
    if story.furthest >= PROPOSAL and Flaw.NO_ECONOMIC_BUYER not in story.flaws:
        chosen[-1] = words.ECONOMIC_BUYER
    if story.furthest == NEEDS and random.random() < 0.35:
        chosen.append(words.ECONOMIC_BUYER)
    return chosen


def write_products(scene: Scene) -> float:
    """Write the line items and return what they sum to; 0 without any."""
    story, random = scene.story, scene.random
    if story.furthest < PROPOSAL or Flaw.NO_PRODUCTS in story.flaws:
        return 0
    made = morning(story.entered(PROPOSAL))
    editions = random.sample(range(3), 1)
    places = editions + random.sample(
        range(3, len(words.PRODUCTS)), random.randint(0, 1)
    )
    total = 0.0
    for sort, place in enumerate(places):
        name, code, _, price = words.PRODUCTS[place]
        quantity = random.randint(1, 4) if place < 3 else 1
        total += price * quantity
        row: Row = {
            "attributes": {"type": "OpportunityLineItem"},
            "OpportunityId": scene.deal,
            "PricebookEntryId": seeded_id("01u", place + 1),
            "Product2Id": seeded_id("01t", place + 1),
            "ProductCode": code,
            "Name": name,
            "SortOrder": sort + 1,
            "Quantity": float(quantity),
            "UnitPrice": float(price),
            "ListPrice": float(price),
            "TotalPrice": float(price * quantity),
            "Discount": None,
            "ServiceDate": None,
            "Description": None,
            "IsDeleted": False,
        }
        scene.sink.add("OpportunityLineItem", row | stamps(made, made, scene.owner))
    return total


def write_files(scene: Scene) -> None:
    """Write the contract of a deal in negotiation, signed once it is won."""
    story = scene.story
    if story.furthest < NEGOTIATION or Flaw.NO_FILE in story.flaws:
        return
    company = words.company(scene.account_number)[0]
    title = f"{company} {'contract draft' if story.is_open else 'signed order form'}"
    made = morning(story.entered(NEGOTIATION))
    system = stamps(made, made, scene.owner)
    about: Row = {"Title": title, "FileType": "PDF", "ContentSize": 184_320}
    about |= {"OwnerId": scene.owner, "IsDeleted": False}
    document = scene.sink.add(
        "ContentDocument",
        {"attributes": {"type": "ContentDocument"}, "FileExtension": "pdf"}
        | about
        | system,
    )
    version: Row = {"attributes": {"type": "ContentVersion"}, "IsLatest": True}
    version |= {"ContentDocumentId": document, "PathOnClient": f"{title}.pdf"}
    scene.sink.add("ContentVersion", version | about | system)
    link: Row = {
        "attributes": {"type": "ContentDocumentLink"},
        "LinkedEntityId": scene.deal,
        "ContentDocumentId": document,
        "ShareType": "V",
        "Visibility": "AllUsers",
        "IsDeleted": False,
        "SystemModstamp": made,
    }
    scene.sink.add("ContentDocumentLink", link)
