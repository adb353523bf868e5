"""Nodes fill the catalogue's dataclasses, field by field by their types; faults are noted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import MISSING, Field, fields, is_dataclass
from itertools import islice
from operator import length_hint
from pathlib import Path
from typing import Any, get_args, get_origin

from . import reading
from .catalogue import FILE, digest
from .errors import Problem, SellerHelpError
from .reading import MAX_LENGTH, MAX_PROBLEMS, Fields, Items, Node, Place, Text, placed
from .text import clean

_NUMBER = re.compile(r"0|1|1\.0+|0?\.[0-9]+")


class Filler:
    """What is wrong is noted and replaced by nothing, and the work goes on: all faults at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.problems: list[Problem] = []
        self.files: dict[Path, str] = {}
        """Those that were read, each with its digest."""
        self._bytes = 0
        self._room = iter(range(reading.MAX_ENTRIES))

    def refuse(self, place: Place, trail: str, message: str, hint: str = "") -> None:
        """Note one thing that is wrong."""
        self.note(Problem(*place, trail, message, hint))

    def note(self, problem: Problem) -> None:
        """Keep a problem; too many of them end the work."""
        self.problems.append(problem)
        if len(self.problems) > MAX_PROBLEMS:
            raise self.error()

    def error(self) -> SellerHelpError:
        """All problems, in the order of the files and of their lines."""
        order = {str(file): number for number, file in enumerate(self.files)}
        problems = sorted(
            self.problems, key=lambda each: (order.get(each.file, 0), each.line, each.column)
        )
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        if len(problems) > MAX_PROBLEMS:
            count = f"more than {MAX_PROBLEMS} problems"
        message = f"the catalogue {self.path} cannot be used: {count}"
        return SellerHelpError(message, "bad-catalogue", problems=tuple(problems[:MAX_PROBLEMS]))

    def open(self, path: Path, named: Place, trail: str) -> Node | None:
        """The content of a file of the catalogue; where it is `named` stands that it has none."""
        try:
            node, problems = reading.parse(self._content(path), str(path), self._room)
        except SellerHelpError as error:
            self.refuse(named, trail, f"{path} {error.message}", error.hint)
            return None
        for problem in problems:
            self.note(problem)
        if problems and not length_hint(self._room):  # the next file could bring nothing more
            raise self.error()
        return node

    def _content(self, path: Path) -> bytes:
        """What stands in one more file, within the limits for all of them together."""
        if len(self.files) == reading.MAX_FILES:
            found = f"cannot be read: more than {reading.MAX_FILES} files"
            raise SellerHelpError(found, "cannot-read", reading.ALL)
        raw = reading.read_bytes(path, reading.MAX_BYTES, self._bytes)
        self.files[path] = digest(raw)
        self._bytes += len(raw)
        return raw

    def value(self, kind: Any, node: Node, trail: str) -> Any:
        """What a node says, read as the type of its field."""
        if kind is str:
            return self.text(node, trail)
        if kind is float:
            return self.number(node, trail)
        if is_dataclass(kind):
            return self.record(kind, node, trail)
        if get_origin(kind) is tuple:
            return self.items(get_args(kind)[0], node, trail)
        return self.mapping(get_args(kind)[1], node, trail)

    def text(self, node: Node, trail: str) -> str:
        """The text without line ends and double spaces; everything else stays as written."""
        if not isinstance(node, Text):
            self.refuse(node.place, trail, f"expected text, found {_kind(node)}", _quoted(node))
        elif len(node) > MAX_LENGTH:
            self.refuse(node.place, trail, f"text of more than {MAX_LENGTH:,} characters")
        elif (visible := clean(node)) != node:
            self.refuse(node.place, trail, f"control character in '{clip(visible)}'")
        elif not (tidy := " ".join(node.split())):
            self.refuse(node.place, trail, "expected text, found nothing")
        else:
            return node if tidy == node else placed(Text(tidy), node.place)
        return ""

    def file(self, kind: Any, node: Node, trail: str) -> Any:
        """What stands in the file of this name."""
        name = self.text(node, trail)
        path = self.path.parent / name
        if not name:
            pass  # that is said already
        elif not re.fullmatch(FILE, name):
            hint = "it stands beside the catalogue or below, such as phrases/chat.yaml"
            self.refuse(node.place, trail, f"{shown(name)} is no file of this catalogue", hint)
        elif path in self.files:
            self.refuse(node.place, trail, f"{shown(name)} is already in use")
        elif (root := self.open(path, node.place, trail)) is not None:
            return self.value(kind, root, "")
        return kind()

    def number(self, node: Node, trail: str) -> float:
        """A plain number from 0 to 1."""
        if isinstance(node, Text) and _NUMBER.fullmatch(node):
            return float(node)
        found = shown(node) if isinstance(node, Text) and node else _kind(node)
        self.refuse(node.place, trail, f"expected a number from 0 to 1, found {found}")
        return 0.0

    def items(self, kind: Any, node: Node, trail: str) -> tuple[Any, ...]:
        """A list of one type."""
        if not isinstance(node, Items):
            hint = "a list has lines that begin with '- '"
            self.refuse(node.place, trail, f"expected a list, found {_kind(node)}", hint)
            return ()
        if not node:
            self.refuse(node.place, trail, "the list is empty", "leave the field out")
        return tuple(self.value(kind, each, _step(trail, at, each)) for at, each in enumerate(node))

    def pairs(self, node: Node, trail: str) -> Iterator[tuple[str, Node, Place]]:
        """The fields of a mapping, each key once, and where the key stands."""
        if not isinstance(node, Fields):
            hint = "it has lines like 'field: text'"
            self.refuse(node.place, trail, f"expected a mapping, found {_kind(node)}", hint)
            return
        if not node:
            self.refuse(node.place, trail, "the mapping is empty", "leave the field out")
        seen: dict[str, Place] = {}
        for key, value in node:
            name = self.text(key, trail)
            first = seen.setdefault(name, key.place)
            if first is not key.place:
                self.refuse(key.place, trail, f"{shown(name)} {stands(first)}")
            elif name:
                yield name, value, key.place

    def mapping(self, kind: Any, node: Node, trail: str) -> dict[str, Any]:
        """A mapping from any name to one type."""
        return {
            name: self.value(kind, value, _join(trail, clip(name)))
            for name, value, _ in self.pairs(node, trail)
        }

    def record(self, kind: Any, node: Node, trail: str) -> Any:
        """A dataclass: its fields, the ones that must be there, and no others."""
        known = {each.name: each for each in fields(kind)}
        found: dict[str, Any] = {}
        for name, value, place in self.pairs(node, trail):
            if name in known:
                found[name] = self.field(known[name], value, _join(trail, name))
            else:
                self.refuse(place, trail, f"unknown field {shown(name)}", nearest(name, known))
        for name, each in known.items():
            if name not in found and each.default is each.default_factory is MISSING:
                if isinstance(node, Fields) and node:
                    self.refuse(node.place, trail, f"'{name}' is missing")
                found[name] = "" if each.type is str else ()
        return kind(**found)

    def field(self, field: Field[Any], node: Node, trail: str) -> Any:
        """The value of one field of a dataclass."""
        if "file" in field.metadata and isinstance(node, Text):
            return self.file(field.type, node, trail)
        value = self.value(field.type, node, trail)
        pattern = field.metadata.get("pattern", ".*")
        if value and isinstance(value, str) and not re.fullmatch(pattern, value):
            found = f"expected lower-case letters, digits and hyphens, found {shown(value)}"
            better = re.sub("[^a-z0-9]+", "-", value.lower()).strip("-")
            self.refuse(node.place, trail, found, f"such as '{clip(better or 'help-desk')}'")
        return value


def _join(trail: str, name: str) -> str:
    return f"{trail} > {name}" if trail else name


def _step(trail: str, at: int, node: Node) -> str:
    """The trail to an entry of a list; an id tells more than a number."""
    ids = (value for key, value in node if key == "id") if isinstance(node, Fields) else iter(())
    value = next(ids, None)
    return f"{trail}[{at}] '{clip(value)}'" if isinstance(value, Text) else f"{trail}[{at}]"


def clip(text: str) -> str:
    """The text as a message can hold it: short and on one line."""
    text = clean(" ".join(text[:200].split()))
    return text if len(text) <= 60 else text[:57] + "..."


def shown(text: str) -> str:
    """The text, clipped and in quotes."""
    return f"'{clip(text)}'"


def _kind(node: Node) -> str:
    if isinstance(node, Text):
        return "text" if node else "nothing"
    return "a list" if isinstance(node, Items) else "a mapping"


def _quoted(node: Node) -> str:
    """What to write where a colon or a bracket made a text into something else."""
    if isinstance(node, Fields) and len(node) == 1 and isinstance(node[0][1], Text) and node[0][1]:
        text = clip(f"{node[0][0]}: {node[0][1]}")
        return "put it in quotes: " + (f"'{text}'" if '"' in text else f'"{text}"')
    return "put the text in quotes"


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a misspelt name."""
    from difflib import get_close_matches  # only where something is misspelt

    names = list(islice(known, 100))  # a comparison takes its time
    if near := get_close_matches(name[:60].lower(), names, 1):
        return f"did you mean '{near[0]}'?"
    return "known: " + ", ".join(map(clip, names[:20]))


def place(text: str) -> Place:
    """Where a text of a file stands."""
    return text.place if isinstance(text, Text) else ("", 1, 1)


def stands(place: Place) -> str:
    """Where something stood first."""
    return "stands already at {}:{}:{}".format(*place)
