"""YAML becomes texts, lists and mappings with their places; its surprises are refused."""

from __future__ import annotations

import pytest
import yaml

from seller_help.reading import Fields, Items, Node, Text, parse


@pytest.fixture(params=["libyaml", "pure Python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both parsers: messages and places must not depend on the machine."""
    if request.param == "pure Python":
        monkeypatch.delattr(yaml, "CSafeLoader", raising=False)
    elif not hasattr(yaml, "CSafeLoader"):
        pytest.skip("PyYAML without libyaml")


def read(text: str) -> Node:
    """The root of a file without faults."""
    node, problems = parse(text.encode(), "f.yaml")
    assert problems == []
    assert node is not None
    return node


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize(
    "text", ["no", "404", "0404", "1:30", "~", "2024-13-45", "1e3", "y", "null"]
)
def test_every_scalar_stays_as_written(text: str) -> None:
    """What YAML would make a truth value, a number or a date is the text that stands there."""
    assert read(f"- {text}\n") == [text]
    assert read(f"{text}: a\n") == [(text, "a")]


@pytest.mark.usefixtures("parser")
def test_everything_has_its_place() -> None:
    """File, line and column of texts, keys, lists and mappings; emoji count as one column."""
    root = read("\ufeffa: b\r\n# é\r\n'😀': [c, d]\r\n")
    assert isinstance(root, Fields)
    (first, b), (emoji, items) = root
    assert isinstance(items, Items)
    assert [node.place for node in (root, first, b, emoji, items, items[1])] == [
        ("f.yaml", line, column)
        for line, column in [(1, 1), (1, 1), (1, 4), (3, 1), (3, 6), (3, 10)]
    ]


@pytest.mark.parametrize("text", ["", "\n", "# only a comment\n", "---\n"])
def test_an_empty_file_is_an_empty_text(text: str) -> None:
    """It is for the reader of the catalogue to say what was expected."""
    assert read(text) == Text("")


ALIGN = "check the dash, the colon and the spaces before the line"
QUOTE = "put the text in quotes"
HASH = f"({QUOTE}; a comment has a space after its #)"
FAULTS = {
    "a: b: c\n": f"1:5: unexpected ': ' ({QUOTE}, or {ALIGN})",
    "a: b\n  c: d\n": f"2:4: unexpected ': ' ({QUOTE}, or {ALIGN})",
    "a: b\nc d\ne: f\n": f"2:1: neither 'field: text' nor '- text' ({ALIGN})",
    "a:\n  - b\n  -c\n": f"3:3: neither 'field: text' nor '- text' ({ALIGN})",
    "a:\n    - b\n  - c\n": f"3:3: the line does not fit the lines before it ({ALIGN})",
    "- a\nb: c\n": f"2:1: the line does not fit the lines before it ({ALIGN})",
    "- @seller\n": f"1:3: a text cannot begin with '@' ({QUOTE})",
    "- `code`\n": f"1:3: a text cannot begin with '`' ({QUOTE})",
    "- *bold* text\n": f"1:3: a text cannot begin with '*' ({QUOTE})",
    "- &! x\n": f"1:3: a text cannot begin with '&' ({QUOTE})",
    "- !x!y z\n": f"1:3: a text cannot begin with '!' ({QUOTE})",
    "- |x\n": f"1:3: a text cannot begin with '|' ({QUOTE})",
    "- ]\n": f"1:3: a text cannot begin with ']' ({QUOTE})",
    "a:\n\tb: c\n": "2:1: a tab before the text (use spaces)",
    "a:\n - b\n\t- c\n": "3:1: a tab before the text (use spaces)",
    "- 'tis late\n- x\n": "1:3: the quote is never closed",
    'a: "b\nc: d\n': "1:4: the quote is never closed",
    '- "a" b\n': '1:7: text after the closing " (put the whole text in quotes)',
    "- [urgent] a\n": "1:12: text after the closing ] (put the whole text in quotes)",
    "a: [b, c\nd: e\n": "1:4: the '[' is not closed, or a comma is missing",
    "a: {b: c\nd: e\n": "1:4: the '{' is not closed, or a comma is missing",
    "%YAML 9.9\n---\na: b\n": f"1:1: not valid YAML here ({QUOTE})",
    "- &a b\n- *a\n": f"1:3: anchors (&) are not allowed ({QUOTE})",
    "- *a\n": f"1:3: aliases (*) are not allowed ({QUOTE})",
    "- !!str 404\n": f"1:3: tags (!) are not allowed ({QUOTE})",
    "- !important x\n": f"1:3: tags (!) are not allowed ({QUOTE})",
    "a:\n  <<: {b: c}\n": "2:3: merge keys (<<) are not allowed",
    "? [a]\n: b\n": f"1:3: a key must be text ({QUOTE})",
    "a: b\n---\nc: d\n": "2:1: a second document begins (one file holds one)",
    "[" * 100_000: "1:13: more than 12 levels deep",
    "- " * 100_000: "1:25: more than 12 levels deep",
    "- refund #123 late\n": f"1:9: the text ends before '#123' {HASH}",
    "a:\n- \u20ac one\n  - two\n": f"3:3: the line belongs to the text before it ({ALIGN})",
    "- one\n\n   -\n   two\n": f"3:4: the line belongs to the text before it ({ALIGN})",
    "- a\x1bb\n": "1:4: unreadable character U+001B (save the file as UTF-8)",
    "- a\ufeffb\n": "1:4: unreadable character U+FEFF (save the file as UTF-8)",
}


@pytest.mark.usefixtures("parser")
@pytest.mark.parametrize("text", FAULTS, ids=lambda text: repr(text[:20]))
def test_each_fault_has_its_message(text: str) -> None:
    """What YAML cannot read, or would silently change, is one located problem in plain words."""
    _, problems = parse(text.encode(), "f.yaml")
    assert [str(problem) for problem in problems] == [f"f.yaml:{FAULTS[text]}"]


@pytest.mark.parametrize(
    "text", ['- "\\q"\n', '- "\\U00110000"\n', f"%YAML 1.{'9' * 5000}\n---\na\n"]
)
@pytest.mark.usefixtures("parser")
def test_faults_that_parsers_place_differently(text: str) -> None:
    """Also where a parser raises something else than a YAML error, there is one problem."""
    node, problems = parse(text.encode(), "f.yaml")
    assert (node, len(problems)) == (None, 1)


def test_a_text_may_go_on_for_some_lines() -> None:
    """Only a line that begins as an entry does was meant as one; a dash within it is a dash."""
    node, problems = parse(b"a: one\n  two - three\n  -four\nb: |\n  five\n  - six\n", "f.yaml")
    assert (str(node[0][1]), problems) == ("one two - three -four", [])  # type: ignore[index]


def test_every_lost_number_sign_is_found() -> None:
    """`#123` cuts a text short without an error in YAML; a comment with a space is a comment."""
    _, problems = parse(b"- a # fine\n- b #1\n# c #2\n- 'd #3' # 4\n- e #5\n", "f.yaml")
    assert [(problem.line, problem.message) for problem in problems] == [
        (2, "the text ends before '#1'"),
        (5, "the text ends before '#5'"),
    ]


@pytest.mark.parametrize(
    ("raw", "problem"),
    [
        (b"a: caf\xe9\n", "1:7: byte 0xe9 is not UTF-8"),
        (b"\xef\xbb\xbfa: b\r\nc: \xc3\xa9\xff", "2:5: byte 0xff is not UTF-8"),
        ("a: b".encode("utf-16"), "1:1: byte 0xff is not UTF-8"),
        ("a: b".encode("utf-16-be"), "1:1: unreadable character U+0000"),
    ],
)
def test_other_encodings_are_located(raw: bytes, problem: str) -> None:
    """latin-1 and UTF-16 are refused at the first byte that is not UTF-8."""
    node, problems = parse(raw, "f.yaml")
    assert node is None
    assert [str(each) for each in problems] == [f"f.yaml:{problem} (save the file as UTF-8)"]
