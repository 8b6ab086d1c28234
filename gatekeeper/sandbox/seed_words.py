"""The words of the demo org: names, companies, products and what people write down.

Pure. Everything is invented; addresses end in example.com, which nobody can own.
"""

from __future__ import annotations

from functools import lru_cache

FIRST_NAMES = (
    "Alice", "Amara", "Andrew", "Anita", "Ben", "Bianca", "Caleb", "Carmen", "Clara",
    "Daniel", "Diego", "Elena", "Emma", "Ethan", "Farah", "Felix", "Grace", "Hannah",
    "Henry", "Imani", "Isaac", "Jasmine", "Joel", "Julia", "Karim", "Kate", "Leah",
    "Liam", "Lucia", "Marcus", "Maya", "Mei", "Miriam", "Nadia", "Nathan", "Nora",
    "Oliver", "Omar", "Paula", "Peter", "Priya", "Rachel", "Rafael", "Rosa", "Ruth",
    "Samuel", "Sofia", "Simon", "Tara", "Theo", "Tobias", "Vera", "Victor", "Yara",
    "Yusuf", "Zoe", "Martin", "Helen", "Gavin", "Ines",
)  # fmt: skip
LAST_NAMES = (
    "Abbott", "Adeyemi", "Archer", "Bailey", "Barnes", "Bennett", "Blake", "Brooks",
    "Carver", "Castillo", "Chen", "Cole", "Cruz", "Dalton", "Desai", "Doyle", "Ellis",
    "Evans", "Farrell", "Fischer", "Fleming", "Foster", "Garcia", "Gibson", "Grant",
    "Hale", "Hansen", "Harper", "Hayes", "Hughes", "Iyer", "Jensen", "Kaplan",
    "Keller", "Kim", "Lambert", "Lang", "Lawson", "Lopez", "Marsh", "Mendes",
    "Mercer", "Moreau", "Nguyen", "Novak", "Okafor", "Owens", "Park", "Patel",
    "Porter", "Quinn", "Ramirez", "Reid", "Rossi", "Sato", "Shaw", "Silva", "Stone",
    "Sutton", "Tanaka", "Turner", "Vargas", "Vaughn", "Walsh", "Weber", "Young",
)  # fmt: skip
COMPANY_STEMS = (
    "Alder", "Amber", "Arbor", "Ashford", "Aurora", "Beacon", "Birch", "Blue Harbor",
    "Bramble", "Brightwater", "Calder", "Canyon", "Cedar", "Clearview", "Cobalt",
    "Copper", "Crestline", "Delta", "Eastgate", "Elmwood", "Evergreen", "Fairway",
    "Falcon", "Fernhill", "Foxglove", "Granite", "Greystone", "Hawthorn", "Highland",
    "Hollow Oak", "Ironwood", "Juniper", "Keystone", "Kingfisher", "Lakeshore",
    "Lantern", "Larkspur", "Linden", "Maple", "Meridian", "Millbrook", "Northstar",
    "Oakmont", "Orchard", "Osprey", "Pinecrest", "Pioneer", "Quarry", "Redwood",
    "Ridgeway", "Riverbend", "Rosewood", "Sable", "Sandpiper", "Silverton", "Spruce",
    "Sterling", "Summit", "Tamarack", "Thornbury", "Tidewater", "Upland", "Valley",
    "Vista", "Walnut", "Westbrook", "Whitfield", "Willow", "Windmill", "Yarrow",
)  # fmt: skip
COMPANY_TRADES = (
    ("Logistics", "Shipping"),
    ("Health", "Healthcare"),
    ("Foods", "Food & Beverage"),
    ("Energy", "Energy"),
    ("Manufacturing", "Manufacturing"),
    ("Insurance", "Insurance"),
    ("Retail Group", "Retail"),
    ("Media", "Media"),
    ("Bank", "Banking"),
    ("Engineering", "Engineering"),
    ("Pharma", "Biotechnology"),
    ("Telecom", "Telecommunications"),
    ("Hotels", "Hospitality"),
    ("Chemicals", "Chemicals"),
    ("Consulting", "Consulting"),
    ("Construction", "Construction"),
    ("Electronics", "Electronics"),
)
CITIES = (
    ("Boston", "MA"),
    ("Chicago", "IL"),
    ("Denver", "CO"),
    ("Austin", "TX"),
    ("Seattle", "WA"),
    ("Atlanta", "GA"),
    ("Portland", "OR"),
    ("Phoenix", "AZ"),
    ("Columbus", "OH"),
    ("Raleigh", "NC"),
    ("Nashville", "TN"),
    ("Minneapolis", "MN"),
)
BUYER_TITLES = (
    "VP Operations",
    "IT Director",
    "Operations Manager",
    "Chief Financial Officer",
    "Procurement Lead",
    "Head of Engineering",
)
PRODUCTS = (
    ("Platform, Team edition", "PLT-100", "Platform", 9600),
    ("Platform, Business edition", "PLT-200", "Platform", 24000),
    ("Platform, Enterprise edition", "PLT-300", "Platform", 60000),
    ("Analytics add-on", "ADD-110", "Add-ons", 7200),
    ("Integration pack", "ADD-120", "Add-ons", 5400),
    ("Onboarding package", "SRV-210", "Services", 4500),
    ("Data migration", "SRV-220", "Services", 8000),
    ("Premium support", "SRV-230", "Services", 6000),
)
PROJECTS = (
    "platform rollout",
    "analytics expansion",
    "plant pilot",
    "renewal and upgrade",
    "field operations",
    "customer portal",
    "reporting refresh",
    "shared services",
)
NEXT_STEPS = (
    "{day}: call {first} about the timeline",
    "{day}: demo with {first}'s team",
    "Send revised quote to {first} by {day}",
    "{day}: security review with IT, {first} invites",
    "{first} confirms budget on {day}",
    "Workshop with operations on {day}",
    "{day}: walk {first} through the business case",
    "Legal returns the redlines by {day}",
)
PLACEHOLDERS = ("tbd", "n/a", "follow up", "?", "-", "TBD next week")
CALL_SUBJECTS = (
    "Call: introductions",
    "Call: current process",
    "Call: timeline and next steps",
    "Call: pricing questions",
    "Call: check-in",
)
SENT_SUBJECTS = (
    "Summary of our conversation",
    "Agenda for next week",
    "Material you asked for",
    "Proposed plan and dates",
)
ANSWER_SUBJECTS = (
    "Re: Summary of our conversation",
    "Re: Agenda for next week",
    "Question from our IT team",
    "Re: Proposed plan and dates",
)
TODO_SUBJECTS = (
    "Prepare the workshop",
    "Send the case study",
    "Book the next meeting",
    "Update the mutual plan",
)
MEETINGS = (
    "Introduction meeting",
    "Discovery meeting",
    "Requirements workshop",
    "Proposal walkthrough",
    "Contract review",
)
ROLES = (
    "Business User",
    "Technical Buyer",
    "Influencer",
    "Evaluator",
    "Executive Sponsor",
)
ECONOMIC_BUYER = "Economic Buyer"
LEAD_SOURCES = ("Web", "Phone Inquiry", "Partner Referral", "Purchased List", "Other")
REGIONS = ("East", "Central", "West")


def person(number: int) -> tuple[str, str]:
    """Return the first and last name of the person with that number.

    The first few thousand differ; further ones repeat, as names do.
    """
    first = FIRST_NAMES[number * 7 % len(FIRST_NAMES)]
    last = LAST_NAMES[(number * 13 + number // len(FIRST_NAMES) * 5) % len(LAST_NAMES)]
    return first, last


@lru_cache(maxsize=64)
def company(number: int) -> tuple[str, str]:
    """Return the name and the industry of the account with that number."""
    stem = COMPANY_STEMS[number * 11 % len(COMPANY_STEMS)]
    rounds, place = divmod(number, len(COMPANY_STEMS))
    trade, industry = COMPANY_TRADES[(place * 5 + rounds) % len(COMPANY_TRADES)]
    branch = rounds // len(COMPANY_TRADES)
    if not branch:
        return f"{stem} {trade}", industry
    city = CITIES[(branch - 1) % len(CITIES)][0]
    group = (branch - 1) // len(CITIES)
    return f"{stem} {trade} {city}" + (f" {group + 1}" if group else ""), industry
