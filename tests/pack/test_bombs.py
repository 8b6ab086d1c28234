"""Files made to hurt the reader are refused quickly, and no file breaks it."""

from __future__ import annotations

import random
import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gatekeeper.errors import PackError
from gatekeeper.language.compiler.patterns import found_in
from gatekeeper.language.messages import Place
from gatekeeper.pack.files.rule_schema import RulePart
from gatekeeper.pack.files.schema import keys_of
from gatekeeper.pack.load import read_pack
from gatekeeper.pack.source.document import MOST_BYTES, read_document
from gatekeeper.pack.source.problems import framed
from tests.pack.packs import (
    PROJECT,
    RULES,
    a_draft,
    a_pack,
    messages,
    messages_of_all,
    rule,
    text,
)

ALIAS_BOMB = b"a: &a [x,x,x,x,x,x,x,x,x]\n" + b"".join(
    f"{new}: &{new} [{','.join(['*' + old] * 9)}]\n".encode()
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
MERGE_BOMB = b"a: &a {k0: 1}\n" + b"".join(
    f"{new}: &{new} {{<<: [{','.join(['*' + old] * 9)}], k{new}: 1}}\n".encode()
    for old, new in zip("abcdefghijklmno", "bcdefghijklmnop", strict=True)
)


def junk() -> bytes:
    letters = random.Random(5)  # noqa: S311  (the same junk in every run)
    return bytes(letters.choices(string.printable.encode(), k=MOST_BYTES))


@pytest.mark.promise("S08")
@pytest.mark.parametrize(
    ("bomb", "code"),
    [
        (ALIAS_BOMB, "E106"),
        (MERGE_BOMB, "E106"),
        (b"[" * 2000 + b"]" * 2000, "E112"),
        (b"{a: " * 2000 + b"1" + b"}" * 2000, "E112"),
        (b"".join(b"%s- a:\n" % (b" " * 2 * depth) for depth in range(500)), "E112"),
        (b"- " * 2000 + b"x", "E112"),
        (b"[" * MOST_BYTES, "E112"),
        (b"x" * (MOST_BYTES + 1), "E110"),
        (bytes(range(256)) * 4096, "E110"),
        (junk(), "E100"),
        (b"? " * 2000, "E112"),
        (b"!!python/object/apply:os.system [true]", "E106"),
    ],
    ids=range(12),
)
@pytest.mark.timed
def test_a_bomb_is_refused_under_a_tenth_of_a_second(bomb, code, within):
    read_document("rules/e.rules.yaml", b"a: 1")  # what is built once is built
    with within(0.1):
        document = read_document("rules/e.rules.yaml", bomb)
    assert document.root is None
    assert [problem.code for problem in document.problems] == [code]


def test_twenty_levels_are_read_and_one_more_is_not():
    assert read_document("e", b"[" * 19 + b"]" * 19).problems[0].code == "E206"
    nested = b"a: " + b"[" * 19 + b"]" * 19
    assert read_document("e", nested).problems == []
    nested = b"a: " + b"[" * 20 + b"]" * 20
    assert read_document("e", nested).problems[0].code == "E112"


def bound_of(raw: bytes) -> float:
    """Return the seconds a text may take: 0.1 and 2 per MiB (product 7)."""
    return 0.1 + 2 * len(raw) / MOST_BYTES


@pytest.mark.timed
@pytest.mark.promise("S08")
@pytest.mark.parametrize(
    "line",
    ["- a\n", "k{}: v\n", "- [a, b]\n", "k{}: {{a: b}}\n", '"k{}": "\\u0041"\n'],
)
def test_a_mebibyte_of_yaml_is_read_in_bounded_time(line, within):
    count = MOST_BYTES // (len(line) + 4)
    raw = "".join(line.format(number) for number in range(count)).encode()
    with within(bound_of(raw)):
        document = read_document("rules/e.rules.yaml", raw)
    assert {problem.code for problem in document.problems} <= {"E206", "E113"}


@pytest.mark.timed
def test_a_mebibyte_of_unknown_keys_is_read_in_bounded_time(tmp_path, within):
    keys = "".join(f"key{number}: 1\n" for number in range(29_000))
    folder = a_pack(tmp_path, project=PROJECT + keys)
    with within(bound_of((PROJECT + keys).encode())):
        found = read_pack(folder).messages
    assert found[-1] == "rules/project.yaml: and more; reading stopped at 100 mistakes."


def outcome(folder) -> tuple[str, ...]:
    """Read and compile a pack; every other exception fails the test."""
    draft = read_pack(folder)
    stopping = [each for each in draft.findings(None) if each.stops]
    if not stopping:
        return tuple(each.text for each in draft.compile(None).remarks)
    with pytest.raises(PackError) as refused:
        draft.compile(None)
    return refused.value.messages


YAML_LIKE = st.text(
    st.sampled_from([*"abc:-#'\"[]{}|>&*!%@`?,. \n\t0159$=<>()\\é“"]),
    max_size=120,
)


@given(raw=st.binary(max_size=300))
def test_any_bytes_give_a_message_or_a_pack(tmp_path_factory, raw):
    folder = a_pack(tmp_path_factory.mktemp("any"), e_rules=raw)
    outcome(folder)


@given(noise=YAML_LIKE, at=st.integers(0, len(RULES)))
def test_noise_in_a_good_file_gives_a_message_or_a_pack(tmp_path_factory, noise, at):
    noisy = RULES[:at] + noise + RULES[at:]
    folder = a_pack(tmp_path_factory.mktemp("noise"), e_rules=noisy.encode())
    outcome(folder)


@given(noise=YAML_LIKE, at=st.integers(0, len(PROJECT)))
def test_noise_in_the_project_gives_a_message_or_a_pack(tmp_path_factory, noise, at):
    noisy = PROJECT[:at] + noise + PROJECT[at:]
    folder = a_pack(tmp_path_factory.mktemp("noise"), project=noisy.encode())
    outcome(folder)


@given(noise=YAML_LIKE)
def test_every_mistake_names_a_line_that_is_there(noise):
    raw = noise.encode()
    document = read_document("rules/e.rules.yaml", raw)
    for problem in document.problems:
        assert isinstance(problem.place, Place)
        assert 1 <= problem.place.line <= len(document.source.lines) or not noise
        assert 1 <= problem.place.column <= len(problem.place.source_line) + 1
    framed(document.problems)


KEYS = st.sampled_from(
    sorted(set(keys_of(RulePart)) | {"requires", "check", "any", "escalation"})
)
SCRAPS = st.recursive(
    st.sampled_from(["", "3", "x", "3 days", "amount > 5", "[]", "{}", "2026-09-31"]),
    lambda inner: (
        st.lists(inner, max_size=3).map(lambda parts: f"[{', '.join(parts)}]")
        | st.tuples(KEYS, inner).map(lambda pair: f"{{{pair[0]}: {pair[1]}}}")
        | inner.map(lambda part: f"{{any: {part}}}")
        | inner.map(lambda part: f"{{check: {part}}}")
    ),
    max_leaves=8,
)


@given(keys=st.dictionaries(KEYS, SCRAPS, max_size=6))
def test_any_value_under_any_key_gives_a_message_or_a_pack(tmp_path_factory, keys):
    lines = [f"{key}: {value}" for key, value in keys.items()] or ["id: a"]
    body = "\n".join(f"        {line}" for line in lines)
    head = RULES.partition("      - ")[0]
    rules = head + "      -" + body[7:] + "\n"
    folder = a_pack(tmp_path_factory.mktemp("keys"), e_rules=rules)
    outcome(folder)


# ---- more than anybody writes --------------------------------------------------


def test_a_file_of_more_values_than_anybody_writes_is_refused(tmp_path):
    project = PROJECT + "".join(f"k{number}: 1\n" for number in range(40_000))
    # Two values a line, four lines before: the last that fits ends line 30,000.
    assert messages(tmp_path, project=project) == text(
        """
        rules/project.yaml:30001:1: error E113: this file holds more than 60,000 keys and values.
        30001 | k29996: 1
              | ^^^^^^
          help: divide it into several files.
        """  # noqa: E501
    )


def test_a_file_of_more_checks_than_anybody_maintains_is_refused(tmp_path):
    lines = [f"  - amount > {number}" for number in range(5_001)]
    rules = rule("id: ent-a", "title: T", "fix: F", "require:", *lines)
    assert messages(tmp_path, e_rules=rules) == text(
        """
        rules/e.rules.yaml:5011:13: error E113: this file holds more than 5,000 checks.
         5011 |           - amount > 5000
              |             ^^^^^^^^^^^^^
          help: divide it into several files.
        """
    )


def test_a_file_of_more_rules_than_anybody_maintains_is_refused(tmp_path):
    head = RULES.partition("      - ")[0]
    exits = [
        f"      - {{id: a{n}, title: T, require: b, fix: F}}\n" for n in range(600)
    ]
    entries = [each.replace("id: a", "id: b") for each in exits[:401]]
    rules = "".join([head, *exits, "    entry:\n", *entries])
    # Six lines before, 600 rules, the key of the second list, and the 401st after it.
    assert messages(tmp_path, e_rules=rules) == text(
        """
        rules/e.rules.yaml:1008:10: error E113: this file holds more than 1,000 rules.
         1008 |       - {id: b400, title: T, require: b, fix: F}
              |          ^^
          help: divide it into several files.
        """
    )


def test_a_thousand_rules_of_four_checks_and_a_condition_fit_in_one_file(tmp_path):
    head = RULES.partition("      - ")[0]
    rules = (
        f"      - {{id: a{n}, title: T, when: amount > {n}, fix: F, require:"
        f" [name is filled, amount > 1, amount > 2, amount > 3]}}\n"
        for n in range(1_000)
    )
    assert messages(tmp_path, e_rules="".join([head, *rules])) == ""


def test_a_fix_text_longer_than_any_task_is_refused(tmp_path):
    fix = "x" * 5001
    rules = rule("id: ent-a", "title: T", "require: amount > 5", f"fix: {fix}")
    shown = "        fix: " + "x" * 387  # so much of a long line is shown
    assert messages_of_all(tmp_path, e_rules=rules) == (
        "rules/e.rules.yaml:10:14: error E319: this fix text is 5001 characters long"
        " (limit 5000).\n"
        f"   10 | {shown}\n"
        f"      |              {'^' * 387}"
    )


def test_reading_stops_at_the_hundredth_mistake_of_a_file(tmp_path):
    def rules(count: int) -> str:
        head = RULES.partition("      - ")[0]
        one = "      - {id: r%d, title: T, require: amonut > 5, fix: F}\n"
        return head + "".join(one % number for number in range(count))

    few, many = rules(99), rules(900)
    assert messages_of_all(tmp_path, e_rules=few).splitlines()[-1] == (
        "rules/e.rules.yaml: and 79 more."
    )
    found = a_draft(tmp_path, e_rules=many, project=PROJECT + "crn: 1\n").findings(None)
    assert [one.code for one in found] == ["E401"] * 100 + ["E201"]
    assert framed(found)[20] == (
        "rules/e.rules.yaml: and more; reading stopped at 100 mistakes."
    )


def test_mistakes_of_one_file_do_not_hide_those_of_another(tmp_path):
    broken = RULES.partition("      - ")[0] + "      - {}\n" * 500
    other = rule("id: ent-b", "title: T", "require: amonut > 5", "fix: F")
    found = a_draft(tmp_path, e_rules=broken, f_rules=other).findings(None)
    assert [one.code for one in found if "f.rules" in one.place.path] == ["E401"]


@pytest.mark.promise("S09")
@pytest.mark.timed
def test_a_pattern_made_to_run_for_ever_runs_at_once(within):
    assert found_in("(a+)+$", "a") is True
    for pattern in ("(a+)+$", "(a|a)*b", "(.*)*x", "([a-z]+)*!", "^(a+)+b$"):
        with within(0.05):
            found_in(pattern, "a" * 100_000)
    assert found_in("^(a+)+b$", "a" * 100_000) is False


@pytest.mark.promise("S09")
def test_a_pattern_too_large_to_hold_is_refused(tmp_path):
    line = 'require: next_step matches "((a{1000}){1000}){1000}"'
    rules = rule("id: ent-a", "title: T", line, "fix: F")
    assert messages_of_all(tmp_path, e_rules=rules) == text(
        """
        rules/e.rules.yaml:9:36: error E425: the pattern cannot be read: invalid repetition size: {1000}.
            9 |         require: next_step matches "((a{1000}){1000}){1000}"
              |                                    ^^^^^^^^^^^^^^^^^^^^^^^^^
        """  # noqa: E501
    )
