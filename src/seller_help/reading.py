"""YAML bytes become nodes that know their place: only texts, lists and mappings."""

from __future__ import annotations

import codecs
import os
import re
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any, TypeAlias, TypeVar

import yaml

from .errors import Problem, SellerHelpError
from .text import clean

# The next three hold for a catalogue and all the files it names together: one a third as large
# again as the shipped one fits, and whatever is refused is refused within a second and 100 MiB.
MAX_BYTES = 7 << 20
MAX_ENTRIES = 140_000  # texts, and beginnings and ends of lists and mappings
MAX_FILES = 500
MAX_DEPTH = 12
MAX_LENGTH = 2_000  # of one text, in characters
MAX_PROBLEMS = 100  # whoever has more has another kind of file
WHOLE = "--- # ends with ..."
"""A file that begins with this line ends with the line `...`, or else it was cut off.

Before it may stand a comment of one line: there editors look for the name of the schema.
"""

Place: TypeAlias = tuple[str, int, int]  # file, line and column; both count from 1


class Text(str):
    """A text of a file; a plain `str` for everybody but a linter, who asks for its `place`."""

    __slots__ = ("place",)
    place: Place


class Items(list["Node"]):
    """A list of a file."""

    __slots__ = ("place",)
    place: Place


class Fields(list[tuple[Text, "Node"]]):
    """A mapping of a file, pair by pair: whoever reads it sees a key that stands there twice."""

    __slots__ = ("place",)
    place: Place


Node: TypeAlias = Text | Items | Fields
_Placed = TypeVar("_Placed", bound=Node)
_Spot: TypeAlias = tuple[int, int]

ALL = "in all files of a catalogue together"
_QUOTE = "put the text in quotes"
_ALIGN = "check the dash, the colon and the spaces before the line"
_MISFIT = "the line does not fit the lines before it"
# What the parsers say (the one in C, the one in Python), what we say, with the first letter of the
# thing for {}, and the hint.
_FAULTS = (
    ("mapping values are not", "unexpected ': '", f"{_QUOTE}, or {_ALIGN}"),
    ("a simple key", "neither 'field: text' nor '- text'", _ALIGN),
    ("quoted scalar.* end of stream", "the quote is never closed", ""),
    ("flow (sequence|mapping)", "the {} is not closed, or a comma is missing", ""),
    ("escape", "unknown use of \\ in double quotes", "use single quotes"),
    ("block (mapping|collection)", _MISFIT, _ALIGN),
    ("any token|alias|anchor|tag|node content|block scalar", "a text cannot begin with {}", _QUOTE),
    ("", "not valid YAML here", _QUOTE),
)
# What YAML refuses to have in a file as it is, and the byte order mark in mid-text.
_UNREADABLE = re.compile(
    "[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]"
)
_LINE_ENDS = ("\r\n", "\r", "\x85", "\u2028", "\u2029")  # all that YAML counts, beside \n
_PROMISED = re.compile("(?:#.*\n)?" + re.escape(WHOLE))
_LOST = re.compile(r"[ \t]+(#\w\S*)")
_ENTRY = re.compile(r"\n([ \t]*)-[ \t\n]")


def placed(node: _Placed, place: Place) -> _Placed:
    """The node, from now on with its place."""
    node.place = place
    return node


class _UnreadableError(Exception):
    """The rest of the file makes no sense."""

    def __init__(self, spot: _Spot, message: str, hint: str = "") -> None:
        self.spot, self.message, self.hint = spot, message, hint


def read_bytes(path: Path, limit: int, taken: int = 0) -> bytes:
    """The content of a regular file; a pipe or a device is refused and never waited for.

    So many bytes of the limit are `taken` by other files.
    """

    def at_once(name: str, flags: int) -> int:
        return os.open(name, flags | getattr(os, "O_NONBLOCK", 0))

    try:
        with open(path, "rb", opener=at_once) as file:
            status = os.fstat(file.fileno())
            if not stat.S_ISREG(status.st_mode):
                raise OSError("not a regular file")
            raw = file.read(limit - taken + 1) if status.st_size <= limit - taken else b""
    except (OSError, ValueError) as error:  # ValueError: a NUL in the name
        reason = getattr(error, "strerror", None) or str(error)
        raise SellerHelpError(f"cannot be read: {reason.lower()}", "cannot-read") from None
    if max(status.st_size, len(raw)) > limit - taken:
        found = f"cannot be read: more than {limit >> 20} MiB"
        raise SellerHelpError(found, "cannot-read", ALL if limit == MAX_BYTES else "")
    return raw


def parse(
    raw: bytes, file: str, room: Iterator[int] | None = None
) -> tuple[Node | None, list[Problem]]:
    """The content of a YAML file, None if it makes no sense; `file` is its name in problems.

    `room` has a number for each entry that the catalogue may still have.
    """
    reader = _Reader(file, room or iter(range(MAX_ENTRIES)))
    try:
        text = decoded(raw)
        del raw  # nobody else holds it (`Filler.open`), and it is as large as a file may be
        return reader.build(text), reader.problems
    except _UnreadableError as stop:
        reader.refuse(stop.spot, stop.message, stop.hint)
        return None, reader.problems


class _Reader:
    """Builds the nodes of one file from the parser's events, in one pass and without recursion."""

    def __init__(self, file: str, room: Iterator[int]) -> None:
        self.file, self.room = file, room
        self.problems: list[Problem] = []

    def refuse(self, spot: _Spot, message: str, hint: str) -> None:
        if len(self.problems) <= MAX_PROBLEMS:
            self.problems.append(Problem(self.file, *spot, "", clean(message), hint))

    def build(self, text: str) -> Node:
        """The root of the file; an empty file is an empty text."""
        nodes: list[Node] = []  # of the list or mapping that is open; in a mapping key, value, key
        outer: list[tuple[Place, list[Node]]] = []
        for event in _events(text):
            spot = _spot(event.start_mark)
            if next(self.room, None) is None:
                raise _UnreadableError(spot, f"more than {MAX_ENTRIES:,} entries", ALL)
            if isinstance(event, yaml.NodeEvent):
                _refuse_extras(event, spot)
            if isinstance(event, yaml.ScalarEvent):
                if not event.style:
                    self._refuse_lost(text, event.start_mark, event.end_mark)
                # nobody needs more of a text that is too long, and it may be all of the file
                nodes.append(placed(Text(event.value[: MAX_LENGTH + 1]), (self.file, *spot)))
            elif isinstance(event, yaml.CollectionEndEvent):
                start, around = outer.pop()
                is_list = isinstance(event, yaml.SequenceEndEvent)
                around.append(placed(Items(nodes) if is_list else _fields(nodes), start))
                nodes = around
            elif isinstance(event, yaml.CollectionStartEvent):
                outer.append(((self.file, *spot), nodes))
                nodes = []
                if len(outer) > MAX_DEPTH:
                    raise _UnreadableError(spot, f"more than {MAX_DEPTH} levels deep")
            elif isinstance(event, yaml.DocumentStartEvent) and nodes:
                raise _UnreadableError(spot, "a second document begins", "one file holds one")
        return nodes[0] if nodes else placed(Text(), (self.file, 1, 1))

    def _refuse_lost(self, text: str, start: Any, end: Any) -> None:
        """Refuse what YAML takes in another way than it was meant.

        It drops what follows ` #`, and an entry that is indented too far becomes more of the text
        before it.
        """
        if lost := _LOST.match(text, end.index):
            hint = f"{_QUOTE}; a comment has a space after its #"
            self.refuse(_spot(end), f"the text ends before '{lost[1][:40]}'", hint)
        if start.line == end.line:
            return
        line, seen = start.line + 1, start.index
        for entry in _ENTRY.finditer(text, start.index, end.index):
            line, seen = line + text.count("\n", seen, entry.start(1)), entry.start(1)
            self.refuse((line, len(entry[1]) + 1), "the line belongs to the text before it", _ALIGN)
            if len(self.problems) > MAX_PROBLEMS:
                break


def _fields(nodes: list[Node]) -> Fields:
    fields = Fields()
    for key, value in zip(nodes[::2], nodes[1::2], strict=True):
        if not isinstance(key, Text):
            raise _UnreadableError(key.place[1:], "a key must be text", _QUOTE)
        if key == "<<":
            raise _UnreadableError(key.place[1:], "merge keys (<<) are not allowed")
        fields.append((key, value))
    return fields


def _refuse_extras(event: yaml.NodeEvent, spot: _Spot) -> None:
    """They would change a text behind its writer's back; mostly they mean a text."""
    if isinstance(event, yaml.AliasEvent):
        raise _UnreadableError(spot, "aliases (*) are not allowed", _QUOTE)
    if event.anchor is not None:
        raise _UnreadableError(spot, "anchors (&) are not allowed", _QUOTE)
    if getattr(event, "tag", None) is not None:
        raise _UnreadableError(spot, "tags (!) are not allowed", _QUOTE)


def decoded(raw: bytes) -> str:
    """The text of a file, its lines ending with \\n only."""
    raw = raw.removeprefix(codecs.BOM_UTF8)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        found = f"byte 0x{raw[error.start]:02x} is not UTF-8"
        before = raw[: error.start].replace(b"\r\n", b"\n").replace(b"\r", b"\n").decode()
        raise _UnreadableError(_after(before), found, "save the file as UTF-8") from None
    for end in _LINE_ENDS:
        text = text.replace(end, "\n")
    if _PROMISED.match(text) and not text.rstrip().endswith("\n..."):
        if early := re.search(r"\n\.\.\.\s*\n", text):
            found, hint = "text after the line '...'", "write it above that line"
            raise _UnreadableError(_after(text[: early.end()]), found, hint)
        found = "the file is cut off: its last line is not '...'"
        raise _UnreadableError(_after(text), found, f"its beginning says so: {WHOLE}")
    if bad := _UNREADABLE.search(text):
        found = f"unreadable character U+{ord(bad[0]):04X}"
        raise _UnreadableError(_after(text[: bad.start()]), found, "save the file as UTF-8")
    return text


def _after(text: str) -> _Spot:
    return text.count("\n") + 1, len(text) - text.rfind("\n")


def _spot(mark: Any) -> _Spot:
    return mark.line + 1, mark.column + 1


def _events(text: str) -> Iterator[yaml.Event]:
    """What the parser finds, by libyaml where it is there; its complaints in our words."""
    end = (1, 1)
    try:
        for event in yaml.parse(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader)):
            end = _spot(event.end_mark)
            yield event
    except yaml.MarkedYAMLError as error:
        raise _explained(error, text) from None
    except (yaml.YAMLError, ValueError, OverflowError):  # the last two: numbers in \U or %YAML
        raise _UnreadableError(end, "not valid YAML here", _QUOTE) from None


def _explained(error: yaml.MarkedYAMLError, text: str) -> _UnreadableError:
    """The parser's complaint in our words, where the thing began or, of a line, where it stands."""
    said = f"{error.context} {error.problem}"
    _, message, hint = next(fault for fault in _FAULTS if re.search(fault[0], said))
    mark: Any = error.problem_mark
    before = text[: mark.index].rstrip(" ")
    if text.startswith("\t", mark.index):
        message, hint = "a tab before the text", "use spaces"
    elif message != _MISFIT:
        mark = error.context_mark or mark
        message = message.replace("{}", f"'{text[mark.index : mark.index + 1]}'")
    elif before.endswith(("'", '"', "]", "}")):
        message, hint = f"text after the closing {before[-1]}", "put the whole text in quotes"
    return _UnreadableError(_spot(mark), message, hint)
