"""A fresh org: what Salesforce itself puts there before anybody works in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gatekeeper.sandbox.salesforce.auth import ConnectedApp
from gatekeeper.sandbox.salesforce.ids import full_id, stamp
from gatekeeper.sandbox.salesforce.org import Org
from gatekeeper.sandbox.state import Row

if TYPE_CHECKING:
    from gatekeeper.sandbox.clock import Clock

CLIENT_ID = "gatekeeper-sandbox"
CLIENT_SECRET = "sandbox-only-secret"  # noqa: S105 - opens nothing but this sandbox
ORG_ID = full_id("00DSb0000000001")
INTEGRATION_USER = full_id("005Sb0000000000")
INTEGRATION_PROFILE = full_id("00eSb0000000000")
_STAGES = (
    ("Prospecting", 10, "Pipeline"),
    ("Qualification", 10, "Pipeline"),
    ("Needs Analysis", 20, "Pipeline"),
    ("Value Proposition", 50, "Pipeline"),
    ("Id. Decision Makers", 60, "Pipeline"),
    ("Perception Analysis", 70, "Pipeline"),
    ("Proposal/Price Quote", 75, "Pipeline"),
    ("Negotiation/Review", 90, "Pipeline"),
    ("Closed Won", 100, "Closed"),
    ("Closed Lost", 0, "Omitted"),
)
_CATEGORIES = {"Pipeline": "Pipeline", "Closed": "Closed", "Omitted": "Omitted"}
_STATUSES = (
    ("Not Started", True, False),
    ("In Progress", False, False),
    ("Completed", False, True),
    ("Waiting on someone else", False, False),
    ("Deferred", False, False),
)
_PRIORITIES = (("High", False, True), ("Normal", True, False), ("Low", False, False))
_PREFERENCES = {
    "PreferencesRequireOpportunityProducts": False,
    "PreferencesTransactionSecurityPolicy": False,
    "PreferencesTerminateOldestSession": False,
    "PreferencesConsentManagementEnabled": True,
    "PreferencesAutoSelectIndividualOnMerge": False,
    "PreferencesLightningLoginEnabled": True,
    "PreferencesOnlyLLPermUserAllowed": False,
    "ReceivesInfoEmails": True,
    "ReceivesAdminInfoEmails": True,
    "UsesStartDateAsFiscalYearName": False,
    "IsReadOnly": False,
    "IsSandbox": True,
}
_ACCESS = {
    "DefaultAccountAccess": "Edit",
    "DefaultContactAccess": "ControlledByParent",
    "DefaultOpportunityAccess": "Edit",
    "DefaultLeadAccess": "ReadEditTransfer",
    "DefaultCaseAccess": "ReadEditTransfer",
    "DefaultCalendarAccess": "HideDetailsInsert",
    "DefaultPricebookAccess": "ReadSelect",
    "DefaultCampaignAccess": "All",
}


def stock_org(clock: Clock | None = None) -> Org:
    """Return an org without deals: stages, statuses, one integration user, one app."""
    org = Org(clock)
    org.org_id = ORG_ID
    _add_people(org)
    _add_organization(org)
    _add_choices(org)
    add_stages(org, _STAGES)
    org.logins.register(ConnectedApp(CLIENT_ID, CLIENT_SECRET, INTEGRATION_USER))
    return org


def stamps(org: Org) -> dict[str, object]:
    """Return the system fields of a record that is made now by the system."""
    now = stamp(org.now())
    return {
        "CreatedDate": now,
        "CreatedById": INTEGRATION_USER,
        "LastModifiedDate": now,
        "LastModifiedById": INTEGRATION_USER,
        "SystemModstamp": now,
    }


def add_stages(org: Org, stages: tuple[tuple[str, int, str], ...]) -> None:
    """Add stages in their order: name, default probability, forecast category."""
    for order, (name, probability, category) in enumerate(stages, start=1):
        row = Row(
            Id=org.new_id("01J"),
            MasterLabel=name,
            ApiName=name,
            IsActive=True,
            SortOrder=order,
            IsClosed=category != "Pipeline",
            IsWon=category == "Closed",
            ForecastCategory=_CATEGORIES[category],
            ForecastCategoryName=category,
            DefaultProbability=float(probability),
            **stamps(org),
        )
        org.put("OpportunityStage", row)


def _add_people(org: Org) -> None:
    profile = Row(
        Id=INTEGRATION_PROFILE,
        Name="Salesforce API Only System Integrations",
        UserType="Standard",
        **stamps(org),
    )
    org.put("Profile", profile)
    user = Row(
        Id=INTEGRATION_USER,
        Username="integration@sandbox.example",
        LastName="Integration",
        FirstName="System",
        Name="System Integration",
        Email="integration@sandbox.example",
        Alias="integ",
        IsActive=True,
        TimeZoneSidKey="GMT",
        LocaleSidKey="en_US",
        LanguageLocaleKey="en_US",
        ProfileId=INTEGRATION_PROFILE,
        UserType="Standard",
        **stamps(org),
    )
    org.put("User", user)


def _add_organization(org: Org) -> None:
    row = Row(
        Id=ORG_ID,
        Name="Gatekeeper Sandbox",
        Country="US",
        PrimaryContact="System Integration",
        DefaultLocaleSidKey="en_US",
        TimeZoneSidKey="GMT",
        LanguageLocaleKey="en_US",
        FiscalYearStartMonth=1,
        UiSkin="Theme3",
        SignupCountryIsoCode="US",
        NumKnowledgeService=0,
        OrganizationType="Developer Edition",
        InstanceName="SBX1",
        WebToCaseDefaultOrigin="Web",
        MonthlyPageViewsUsed=0,
        MonthlyPageViewsEntitlement=0,
        **_PREFERENCES,
        **_ACCESS,
        **stamps(org),
    )
    org.put("Organization", row)


def _add_choices(org: Org) -> None:
    for order, (name, is_default, is_closed) in enumerate(_STATUSES, start=1):
        _add_choice(org, "TaskStatus", order, name, is_default, IsClosed=is_closed)
    for order, (name, is_default, is_high) in enumerate(_PRIORITIES, start=1):
        _add_choice(
            org, "TaskPriority", order, name, is_default, IsHighPriority=is_high
        )


def _add_choice(
    org: Org, kind: str, order: int, name: str, is_default: object, **mark: object
) -> None:
    row = Row(
        Id=org.new_id(org.kinds[kind].key_prefix),
        MasterLabel=name,
        ApiName=name,
        SortOrder=order,
        IsDefault=is_default,
        **mark,
        **stamps(org),
    )
    org.put(kind, row)
