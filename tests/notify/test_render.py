"""What managers read: small, whole without pictures, harmless, and legible."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from html.parser import HTMLParser
from zoneinfo import ZoneInfo

import pytest

from gatekeeper.core.digest.recipients import Audience
from gatekeeper.core.digest.rules import RulesDigest
from gatekeeper.core.digest.values import Criterion, Trend
from gatekeeper.core.model import Person
from gatekeeper.core.pack import Deprecation
from gatekeeper.notify.render import LARGEST_HTML, only_to, render
from tests.notify.digests import (
    HOST,
    a_full_digest,
    a_section,
    a_truth,
    an_empty_digest,
    url_of,
)

HARM = [
    "<script>alert(1)</script>",
    '"><img src=x onerror=alert(1)>',
    "</td></table><h1>Pay here</h1>",
    "javascript:alert(1)",
    "{{ 7 * 7 }} {% raw %} ${7*7}",
    "<a href='https://evil.example'>Acme</a>",
    "Acme\r\nBcc: all@acme.example",
    "\u202egro.live\u202c",
    "<style>*{display:none}</style>",
    "$\\frac{1}{0}$",
]


class Page(HTMLParser):
    """The elements, attributes and words of a page."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[str] = []
        self.attributes: list[tuple[str, str]] = []
        self.words: list[str] = []
        self._in_head = False
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append(tag)
        self.attributes += [(name, value or "") for name, value in attrs]
        self._in_head = self._in_head or tag == "head"

    def handle_endtag(self, tag: str) -> None:
        self._in_head = self._in_head and tag != "head"

    def handle_data(self, data: str) -> None:
        if not self._in_head:
            self.words.append(data)

    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def rendered(digest=None):
    return render(digest or a_full_digest(), url_of, HOST, UTC)


def test_the_page_and_the_text_say_the_same() -> None:
    mail = rendered()
    said = set(re.findall(r"[\w,.%@]+", Page(mail.html).text()))
    # The text has its links in the open, the page has them behind the names.
    plain = re.sub(r"https://\S+", "", mail.text)

    assert said == set(re.findall(r"[\w,.%@]+", plain)) - {"_"}


@pytest.mark.parametrize(
    "part",
    [
        "Please look at",
        "What is missing, by criterion",
        "Only observed",
        "New",
        "Open for more than two weeks",
        "Fixed",
        "Waivers that end within a week",
        "Expected to close within two weeks",
        "Where a colleague differs from the peers",
        "By stage, week by week",
    ],
)
def test_every_part_has_its_title(part: str) -> None:
    assert f"\n{part}\n{'-' * len(part)}\n" in rendered().text


@pytest.mark.parametrize(
    ("zone", "day"), [("America/New_York", "20 Nov"), ("Asia/Tokyo", "21 Nov")]
)
def test_subject_and_title_name_the_day_where_the_reader_is(
    zone: str, day: str
) -> None:
    """Three in the morning of 21 November in Greenwich."""
    late = datetime(2026, 11, 21, 3, tzinfo=UTC)
    digest = replace(a_full_digest(), as_of=late)
    rules = RulesDigest(replace(an_empty_digest(), as_of=late), ())

    for each in (digest, rules):
        mail = render(each, url_of, HOST, ZoneInfo(zone))

        assert f" {day} 2026: " in mail.subject
        assert mail.text.split("\n")[0].endswith(f", {day} 2026")


def test_too_few_deals_are_said_to_be_too_few() -> None:
    assert "* Cal Rep: 4 open deals\n  Too few deals to compare." in rendered().text


def test_an_empty_digest_is_one_line_and_its_footer() -> None:
    mail = rendered(an_empty_digest())

    assert mail.text.split("\n\n")[1] == (
        "Nothing is missing on the 34 open deals of your team."
    )
    assert mail.chart == b""
    assert "<img" not in mail.html


@pytest.mark.parametrize(
    ("whole", "ending"),
    [(True, "found 31 things."), (False, "31 things. Not everything could be seen.")],
)
def test_what_is_only_observed_is_neither_an_all_clear_nor_asked_for(
    *, whole: bool, ending: str
) -> None:
    observed = Criterion("d", "A next meeting is planned", True, 31, 0, 0)
    digest = replace(an_empty_digest(is_complete=whole), criteria=(observed,))

    mail = rendered(digest)

    lead = " ".join(mail.text.split("\n\n")[1].split("\n")[0].split())
    assert "Nothing is missing" not in mail.text
    assert lead.startswith("Nobody is asked for anything on the 34 open deals of your")
    assert lead.endswith(ending)
    assert "31 observed, nobody is asked" in mail.subject


@pytest.mark.promise("F32")
def test_a_late_digest_says_so_and_names_the_days_without_one() -> None:
    one = rendered(an_empty_digest(is_late=True, days_without=(date(2026, 11, 19),)))
    assert "This digest is late: it could not be sent earlier." in one.text
    assert "There was none on 19 Nov 2026; this one covers it." in one.html

    week = tuple(date(2026, 11, day) for day in range(12, 19))
    many = rendered(an_empty_digest(days_without=week)).text
    assert "14 Nov 2026, 15 Nov 2026" in many
    assert "18 Nov 2026 and 2 days before; this one covers it." in many
    assert "late" not in rendered(an_empty_digest()).text


@pytest.mark.promise("D2")
@pytest.mark.parametrize(
    "truth",
    [
        {"is_complete": False, "problems": ("Page 3 of 9 did not come.",)},
        {"cannot_tell": 2},
        {"held": ("60 tasks are planned, 20 are allowed.",)},
    ],
    ids=["partial", "cannot tell", "held"],
)
def test_partial_knowledge_is_never_an_all_clear(truth: dict[str, object]) -> None:
    mail = rendered(an_empty_digest(**truth))

    assert "Nothing is missing" not in mail.text
    assert "this is no all-clear" in mail.text
    assert re.search("^! ", mail.text, re.MULTILINE)


def test_the_footer_says_when_how_complete_and_by_which_rules() -> None:
    digest = replace(
        a_full_digest(), truth=a_truth(cannot_tell=3, rules_before="3f2a001")
    )

    footer = rendered(digest).text.split("\n\n\n")[-1]

    assert footer == (
        "The lists above are shortened. All of it: gatekeeper violations --manager"
        " bea@acme.example --all\n"
        "As the CRM stood on 20 Nov 2026 at 22:00 UTC (run r-20261120-0007, complete"
        " reading, held: 0, cannot tell: 3).\n"
        "Changes are counted since 19 Nov 2026.\n"
        "The rules changed: 3f2a001 before, 9bc1f02 now.\n"
    )


def test_whoever_keeps_a_digest_can_hold_the_audit_chain_against_it() -> None:
    head = "0123456789abcdef" * 4

    mail = rendered(an_empty_digest(audit_head=head))

    assert mail.text.endswith(f"Head of the audit chain: {head}.\n")


def test_the_footer_names_rules_that_are_on_their_way_out() -> None:
    since = date(2026, 11, 1)
    leaving = {
        "a": Deprecation(since, "b", date(2027, 2, 1)),
        "c": Deprecation(since),
        "d": Deprecation(since, "b"),
        "e": Deprecation(since),
    }
    digest = replace(a_full_digest(), truth=a_truth(leaving=leaving))

    footer = rendered(digest).text.split("\n\n\n")[-1]

    assert footer.endswith(
        "a is deprecated and still runs until 1 Feb 2027; b replaces it.\n"
        "c is deprecated and still runs.\n"
        "d is deprecated and still runs; b replaces it.\n"
        "and 1 more of these\n"
    )


def test_the_same_digest_gives_the_same_bytes() -> None:
    assert rendered() == rendered()


def test_the_page_asks_nothing_of_the_network() -> None:
    page = Page(rendered().html)

    loaded = [value for name, value in page.attributes if name in ("src", "background")]
    assert loaded == ["cid:trend"]
    assert not {"script", "link", "iframe", "form", "object"} & set(page.tags)
    assert "@import" not in rendered().html
    assert "url(" not in rendered().html


@pytest.mark.promise("S12")
@pytest.mark.parametrize("name", HARM)
def test_hostile_names_change_nothing_but_words(name: str) -> None:
    harmless = Page(rendered(a_full_digest("Acme")).html)
    hostile = Page(rendered(a_full_digest(name)).html)

    assert hostile.tags == harmless.tags
    assert hostile.attributes == harmless.attributes


@pytest.mark.promise("S12")
@pytest.mark.parametrize(
    "url",
    [
        "javascript:alert(1)",
        "http://acme.my.salesforce.com/006",
        "https://acme.my.salesforce.com.evil.example/006",
        "https://acme.my.salesforce.com@evil.example/006",
        "https://acme.my.salesforce.com:8443/006",
        "https://acme.my.salesforce.com\\@evil.example/006",
        "//evil.example/006",
        "https://acme.my.salesforce.com/006\r\nX: y",
        "https://[acme/006",
    ],
)
def test_a_link_leads_to_the_org_by_https_or_nowhere(url: str) -> None:
    assert only_to(HOST, lambda _deal: url)("006") == ""


def test_a_link_to_the_org_is_kept() -> None:
    assert only_to(HOST, url_of)("006A") == url_of("006A")


def test_an_org_without_https_gets_no_links() -> None:
    local = "http://127.0.0.1:8000/006"

    assert only_to("http://127.0.0.1:8000", lambda _deal: local)("006") == ""


@pytest.mark.parametrize("name", ["&" * 500, "\N{GRINNING FACE}" * 500, "<b>" * 200])
def test_the_page_stays_below_ninety_kilobytes(name: str) -> None:
    digest = a_full_digest(name)
    criteria = tuple(
        Criterion(f"r{number}", name, False, 200 - number, 1, 1)
        for number in range(100)
    )
    much = replace(
        digest,
        criteria=criteria,
        reps=digest.reps * 20,
        moving=digest.moving * 50,
        waivers=digest.waivers * 3,
    )

    assert len(rendered(much).html.encode()) <= LARGEST_HTML


STAGES = 400


@pytest.mark.promise("F34")
def test_what_was_left_out_is_counted_and_where_it_all_is_is_said() -> None:
    """Twelve new deals, of which three fit; four hundred stages, of which nine fit."""
    long, weeks = "&" * 500, a_full_digest().trend.weeks
    stages = {f"Stage {number}": (1,) * len(weeks) for number in range(STAGES)}
    digest = replace(
        a_full_digest(long),
        new=a_section(12, long),
        trend=Trend(weeks, stages),
        who=Person("005b", "Bea", "bea@acme.example"),
    )

    page, text = rendered(digest).html, rendered(digest).text

    assert len(page.encode()) <= LARGEST_HTML
    for said in (
        f"and {12 - shown(text, 'New')} deals more",
        f"and {STAGES - shown(text, 'By stage, week by week')} stages more",
        "The lists above are shortened. All of it: gatekeeper violations --manager"
        " bea@acme.example --all",
    ):
        assert said in text
        assert said in page


def shown(text: str, title: str) -> int:
    """Count the entries of a list in a plain text."""
    part = text.partition(f"\n{title}\n---")[2].partition("\n\n\n")[0]
    return part.count("\n* ")


def test_a_letter_that_has_it_all_sends_nobody_elsewhere() -> None:
    digest = replace(
        a_full_digest(), new=a_section(1), ageing=a_section(1), fixed=a_section(1)
    )

    assert "deals more" not in rendered(digest).text
    assert "shortened" not in rendered(digest).text


@pytest.mark.promise("S12")
def test_an_address_that_says_more_stands_in_no_command() -> None:
    digest = replace(
        a_full_digest(),
        new=a_section(40),
        who=Person("005b", "Bea", "$(rm -rf)@acme.example"),
    )

    text = rendered(digest).text

    assert "gatekeeper violations --manager 005b --all" in text
    assert "$(" not in text


# ---- legible -----------------------------------------------------------------------

PAPER = {"foot": "foot", "warn": "warn"}
"""Classes with a ground of their own; all other words stand on the card."""

WORDS = ("card", "h1", "h2", "a", "label", "quiet", "line", "value", "name", "warn")


def luminance(colour: str) -> float:
    """Relative luminance, by WCAG 2.1."""
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [
        part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4
        for part in parts
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(one: str, other: str) -> float:
    light, dark = sorted([luminance(one), luminance(other)], reverse=True)
    return (light + 0.05) / (dark + 0.05)


def light_colours(html: str) -> list[tuple[str, str]]:
    """Pair each element's colour of words with the ground it stands on."""
    pairs: list[tuple[str, str]] = []

    class Walk(HTMLParser):
        def __init__(self) -> None:
            super().__init__()
            self.stack: list[tuple[str, str, str]] = [("", "#000000", "#ffffff")]

        def handle_starttag(
            self, tag: str, attrs: list[tuple[str, str | None]]
        ) -> None:
            style = dict(attrs).get("style") or ""
            _, colour, ground = self.stack[-1]
            found = re.search(r"(?<![-\w])color:\s*(#\w{6})", style)
            under = re.search(r"(?<![-\w])background:\s*(#\w{6})", style)
            colour = found[1] if found else colour
            ground = under[1] if under else ground
            if tag not in ("meta", "img", "br"):
                self.stack.append((tag, colour, ground))

        def handle_endtag(self, tag: str) -> None:
            while self.stack.pop()[0] != tag:
                pass

        def handle_data(self, data: str) -> None:
            if data.strip() and self.stack[-1][0] not in ("style", "title"):
                pairs.append(self.stack[-1][1:])

    Walk().feed(html)
    return pairs


def dark_rules(html: str) -> dict[str, dict[str, str]]:
    """Colours that the dark mode gives to each selector."""
    block = html[html.index("(prefers-color-scheme: dark)") :]
    block = block[: block.index("@media")] if "@media" in block else block
    rules: dict[str, dict[str, str]] = {}
    for selectors, body in re.findall(r"([^{}]+)\{([^{}]*)\}", block.partition("{")[2]):
        found = dict(re.findall(r"(background|color):\s*(#\w{6})\s*!important", body))
        for selector in selectors.split(","):
            rules.setdefault(selector.strip().lstrip("."), {}).update(found)
    return rules


def partial_digest():
    return replace(
        a_full_digest(), truth=a_truth(is_complete=False, rules_before="3f2a001")
    )


def test_words_stand_out_from_their_ground_in_the_light() -> None:
    pairs = light_colours(rendered(partial_digest()).html)

    assert len(set(pairs)) >= 4
    assert min(contrast(*pair) for pair in pairs) >= 4.5


def test_words_stand_out_from_their_ground_in_the_dark() -> None:
    rules = dark_rules(rendered(partial_digest()).html)

    for name in WORDS:
        ground = rules["warn" if name == "warn" else "card"]["background"]
        assert contrast(rules[name]["color"], ground) >= 4.5, name
    assert contrast(rules["foot"]["color"], rules["foot"]["background"]) >= 4.5


def test_every_colour_of_words_has_one_for_the_dark() -> None:
    html = rendered(partial_digest()).html
    page = re.sub(r"<style.*?</style>", "", html, flags=re.DOTALL)
    rules = dark_rules(html)

    coloured = re.findall(r'<(\w+)(?: class="([\w ]+)")?[^>]*?style="([^"]*)"', page)
    for tag, classes, style in coloured:
        if re.search(r"(?<![-\w])color:", style):
            names = {tag, *classes.split()}
            assert any("color" in rules.get(name, {}) for name in names), (tag, classes)


def test_old_weeks_do_not_make_the_picture_differ() -> None:
    digest = a_full_digest()
    later = replace(digest, as_of=digest.as_of + timedelta(hours=1))

    assert rendered(later).chart == rendered(digest).chart
    assert rendered(digest).chart.startswith(b"\x89PNG")


def test_a_single_week_is_no_trend() -> None:
    one = replace(a_full_digest().trend, stages={"Discovery": (None,) * 7 + (5,)})
    two = replace(one, stages={"Discovery": (None,) * 6 + (4, 5)})

    first = rendered(replace(a_full_digest(), trend=one))
    second = rendered(replace(a_full_digest(), trend=two))

    assert ("week by week" in first.text, first.chart) == (False, b"")
    assert "Discovery\n  - · - · - · - · - · - · 4 · 5" in second.text
    assert second.chart.startswith(b"\x89PNG")


@pytest.mark.parametrize(
    ("audience", "title", "lead"),
    [
        (
            Audience.MANAGER,
            "Your team's deals, 20 Nov 2026",
            "12 deals of your team lack",
        ),
        (Audience.OWNER, "Your deals, 20 Nov 2026", "12 deals of yours lack something"),
        (Audience.LEADERSHIP, "All deals, 20 Nov 2026", "12 deals lack something"),
    ],
)
def test_a_digest_says_whose_deals_it_is_about(
    audience: Audience, title: str, lead: str
) -> None:
    text = rendered(a_full_digest(audience=audience)).text

    assert text.startswith(f"{title}\n\n{lead}")
