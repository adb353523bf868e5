"""The files of a catalogue become one text, in their owner's own words: comments and order stay."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import yaml

from .loading import read_catalogue
from .reading import MAX_BYTES, decoded, read_bytes

_SCHEMA = re.compile(r"(?<=^# yaml-language-server: \$schema=)\S+", re.MULTILINE)


def joined(source: Path) -> str:
    """The catalogue with the content of each file in the place of its name.

    It reads as the files do, wherever it is put. SellerHelpError says all faults.
    """
    read_catalogue(source)  # nobody begins with a catalogue that cannot be used
    text = decoded(read_bytes(source, MAX_BYTES))
    root = yaml.compose(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))
    # From the end, so that the places before it stay where they are.
    for key, name, within_braces in reversed([*_names(root)]):
        raw = read_bytes(source.parent / " ".join(name.value.split()), MAX_BYTES)
        start = name.start_mark.index
        end = start + len(text[start : name.end_mark.index].rstrip())
        if within_braces:
            text = text[:start] + _braced(raw) + text[end:]
            continue
        rest, _, after = text[end:].partition("\n")
        indent = " " * (key.start_mark.column + 2)
        content = re.sub(r"^(?=.*\S)", indent, _content(raw), flags=re.MULTILINE)
        text = f"{text[:start].rstrip(' ')}{rest}\n{content}\n{after}"
    return _SCHEMA.sub(lambda found: _anywhere(found[0], source.parent), text, count=1)


def _names(node: yaml.Node | None) -> Iterator[tuple[yaml.Node, yaml.ScalarNode, bool]]:
    """Every name of a file, with the field that holds it, and whether that is one within { }."""
    if isinstance(node, yaml.SequenceNode):
        for each in node.value:
            yield from _names(each)
    elif isinstance(node, yaml.MappingNode):
        for key, value in node.value:
            if key.value not in ("phrases", "words"):
                yield from _names(value)
            elif isinstance(value, yaml.ScalarNode):
                yield key, value, bool(node.flow_style)


def _content(raw: bytes) -> str:
    """A file's text without what only a whole file may have: `---`, `...` and lines with %."""
    text = decoded(raw)
    if begin := re.search(r"^---(?!\S)(?: *#.*)?", text, re.MULTILINE):
        head = re.sub("^%.*", "", text[: begin.start()], flags=re.MULTILINE)
        text = head + text[begin.end() :]
    return re.sub(r"^\.\.\.(?!\S)", "", text, flags=re.MULTILINE).strip("\n")


def _braced(raw: bytes) -> str:
    """The same on one line; comments cannot stand there."""
    plain = yaml.load(decoded(raw), Loader=yaml.BaseLoader)  # noqa: S506 - it knows only texts
    return json.dumps(plain, ensure_ascii=False)


def _anywhere(schema: str, folder: Path) -> str:
    """The schema's address, also from another folder."""
    beside = folder / schema
    return beside.resolve().as_uri() if beside.is_file() else schema
