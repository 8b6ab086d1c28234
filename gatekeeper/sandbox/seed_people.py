"""Who sells, who buys and what is sold in the demo org.

Pure. Accounts and contacts are functions of their number, so that none of them has to
be kept while a hundred thousand deals are written.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from functools import lru_cache
from typing import TYPE_CHECKING

from gatekeeper.sandbox import seed_words as words
from gatekeeper.sandbox.seed_rows import Row, morning, seeded_id, stamps
from gatekeeper.sandbox.seed_story import LOST, WON

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

CONTACTS_PER_ACCOUNT = 3
HEAD = 0
"""The number of the user who leads sales; managers and then reps follow."""

_FORECASTS = {
    "Prospecting": (10, "Pipeline", "Pipeline"),
    "Qualification": (20, "Pipeline", "Pipeline"),
    "Needs Analysis": (40, "Pipeline", "Pipeline"),
    "Value Proposition": (50, "Pipeline", "Pipeline"),
    "Id. Decision Makers": (55, "Pipeline", "Pipeline"),
    "Perception Analysis": (60, "Pipeline", "Pipeline"),
    "Proposal/Price Quote": (65, "BestCase", "Best Case"),
    "Negotiation/Review": (85, "Forecast", "Commit"),
    WON: (100, "Closed", "Closed"),
    LOST: (0, "Omitted", "Omitted"),
}
PROBABILITIES = {stage: facts[0] for stage, facts in _FORECASTS.items()}
FORECASTS = {stage: facts[1:] for stage, facts in _FORECASTS.items()}


@dataclass(frozen=True, slots=True)
class Cast:
    """How many people and accounts an org of that size has.

    Users are numbered: the head of sales, the managers, the reps, and last those who
    have left the company but still own a deal.
    """

    size: int
    as_of: date

    @property
    def managers(self) -> int:
        """One manager leads four reps."""
        return self.reps // 4

    @property
    def reps(self) -> int:
        """Twelve reps, more in a large org."""
        return max(12, min(self.size // 50, 400) // 4 * 4)

    @property
    def leavers(self) -> int:
        """One of twelve has left."""
        return self.reps // 12

    @property
    def accounts(self) -> int:
        """Two deals in five are with an account of their own."""
        return max(1, self.size * 2 // 5)

    def rep(self, number: int) -> str:
        """Return the id of an active rep."""
        return user_id(1 + self.managers + number % self.reps)

    def leaver(self, number: int) -> str:
        """Return the id of a rep who has left."""
        return user_id(1 + self.managers + self.reps + number % self.leavers)

    def founded(self) -> date:
        """Return a day before anything else happened."""
        return self.as_of - timedelta(days=900)


@lru_cache(maxsize=1024)
def user_id(number: int) -> str:
    """Return the id of the user with that number."""
    return seeded_id("005", number + 1)


def account_id(number: int) -> str:
    """Return the id of the account with that number."""
    return seeded_id("001", number + 1)


def contact_id(account: int, place: int) -> str:
    """Return the id of one of an account's three contacts."""
    return seeded_id("003", account * CONTACTS_PER_ACCOUNT + place + 1)


def contact_name(account: int, place: int) -> tuple[str, str]:
    """Return the first and last name of one of an account's contacts."""
    return words.person(200 + account * CONTACTS_PER_ACCOUNT + place)


def email_address(first: str, last: str, domain: str) -> str:
    """Return the address of a person at a company."""
    return f"{first}.{last}@{_host(domain)}.example.com".lower()


@lru_cache(maxsize=64)
def _host(domain: str) -> str:
    return "".join(letter for letter in domain.lower() if letter.isalnum())


def users(cast: Cast) -> Iterator[Row]:
    """Yield the head of sales, managers, reps and those who left."""
    yield _user(cast, HEAD, "VP Sales", 0, None)
    for place in range(cast.managers):
        region = words.REGIONS[place % len(words.REGIONS)]
        yield _user(cast, 1 + place, f"Sales Manager {region}", 1, user_id(HEAD))
    first = 1 + cast.managers
    for place in range(cast.reps + cast.leavers):
        manager = user_id(1 + place % cast.managers)
        row = _user(cast, first + place, "Account Executive", 2, manager)
        yield row | {"IsActive": place < cast.reps}


def _user(cast: Cast, number: int, title: str, role: int, manager: str | None) -> Row:
    first, last = words.person(number)
    created = morning(cast.founded())
    return {
        "attributes": {"type": "User"},
        "Id": user_id(number),
        "Username": f"{first}.{last}.{number}@gatekeeper-demo.example.com".lower(),
        "FirstName": first,
        "LastName": last,
        "Name": f"{first} {last}",
        "Email": email_address(first, last, "gatekeeper demo"),
        "Alias": (first[0] + last)[:8].lower(),
        "Title": title,
        "Department": "Sales",
        "IsActive": True,
        "TimeZoneSidKey": "America/New_York",
        "LocaleSidKey": "en_US",
        "LanguageLocaleKey": "en_US",
        "UserRoleId": seeded_id("00E", role + 1),
        "UserType": "Standard",
        "ManagerId": manager,
    } | stamps(created, created, user_id(HEAD))


def roles() -> Iterator[Row]:
    """Yield the role hierarchy."""
    names = ("VP Sales", "Sales Manager", "Account Executive")
    for number, name in enumerate(names):
        yield {
            "attributes": {"type": "UserRole"},
            "Id": seeded_id("00E", number + 1),
            "Name": name,
            "DeveloperName": name.replace(" ", ""),
            "ParentRoleId": seeded_id("00E", number) if number else None,
        }


def account(random: Random, number: int, cast: Cast) -> Row:
    """Return an account."""
    name, industry = words.company(number)
    city, state = random.choice(words.CITIES)
    created = morning(cast.as_of - timedelta(days=random.randint(420, 800)))
    return {
        "attributes": {"type": "Account"},
        "Id": account_id(number),
        "Name": name,
        "Type": random.choice(("Prospect", "Prospect", "Customer - Direct")),
        "Industry": industry,
        "AnnualRevenue": random.randint(4, 900) * 1_000_000,
        "NumberOfEmployees": random.randint(4, 400) * 25,
        "BillingCity": city,
        "BillingState": state,
        "BillingCountry": "United States",
        "Phone": f"(555) 01{number % 100:02}-{number % 9000 + 1000}",
        "ParentId": None,
        "Rating": None,
        "AccountSource": None,
        "Description": None,
        "Website": f"https://www.{email_address('a', 'b', name).partition('@')[2]}",
        "OwnerId": cast.rep(number),
        "IsDeleted": False,
    } | stamps(created, created, cast.rep(number))


def contact(account: int, place: int, cast: Cast) -> Row:
    """Return one of an account's contacts."""
    first, last = contact_name(account, place)
    domain = words.company(account)[0]
    created = morning(cast.as_of - timedelta(days=400))
    titles = words.BUYER_TITLES
    return {
        "attributes": {"type": "Contact"},
        "Id": contact_id(account, place),
        "AccountId": account_id(account),
        "FirstName": first,
        "LastName": last,
        "Name": f"{first} {last}",
        "Title": titles[(account + place * 2) % len(titles)],
        "Department": None,
        "Email": email_address(first, last, domain),
        "Phone": f"(555) 02{place}-{account % 9000 + 1000}",
        "MobilePhone": None,
        "LeadSource": None,
        "Description": None,
        "OwnerId": cast.rep(account),
        "IsDeleted": False,
    } | stamps(created, created, cast.rep(account))


def stages(cast: Cast) -> Iterator[Row]:
    """Yield every stock stage; deals use five of the open ones and the closed two."""
    created = morning(cast.founded())
    for place, name in enumerate(_FORECASTS):
        category, category_name = FORECASTS[name]
        yield {
            "attributes": {"type": "OpportunityStage"},
            "Id": seeded_id("01J", place + 1),
            "MasterLabel": name,
            "ApiName": name,
            "SortOrder": place + 1,
            "IsActive": True,
            "IsClosed": name in {WON, LOST},
            "IsWon": name == WON,
            "DefaultProbability": PROBABILITIES[name],
            "ForecastCategory": category,
            "ForecastCategoryName": category_name,
        } | stamps(created, created, user_id(HEAD))


def price_book(cast: Cast) -> Iterator[tuple[str, Row]]:
    """Yield the standard price book, the products and their entries by object."""
    created = morning(cast.founded())
    system = stamps(created, created, user_id(HEAD))
    yield (
        "Pricebook2",
        {
            "attributes": {"type": "Pricebook2"},
            "Id": seeded_id("01s", 1),
            "Name": "Standard Price Book",
            "IsActive": True,
            "IsStandard": True,
            "IsDeleted": False,
        }
        | system,
    )
    for place, (name, code, family, price) in enumerate(words.PRODUCTS):
        product: Row = {
            "attributes": {"type": "Product2"},
            "Id": seeded_id("01t", place + 1),
        }
        product |= {"Name": name, "ProductCode": code, "Family": family}
        yield "Product2", product | {"IsActive": True, "IsDeleted": False} | system
        entry: Row = {"attributes": {"type": "PricebookEntry"}, "Name": name}
        entry |= {"Id": seeded_id("01u", place + 1), "UnitPrice": price}
        entry |= {"Pricebook2Id": seeded_id("01s", 1), "IsActive": True}
        entry |= {"Product2Id": product["Id"], "ProductCode": code}
        yield "PricebookEntry", entry | {"IsDeleted": False} | system


def organization(cast: Cast) -> Row:
    """Return the org itself."""
    created = morning(cast.founded())
    return {
        "attributes": {"type": "Organization"},
        "Id": seeded_id("00D", 1),
        "Name": "Gatekeeper Demo",
        "Country": "US",
        "DefaultLocaleSidKey": "en_US",
        "TimeZoneSidKey": "America/New_York",
        "LanguageLocaleKey": "en_US",
        "FiscalYearStartMonth": 1,
        "OrganizationType": "Enterprise Edition",
        "InstanceName": "DEMO1",
        "IsSandbox": True,
    } | stamps(created, created, user_id(HEAD))
