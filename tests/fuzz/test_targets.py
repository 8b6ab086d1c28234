"""No input breaks a door of the rule language: it is read, or refused in messages."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.targets import TARGETS, seeds, words

FOUND = Path(__file__).parent / "found"
FAST = ("check", "fix_text", "document", "layout")
WHOLE_PACKS = tuple(name for name in TARGETS if name not in FAST)


@cache
def seeds_of(name: str) -> list[bytes]:
    return seeds(TARGETS[name])


@pytest.mark.parametrize("name", TARGETS)
def test_the_example_packs_come_through_every_door(name: str) -> None:
    for seed in seeds_of(name):
        TARGETS[name].door(seed)


@pytest.mark.parametrize("name", TARGETS)
def test_what_once_broke_a_door_does_so_no_more(name: str) -> None:
    for path in sorted((FOUND / name).glob("*")):
        TARGETS[name].door(path.read_bytes())


@st.composite
def spliced(draw: st.DrawFn, name: str) -> bytes:
    """Good text in which a few lines, words or signs made room for others."""
    text = draw(st.sampled_from(seeds_of(name)))
    other = draw(st.sampled_from(seeds_of(name)))
    for _ in range(draw(st.integers(1, 4))):
        gap = draw(st.sampled_from([b"\n", b" ", b""]))
        parts = text.split(gap) if gap else [bytes([byte]) for byte in text]
        start = draw(st.integers(0, len(parts)))
        end = min(len(parts), start + draw(st.integers(0, 3)))
        parts[start:end] = draw(st.lists(_scraps(other, gap), max_size=3))
        text = gap.join(parts)
    return text


def _scraps(other: bytes, gap: bytes) -> st.SearchStrategy[bytes]:
    from_other = other.split(gap) if gap else [other[-1:]]
    known = [word.encode() for word in words()]
    return (
        st.sampled_from(from_other)
        | st.sampled_from(known)
        | st.binary(max_size=6)
        | st.text(max_size=6).map(str.encode)
    )


@pytest.mark.parametrize("name", FAST)
def test_no_splice_breaks_a_door(name: str) -> None:
    _try(name, examples=30 if name == "layout" else 100)


@pytest.mark.parametrize("name", WHOLE_PACKS)
def test_no_splice_breaks_a_pack(name: str) -> None:
    _try(name, examples=25)


def _try(name: str, examples: int) -> None:
    @settings(max_examples=examples, suppress_health_check=list(HealthCheck))
    @given(raw=spliced(name) | st.binary(max_size=200))
    def come_through(raw: bytes) -> None:
        TARGETS[name].door(raw)

    come_through()
