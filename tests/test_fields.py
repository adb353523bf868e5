"""The schema for editors and the field tables say what the reader does: one definition for all."""

from __future__ import annotations

import copy
import dataclasses
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any, ClassVar

import fields
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from seller_help.catalogue import Catalogue, Facts, find_catalogue
from seller_help.filling import Filler
from seller_help.joining import joined
from seller_help.reading import MAX_LENGTH, parse

jsonschema = pytest.importorskip("jsonschema", reason="the extra `test` has it")
SCHEMA = json.loads(fields.SCHEMA.read_text("utf-8"))
VALIDATOR = jsonschema.Draft7Validator(SCHEMA)


class Editor(getattr(yaml, "CSafeLoader", yaml.SafeLoader)):  # type: ignore[misc]
    """Reads YAML 1.2 as editors do: `no` and 1:30 are texts, 404 is a number, nothing is null."""

    yaml_implicit_resolvers: ClassVar[dict[str, Any]] = {}


for tag, pattern, first in (
    ("bool", "true|True|TRUE|false|False|FALSE", "tTfF"),
    ("null", "~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", "-+.0123456789"),
):
    Editor.add_implicit_resolver(
        f"tag:yaml.org,2002:{tag}", re.compile(f"^(?:{pattern})$"), list(first)
    )


def editor_says(text: str) -> list[str]:
    """What the schema has against a text, as an editor reads it."""
    return [each.message for each in VALIDATOR.iter_errors(yaml.load(text, Loader=Editor))]  # noqa: S506


class OneFile(Filler):
    """Does not look into the files that are named."""

    def open(self, *_: object) -> None:
        """It has nothing to say against them."""


def reader_says(text: str) -> list[str]:
    """What the reader has against each value by itself, and not against what they say together."""
    node, problems = parse(text.encode(), "c.yaml")
    assert problems == []
    assert node is not None
    filler = OneFile(Path("c.yaml"))
    filler.value(Facts, node, "")
    return [str(problem) for problem in filler.problems]


def test_every_field_says_what_it_means() -> None:
    """The page and the help in an editor are made from the strings below the fields."""
    for part in fields.PARTS:
        assert fields.docs(part).keys() == {each.name for each in dataclasses.fields(part)}
        assert all(doc.endswith(".") for doc in fields.docs(part).values())


@pytest.mark.parametrize("path", [path for path, _ in fields.written()], ids=lambda path: path.name)
def test_what_is_written_is_up_to_date(path: Path) -> None:
    """`python tools/fields.py` was run after the last change of a field."""
    assert path.read_text("utf-8") == dict(fields.written())[path]


def test_the_schema_is_one() -> None:
    """It keeps the rules of its own kind, and editors find it by the catalogue's first line."""
    jsonschema.Draft7Validator.check_schema(SCHEMA)
    shipped = find_catalogue()
    first = shipped.read_text("utf-8").partition("\n")[0]
    assert first == f"# yaml-language-server: $schema={fields.SCHEMA.name}"
    assert shipped.with_name(fields.SCHEMA.name).is_file()


def test_a_copy_names_the_schema_by_its_full_address() -> None:
    """The printed catalogue can lie anywhere, and the editor still finds the schema."""
    first = joined(find_catalogue()).partition("\n")[0]
    address = find_catalogue().resolve().with_name(fields.SCHEMA.name).as_uri()
    assert first == f"# yaml-language-server: $schema={address}"


def test_the_shipped_catalogue_fits(catalogue: Catalogue) -> None:
    """Its own file and, in one with it, all phrases and words."""
    assert editor_says(find_catalogue().read_text("utf-8")) == []
    assert len(catalogue.triggers) > 30_000
    assert editor_says(joined(find_catalogue())) == []


A = "channels: [{{id: a, name: A, triggers: [x], {}}}]"
BOTH = {  # a text, and whether both take it
    A.format("purpose: x"): True,
    A.format("purpos: x"): False,
    A.format("purpose: [x]"): False,
    A.format("purpose: {x: y}"): False,
    A.format("purpose: ''"): False,
    A.format("purpose: ' '"): False,
    A.format("purpose: "): False,
    A.format("purpose: 404"): True,
    A.format("purpose: no"): True,
    A.format("purpose: true"): True,
    A.format("purpose: 1:30"): True,
    A.format("purpose: 2024-13-45"): True,
    A.format('purpose: "a\\e[31m"'): False,
    A.format('purpose: "a\\u202eb"'): False,
    A.format('purpose: "a\\u2028b"'): False,
    A.format('purpose: "a\\tb"'): True,
    A.format(f"purpose: {'x' * MAX_LENGTH}"): True,
    A.format(f"purpose: {'x' * (MAX_LENGTH + 1)}"): False,
    A.format("aliases: []"): False,
    A.format("aliases: b"): False,
    A.format("aliases: [b, '']"): False,
    A.format("aliases: [b, [c]]"): False,
    A.format("access: [{steps: [Home]}]"): True,
    A.format("access: [{name: Home}]"): False,
    A.format("access: [{steps: [Home], nam: b}]"): False,
    A.format("offerings: [{id: o, name: O}]"): True,
    A.format("offerings: [{name: O}]"): False,
    A.format("offerings: [{id: o}]"): False,
    A.format("offerings: [{id: O, name: O}]"): False,
    A.format("phrases: a.yaml"): True,
    A.format("phrases: a/b/c.yaml"): True,
    A.format("phrases: a..b"): True,
    A.format("phrases: ''"): False,
    A.format("phrases: /a.yaml"): False,
    A.format("phrases: ' /a.yaml'"): False,
    A.format("phrases: ../a.yaml"): False,
    A.format("phrases: a/../b.yaml"): False,
    A.format("phrases: a/.."): False,
    A.format("phrases: a\\b.yaml"): False,
    A.format("phrases: 'c:/a.yaml'"): False,
    A.format("phrases: {a: [b]}"): True,
    A.format("phrases: {a: []}"): False,
    A.format("phrases: {a: b}"): False,
    A.format("phrases: {'': [b]}"): False,
    A.format("phrases: {}"): False,
    A.format("phrases: [a]"): False,
    "channels: [{id: a, triggers: [x]}]": False,
    "channels: [{id: a-1, name: A}]": True,
    "channels: [{id: 404, name: A}]": True,
    "channels: [{id: ' a ', name: A}]": True,
    "channels: [{id: a--1, name: A}]": False,
    "channels: [{id: -1, name: A}]": False,
    "channels: [{id: 1.5, name: A}]": False,
    "channels: [{id: a b, name: A}]": False,
    "channels: []": False,
    "channels: ": False,
    "channels: [a]": False,
    "title: A": False,
    "[]": False,
    "{}": False,
    "text": False,
    "": False,
}
HEAD = "channels: [{id: a, name: A}]\n"
BOTH |= {
    f"{HEAD}settings: {{sure: {value}}}": taken
    for value, taken in [
        *(("0", True), ("1", True), ("0.5", True), (".5", True), ("1.0", True), ("'0.5'", True)),
        *(("1.5", False), ("-0.1", False), ("high", False), ("true", False), ("''", False)),
        *(("[1]", False), ("'.nan'", False), ("", False)),
    ]
}
BOTH |= {
    f"{HEAD}{more}": taken
    for more, taken in {
        "settings: {}": False,
        "settings: {unsure: 0.5}": False,
        "off_topic: {triggers: [x]}": True,
        "off_topic: {trigger: [x]}": False,
        "words: w.yaml": True,
        "words: {spelling: {acct: account}, courtesy: [hi], common: [the, 1]}": True,
        "words: {spelling: [acct]}": False,
        "words: {spelling: {acct: [account]}}": False,
        "words: {spelling: {}}": False,
        "words: {common: the}": False,
        "words: {}": False,
    }.items()
}


@pytest.mark.parametrize("text", BOTH, ids=lambda text: repr(text[-40:]))
def test_editor_and_reader_agree(text: str) -> None:
    """Types, required fields, forms, ranges and lengths: what one takes, the other takes."""
    assert (not reader_says(text)) == BOTH[text]
    assert (not editor_says(text)) == BOTH[text]


SAMPLE = {
    "version": "1",
    "channels": [
        {
            "id": "a",
            "name": "A",
            "access": [{"steps": ["x"], "name": "y"}],
            "phrases": {"t": ["p", "q"]},
            "offerings": [{"id": "o", "name": "O", "phrases": "o.yaml"}],
        }
    ],
    "settings": {"sure": 0.5},
    "off_topic": {"triggers": ["rain"]},
    "words": {"spelling": {"u": "you"}, "common": ["the"]},
}
ONE = ["", " ", "x", "Bad Id", "../x", "a\x07", "x" * 2001, 404, -1, 0, 1, 0.5, 1.5]
MANY = [[], {}, ["x"], [[]], {"a": "b"}, {"a": ["b"]}, {"id": "i", "name": "N"}, {"steps": ["s"]}]


def places(value: Any) -> Iterator[tuple[Any, Any]]:
    """Every key and index, with what it is one of."""
    if not isinstance(value, dict | list):
        return
    for key, each in value.items() if isinstance(value, dict) else enumerate(value):
        yield value, key
        yield from places(each)


@settings(max_examples=300, deadline=None)
@given(data=st.data())
def test_editor_and_reader_agree_wherever_it_is_changed(data: st.DataObject) -> None:
    """Any value put in any other's place, any field left out or put where it is not known."""
    changed = copy.deepcopy(SAMPLE)
    for _ in range(data.draw(st.integers(1, 2))):
        spots = list(places(changed))
        owner, key = spots[data.draw(st.integers(0, len(spots) - 1))]
        action = data.draw(st.sampled_from(["replace", "remove", "add"]))
        value = copy.deepcopy(data.draw(st.sampled_from(ONE + MANY)))
        if action == "remove":
            del owner[key]
        elif action == "add" and isinstance(owner, dict):
            owner[
                data.draw(st.sampled_from(["name", "triggers", "common", "other", "", "words"]))
            ] = value
        else:
            owner[key] = value
        if not changed:
            break
    text = json.dumps(changed)
    assert (not reader_says(text)) == (not editor_says(text)), text
