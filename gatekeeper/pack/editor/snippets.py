"""What an editor offers to paste: a whole file of each kind, and its parts.

In the form of `defaultSnippets`: `${1:text}` is a place to fill in, in that order.
"""

from __future__ import annotations

from gatekeeper.pack.source.folder import FileKind

Snippet = dict[str, object]


def _snippet(label: str, description: str, body: dict[str, object]) -> Snippet:
    return {"label": label, "description": description, "body": body}


def _file(kind: FileKind, description: str, body: dict[str, object]) -> Snippet:
    label = f"a file of kind {kind.word}"
    return _snippet(label, description, {"version": 1, "kind": kind.word, **body})


_RULE: dict[str, object] = {
    "id": "${1:ent-discovery-criteria}",
    "title": "${2:Decision criteria are recorded}",
    "require": "${3:next_step is filled}",
    "fix": "${4:Say in one sentence what the seller should do.}",
}
_WAIVER: dict[str, object] = {
    "id": "${1:w-2026-1}",
    "rule": "${2:ent-discovery-criteria}",
    "deals": ["${3:006Hs00001ABCdE}"],
    "reason": "${4:Why the deal may go on without it.}",
    "requested_by": "${5:rep@example.com}",
    "approved_by": "${6:revops@example.com}",
    "approved_on": "${7:2026-11-03}",
    "expires": "${8:2026-12-31}",
}
_CASE: dict[str, object] = {
    "name": "${1:a deal with everything breaks nothing}",
    "deal": "${2:complete}",
    "expect": {"violations": []},
}

OF_FILES: dict[FileKind, Snippet] = {
    FileKind.PROJECT: _file(
        FileKind.PROJECT,
        "Time zone, business days, currency and the mode ceiling",
        {
            "crm": "salesforce",
            "timezone": "${1:America/New_York}",
            "business_calendar": {"country": "${2:US}"},
            "currency": "${3:USD}",
            "mode_ceiling": "observe",
        },
    ),
    FileKind.FIELDS: _file(
        FileKind.FIELDS,
        "Names for your own fields of the CRM",
        {
            "deal": {
                "${1:decision_criteria}": {
                    "type": "text",
                    "salesforce": "${2:Decision_Criteria__c}",
                }
            }
        },
    ),
    FileKind.PEOPLE: _file(
        FileKind.PEOPLE,
        "Roles, and where to look for the person",
        {
            "fallback": "${1:revops@example.com}",
            "roles": {"${2:deal_desk}": [{"address": "${3:deal-desk@example.com}"}]},
        },
    ),
    FileKind.RULES: _file(
        FileKind.RULES,
        "Exit criteria by stage",
        {
            "pipeline": "*",
            "defaults": {
                "maintainer": "${5:revops@example.com}",
                "mode": "observe",
                "grace": "3 business days",
            },
            "stages": {"${6:Discovery}": {"exit": [_RULE]}},
        },
    ),
    FileKind.DEFS: _file(
        FileKind.DEFS,
        "Numbers and conditions that rules share",
        {
            "params": {"${1:big_deal}": {"type": "money", "value": "${2:250_000}"}},
            "define": {"is_${1:big_deal}": "amount >= $${1:big_deal}"},
        },
    ),
    FileKind.OVERLAY: _file(
        FileKind.OVERLAY,
        "What is different for a team, a territory or a pipeline",
        {
            "for": {"team": ["${1:EMEA}"]},
            "rules": {"${2:ent-discovery-criteria}": {"mode": "${3:warn}"}},
        },
    ),
    FileKind.WAIVERS: _file(
        FileKind.WAIVERS,
        "Exceptions with a reason, an approver and a last day",
        {
            "policy": {
                "max_duration": "90 days",
                "approvers": {"*": ["${6:revops@example.com}"]},
            },
            "waivers": [_WAIVER],
        },
    ),
    FileKind.TEST: _file(
        FileKind.TEST,
        "Deals whose answers are known",
        {
            "as_of": "${3:2026-11-20 09:00}",
            "deals": {"${2:complete}": {"stage": "${4:Discovery}"}},
            "cases": [_CASE],
        },
    ),
}
"""A file to begin with, by its kind."""

OF_PARTS: dict[str, list[Snippet]] = {
    "rule": [
        _snippet("rule", "A rule with one check", _RULE),
        _snippet(
            "rule with a list",
            "All of several checks",
            {
                **_RULE,
                "require": ["${3:some quotes}", "${5:some line_items}"],
            },
        ),
        _snippet(
            "rule with any",
            "One of several checks is enough",
            {
                **_RULE,
                "require": {"any": ["${3:some meetings}", "${5:some files}"]},
            },
        ),
    ],
    "line": [
        _snippet(
            "check with its own fix",
            "A check that says by itself what to do",
            {"check": "${1:some files}", "fix": "${2:Attach the offer.}"},
        )
    ],
    "param": [
        _snippet(
            "one value",
            "A number people argue about",
            {"type": "money", "value": "${1:50_000}"},
        ),
        _snippet(
            "by segment",
            "A value chosen by a field",
            {
                "type": "duration",
                "by": "${1:type}",
                "values": {"${2:New Business}": "${3:45 days}"},
                "else": "${4:30 days}",
            },
        ),
    ],
    "field": [
        _snippet(
            "field",
            "A field of the CRM",
            {"type": "${1:text}", "salesforce": "${2:Decision_Criteria__c}"},
        )
    ],
    "waiver": [
        _snippet("waiver of named deals", "Some deals, until a day", _WAIVER),
        _snippet(
            "waiver by condition",
            "Deals of which a check is true, a bounded number",
            {
                **{key: value for key, value in _WAIVER.items() if key != "deals"},
                "deals_where": '${3:lead_source = "Partner"}',
                "max_deals": 25,
            },
        ),
    ],
    "case": [
        _snippet("case", "A deal and what the rules answer", _CASE),
        _snippet(
            "case with a change",
            "A deal with something missing",
            {
                **_CASE,
                "change": {"${3:next_step}": "~"},
                "expect": {"violations": ["${4:ent-discovery-criteria}"]},
            },
        ),
    ],
}
"""Parts to begin with, by the name of their definition."""
