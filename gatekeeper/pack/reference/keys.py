"""Every key of every file as the reference tells it: what it takes and means. Pure.

Read from the schemas that editors get, which are made from the models that read the
files.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from gatekeeper.pack.editor.schema import FILES, PARTS, editor_schemas

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from gatekeeper.pack.editor.shapes import Schema


@dataclass(frozen=True, slots=True)
class KeyAbout:
    """What a reader is told of one key.

    Attributes:
        takes: Markdown.
        default: Markdown; "" where leaving it out means nothing in particular.
    """

    name: str
    takes: str
    default: str
    meaning: str


Section = tuple[str, list[KeyAbout]]


def sections() -> Iterator[Section]:
    """Give the keys of each kind of file, then of each part of files."""
    schemas = editor_schemas()
    parts: dict[str, Schema] = {}
    for schema in schemas.values():
        parts |= cast("dict[str, Schema]", schema["definitions"])
    for kind in FILES:
        named = kind.value[1]
        title = f"`*{named}`" if named.startswith(".") else f"`{named}`"
        yield title, _keys(schemas[f"{kind.word}.json"], parts)
    for name in (*PARTS, "escalation"):
        if name in parts:
            title = str(parts[name].get("title"))
            yield title[:1].upper() + title[1:], _keys(parts[name], parts)


def _keys(schema: Schema, parts: Mapping[str, Schema]) -> list[KeyAbout]:
    properties = cast("dict[str, Schema]", schema["properties"])
    required = cast("list[str]", schema["required"])
    return [
        KeyAbout(
            key,
            _takes(shape, parts),
            "required" if key in required else _default(shape),
            str(shape.get("description", "")),
        )
        for key, shape in properties.items()
    ]


def _default(shape: Schema) -> str:
    match shape.get("default"):
        case None:
            return ""
        case bool() as value:
            return f"`{str(value).lower()}`"
        case value:
            return f"`{value}`"


def _takes(shape: Schema, parts: Mapping[str, Schema]) -> str:
    """Say in words what a shape takes; a part of a file is a link to its section."""
    match shape:
        case {"$ref": str(reference)}:
            name = reference.rpartition("/")[2]
            title = str(parts[name]["title"])
            anchor = title.lower().replace(" ", "-")
            return f"[{title}](#{anchor})" if name in PARTS else title
        case {"title": str(title)}:
            return title
        case {"const": value}:
            return f"`{value}`"
        case {"enum": list(words)}:
            return ", ".join(f"`{word}`" for word in words)
    return _holds(shape, parts)


def _holds(shape: Mapping[str, object], parts: Mapping[str, Schema]) -> str:
    """Say what a shape without a name of its own is made of."""
    match shape:
        case {"allOf": [dict(inner)]}:
            return _takes(inner, parts)
        case {"anyOf": [dict(one), {"type": "array"}]}:
            return f"{_takes(one, parts)}, or a list"
        case {"type": "array", "items": dict(inner)}:
            return f"list: {_takes(inner, parts)}"
        case {"additionalProperties": dict(inner)}:
            return f"by name: {_takes(inner, parts)}"
    raise AssertionError(shape)
