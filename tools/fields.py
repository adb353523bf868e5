# ruff: noqa: INP001 (a folder of scripts is no package)
"""Writes what follows from the catalogue's dataclasses: the schema for editors, the field tables.

    python tools/fields.py

puts `catalogue.schema.json` beside channels.yaml and the tables into docs/catalogue.md. The schema
says of each value what the reader says: its type, range, length and form, and which fields there
are. What one place says about another (a trigger that stands twice, an id that leads nowhere), and
how long a short form may be, only `seller-help check` sees. An editor sees values, not how they are
written: a text `null` or an id `true` needs quotes there, and 1e-1 is a number.
"""

from __future__ import annotations

import ast
import inspect
import json
import sys
from collections.abc import Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args, get_origin

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))  # this checkout's package, not an installed one

from seller_help.catalogue import (  # noqa: E402
    FILE,
    Channel,
    Facts,
    Offering,
    OffTopic,
    Reviewed,
    Settings,
    Way,
    Words,
)
from seller_help.reading import MAX_LENGTH  # noqa: E402
from seller_help.text import ACTING  # noqa: E402

SCHEMA = ROOT / "catalogue.schema.json"
PAGE = ROOT / "docs" / "catalogue.md"
NAMES: dict[Any, str] = {
    Way: "ways",
    Offering: "offerings",
    Channel: "channels",
    Settings: "settings",
    OffTopic: "triggers",
    Words: "lists of words",
    Reviewed: "reviewed warnings",
}
PARTS = (Facts, Settings, Channel, Way, Offering, OffTopic, Words, Reviewed)


def schema() -> dict[str, Any]:
    """The JSON Schema (draft 7, which editors know best) of a catalogue."""
    # Lone surrogates cannot stand in a file, and not every reader of JSON takes them.
    refused = "".join(map(_escaped, ACTING[1:-1].replace("\ud800-\udfff", "")))
    text = f"^[^{refused}]*[^\\s{refused}][^{refused}]*$"
    definitions = {
        "text": {
            "type": ["string", "number", "boolean"],
            "maxLength": MAX_LENGTH,
            "pattern": text,
        },
        "file": {"allOf": [_ref("text"), {"pattern": f"^\\s*(?!\\s){FILE}$"}]},
        **{part.__name__: _record(part) for part in PARTS},
    }
    return {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "A catalogue of seller-help",
        **_ref("Facts"),
        "definitions": definitions,
    }


def _record(part: Any) -> dict[str, Any]:
    return {
        "type": "object",
        "description": part.__doc__.partition("\n")[0],
        "properties": {each.name: _property(each, docs(part)[each.name]) for each in fields(part)},
        "required": [each.name for each in fields(part) if _required(each)],
        "additionalProperties": False,
        "minProperties": 1,
    }


def docs(part: Any) -> dict[str, str]:
    """What the string below each field of a part says."""
    (tree,) = ast.parse(inspect.getsource(part)).body
    return {
        ast.unparse(field.target): " ".join(below.value.value.split())
        for field, below in pairwise(getattr(tree, "body", ()))
        if isinstance(field, ast.AnnAssign)
    }


def _property(field: Field[Any], doc: str) -> dict[str, Any]:
    value = _value(field.type)
    if "file" in field.metadata:
        value = {"anyOf": [_ref("file"), value]}
    found = {"description": doc, **value}
    if field.type is float:
        found["default"] = field.default
    if pattern := field.metadata.get("pattern"):
        del found["$ref"]
        form = {"type": ["string", "integer"], "minimum": 0, "pattern": f"^\\s*{pattern}\\s*$"}
        found |= {"allOf": [_ref("text"), form]}
    return found


def _value(kind: Any) -> dict[str, Any]:
    if is_dataclass(kind):
        return _ref(getattr(kind, "__name__", ""))
    if get_origin(kind) is tuple:
        return {"type": "array", "minItems": 1, "items": _value(get_args(kind)[0])}
    if get_origin(kind) is dict:
        held = {"propertyNames": _ref("text"), "additionalProperties": _value(get_args(kind)[1])}
        return {"type": "object", "minProperties": 1, **held}
    if kind is float:  # in quotes it is a text, and read as well
        quoted = {"type": "string", "pattern": r"^(0|1|1\.0+|0?\.[0-9]+)$"}
        return {"anyOf": [{"type": "number", "minimum": 0, "maximum": 1}, quoted]}
    return _ref("text")


def _ref(name: str) -> dict[str, Any]:
    return {"$ref": f"#/definitions/{name}"}


def _required(field: Field[Any]) -> bool:
    return field.default is MISSING and field.default_factory is MISSING


def _escaped(character: str) -> str:
    return character if character == "-" else f"\\u{ord(character):04x}"


def table(part: Any) -> str:
    """The fields of one part for people: name, what it holds, what it says."""
    rows = (
        f"| `{each.name}` | {_held(each)}{', required' if _required(each) else ''} "
        f"| {docs(part)[each.name]} |"
        for each in fields(part)
    )
    return "\n".join(("| field | holds | what it says |", "|---|---|---|", *rows))


def _held(field: Field[Any]) -> str:
    if field.type is float:
        return f"a number from 0 to 1; else {field.default}"
    if "pattern" in field.metadata:  # texts with a form of their own are ids
        return "a-z, 0-9 and hyphens"
    return ("a file's name, or " if "file" in field.metadata else "") + _holds(field.type)


def _holds(kind: Any) -> str:
    if get_origin(kind) is tuple:
        inner = get_args(kind)[0]
        return "a list of texts" if inner is str else f"a list of {NAMES[inner]}"
    if get_origin(kind) is dict:
        return "pairs of texts" if get_args(kind)[1] is str else "topics with lists of texts"
    return "text" if kind is str else f"its {NAMES[kind]}"


def page(text: str) -> str:
    """The page with its tables as they must be, each after the mark with its part's name."""
    for part in PARTS:
        head, mark, rest = text.partition(f"<!-- {part.__name__} -->\n")
        text = head + mark + table(part) + rest[rest.index("\n<!-- end -->") :]
    return text


def written() -> Iterator[tuple[Path, str]]:
    """Each file that this script writes, and what it must hold."""
    yield SCHEMA, json.dumps(schema(), indent=2) + "\n"
    yield PAGE, page(PAGE.read_text("utf-8"))


if __name__ == "__main__":
    for path, text in written():
        path.write_text(text, "utf-8")
