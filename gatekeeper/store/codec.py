"""Values to JSON text and back, exactly: what is read equals what was written.

Pure. Moments come back in UTC; a mapping comes back as a dict.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping  # noqa: TC003  (msgspec reads the hints)
from dataclasses import dataclass

import msgspec

from gatekeeper.core.catalogue import CrmSchema
from gatekeeper.core.digest.values import Moving
from gatekeeper.core.model import Change, Dossier, Violation

_encoder = msgspec.json.Encoder()
_canonical = msgspec.json.Encoder(order="sorted")
_violation = msgspec.json.Decoder(Violation)
_change = msgspec.json.Decoder(Change)
_dossier = msgspec.json.Decoder(Dossier)
_moving = msgspec.json.Decoder(Moving)
_schema = msgspec.json.Decoder(CrmSchema)
_words = msgspec.json.Decoder(list[str])
_texts = msgspec.json.Decoder(dict[str, str])
_scalars = msgspec.json.Decoder(dict[str, str | int | None])
_tree = msgspec.json.Decoder(dict[str, object])


@dataclass(frozen=True, slots=True)
class _Owing:
    """The one part of a dossier that new lines need."""

    people: Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class _Owed:
    """The one part of a violation that new lines need."""

    role: str


_owing = msgspec.json.Decoder(_Owing)
_owed = msgspec.json.Decoder(_Owed)


def text_of(value: object) -> str:
    """Return the JSON of one of our values."""
    return _encoder.encode(value).decode()


def canonical_text(value: object) -> str:
    """Return the JSON with sorted names, so that equal values give equal text."""
    return _canonical.encode(value).decode()


def digest_of(text: str) -> str:
    """Return the SHA-256 of a text, in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def violation_from(text: str) -> Violation:
    """Read back a violation."""
    return _violation.decode(text)


def change_from(text: str) -> Change:
    """Read back a change."""
    return _change.decode(text)


def dossier_from(text: str) -> Dossier:
    """Read back a dossier."""
    return _dossier.decode(text)


def moving_from(text: str) -> Moving:
    """Read back what is told of a deal that may close soon."""
    return _moving.decode(text)


def people_from(text: str) -> Mapping[str, str | None]:
    """Read only the people of a dossier's text."""
    return _owing.decode(text).people


def role_from(text: str) -> str:
    """Read only the role of a violation's text."""
    return _owed.decode(text).role


def schema_from(text: str) -> CrmSchema:
    """Read back the CRM's description."""
    return _schema.decode(text)


def words_from(text: str) -> list[str]:
    """Read back a list of texts."""
    return _words.decode(text)


def texts_from(text: str) -> dict[str, str]:
    """Read back a mapping of texts, in the order it was written."""
    return _texts.decode(text)


def scalars_from(text: str) -> dict[str, str | int | None]:
    """Read back a mapping of plain values."""
    return _scalars.decode(text)


def tree_from(text: str) -> dict[str, object]:
    """Read back any JSON mapping, such as a run's report."""
    return _tree.decode(text)
