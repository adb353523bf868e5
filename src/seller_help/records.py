"""Records of CSV, JSONL or plain lines: read one by one, and written with what they gain.

What cannot be read is a record too, in its place, with an error that says why.
"""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Iterable, Iterator
from functools import lru_cache
from typing import Any, Literal, NamedTuple, Protocol

from .errors import SellerHelpError

Format = Literal["csv", "jsonl", "lines"]

MAX_LINE = 1 << 20
"""Bytes of a line, and of a CSV record, that are read."""
ADDED = ("channel", "offering", "confidence", "reason", "error")
"""What a record gains. JSON has `error` only where there is one."""
PREFIX = "seller_help_"
"""Stands before the added names if the input has one of them already."""
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
_BOM = b"\xef\xbb\xbf"
# Python's own limit of a cell is lower; what we wrote we can read again.
csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_LINE))


class Record(NamedTuple):
    """One record of the input: its message, and what of it goes out again."""

    text: str
    kept: Any
    """The fields that came: CSV's cells, or a JSON object without its closing brace."""
    error: str = ""
    prefix: str = ""


class Answer(NamedTuple):
    """What a record gains."""

    channel: str | None
    offering: str | None
    confidence: float | None
    reason: str | None
    cut: bool = False
    """The message was longer than the router reads. (Counted, not written.)"""


class Source(Protocol):
    """Where bytes come from: a file, or what reads as one."""

    def readline(self, limit: int, /) -> bytes:
        """The next line, or as much of it as the limit allows; no bytes at the end."""


class Form(Protocol):
    """A form in which records come and go."""

    head: str
    """What goes out before the first record."""

    def __iter__(self) -> Iterator[Record]: ...
    def written(self, record: Record, answer: Answer) -> str:
        """The record as it goes out."""


def records(source: Source, form: Format, name: str = "text", *, as_csv: bool = False) -> Form:
    """The records of a source; `name` is the field with the message.

    Plain lines go out as JSON objects, or `as_csv`.
    """
    lines = _lines(source)
    if form == "csv":
        return _Rows(lines, name)
    return _Column(lines, name) if as_csv else _Objects(lines, name, bare=form == "lines")


class _Line(NamedTuple):
    number: int
    text: str
    size: int
    error: str = ""

    def fault(self, what: str) -> str:
        """An error that says where; what was wrong with the bytes comes first."""
        return self.error or f"line {self.number}: {what}"


def _lines(source: Source) -> Iterator[_Line]:
    """The lines with their numbers; of one that is too long only the beginning."""
    number = 0
    while raw := source.readline(MAX_LINE + 1):
        number += 1
        size, error, rest = len(raw), "", raw
        if size > MAX_LINE:
            error = f"line {number}: longer than {MAX_LINE:,} bytes; only the beginning is kept"
            while rest and not rest.endswith(b"\n"):
                rest = source.readline(MAX_LINE)
        if number == 1:
            raw = raw.removeprefix(_BOM)
        try:
            text = raw.decode()
        except UnicodeDecodeError as fault:
            bad, column = raw[fault.start], fault.start + 1
            error = error or f"line {number}: byte 0x{bad:02x} at column {column} is not UTF-8"
            text = raw.decode(errors="replace")
        yield _Line(number, text, size, error)


class _Objects:
    """JSON objects, or bare lines that become JSON objects.

    An object goes out as it was written, up to its last brace: no number, no escape and no key
    that stands there twice is changed.
    """

    head = ""

    def __init__(self, lines: Iterator[_Line], name: str, *, bare: bool) -> None:
        self._lines, self._name, self._bare = lines, name, bare

    def __iter__(self) -> Iterator[Record]:
        for line in self._lines:
            if self._bare:
                yield self._whole(line.text.rstrip("\r\n"), line.error)
            elif text := line.text.strip():
                yield self._whole(text, line.error) if line.error else self._read(line, text)

    def _whole(self, text: str, error: str) -> Record:
        kept = json.dumps({self._name: text})[:-1]
        return Record(text, kept, error, _prefix((self._name,)))

    def _read(self, line: _Line, text: str) -> Record:
        try:
            found = _decoded(text)
        except RecursionError:
            return self._whole(text, line.fault("broken JSON (too many brackets in each other)"))
        except ValueError as fault:
            where = f" at column {fault.colno}" if isinstance(fault, json.JSONDecodeError) else ""
            what = getattr(fault, "msg", str(fault))
            return self._whole(text, line.fault(f"broken JSON{where} ({what})"))
        if not isinstance(found, dict):
            return self._whole(text, line.fault("no JSON object"))
        kept, message = text[:-1].rstrip(), found.get(self._name)
        if isinstance(message, str):
            return Record(message, kept, prefix=_prefix(found))
        what = "is no text" if self._name in found else "is missing"
        return Record("", kept, line.fault(f"the field '{self._name}' {what}"), _prefix(found))

    def written(self, record: Record, answer: Answer) -> str:
        comma, name = "" if record.kept == "{" else ", ", f'"{record.prefix}'
        fault = f', {name}error": {json.dumps(record.error)}' if record.error else ""
        number = "null" if answer.confidence is None else answer.confidence
        return (
            f'{record.kept}{comma}{name}channel": {_quoted(answer.channel)}, '
            f'{name}offering": {_quoted(answer.offering)}, {name}confidence": {number}, '
            f'{name}reason": {_quoted(answer.reason)}{fault}}}\n'
        )


def _refused(number: str) -> None:
    raise ValueError(f"{number} is no JSON")


_decoded = json.JSONDecoder(parse_constant=_refused).decode
_quoted = lru_cache(maxsize=1_000)(json.dumps)  # the same few ids and reasons again and again


def _prefix(names: Iterable[str]) -> str:
    """What the added names need before them so that they are new."""
    taken, prefix = set(names), ""
    if taken.isdisjoint(ADDED):
        return prefix
    while any(prefix + each in taken for each in ADDED):
        prefix += PREFIX
    return prefix


class _Cells:
    """What goes out as CSV."""

    def __init__(self, header: list[str], delimiter: str = ",") -> None:
        self._width, prefix = len(header), _prefix(header)
        self._write = csv.writer(_Echo(), delimiter=delimiter).writerow
        self.head: str = self._write([*header, *(prefix + each for each in ADDED)])

    def written(self, record: Record, answer: Answer) -> str:
        """The row with its answer; cells for which the header has no name come last."""
        own, more = record.kept[: self._width], record.kept[self._width :]
        added = ("" if each is None else each for each in answer[:4])
        row: str = self._write([*own, *added, record.error, *more])
        return row


class _Column(_Cells):
    """Bare lines that become a column."""

    def __init__(self, lines: Iterator[_Line], name: str) -> None:
        super().__init__([name])
        self._lines = lines

    def __iter__(self) -> Iterator[Record]:
        for line in self._lines:
            text = line.text.rstrip("\r\n")
            yield Record(text, [_harmless(text)], line.error)


def separator(header: str) -> str:
    """What stands between the cells: with a decimal comma, spreadsheets write semicolons."""
    return max(",;\t", key=header.count)


class _Rows(_Cells):
    """The rows of CSV below its header."""

    def __init__(self, lines: Iterator[_Line], name: str) -> None:
        first = next(lines, _Line(1, "", 0))
        self._delimiter = separator(first.text)
        self._lines, self._again = lines, deque([first])
        self._taken: list[_Line] = []
        header = next(self._read(), ([], first, ""))
        if header[2]:
            raise SellerHelpError(f"the header cannot be read: {header[2]}", "cannot-read")
        if name not in header[0]:
            found = f"the header names no '{name}', but: {', '.join(header[0]) or 'nothing'}"
            raise SellerHelpError(found, "usage", "--text-field NAME says where the message is")
        self._name, self._at = name, header[0].index(name)
        super().__init__(header[0], self._delimiter)

    def __iter__(self) -> Iterator[Record]:
        for row, line, fault in self._read():
            error = fault
            if not row:
                row.extend([""] * self._width)
                row[self._at] = _harmless(line.text.rstrip("\r\n"))
            elif len(row) > self._width:
                error = error or line.fault(f"{len(row)} cells, the header names {self._width}")
            elif len(row) <= self._at:
                error = error or line.fault(f"the field '{self._name}' is missing")
            row.extend([""] * (self._width - len(row)))
            yield Record(row[self._at], row, error)

    def _read(self) -> Iterator[tuple[list[str], _Line, str]]:
        """Each row with its first line and what is wrong with it; none but that line if broken.

        The other lines that a broken row seemed to have are read again: a quote that nobody closed
        must not swallow the rest of the file.
        """
        while True:
            self._taken.clear()
            try:
                for row in csv.reader(self._feed(), delimiter=self._delimiter, strict=True):
                    if row:
                        error = next((each.error for each in self._taken if each.error), "")
                        yield row, self._taken[0], error
                    self._taken.clear()
            except csv.Error as fault:
                first, *rest = self._taken
                self._again.extendleft(reversed(rest))
                yield [], first, first.fault(f"broken CSV ({fault})")
            else:
                return

    def _feed(self) -> Iterator[str]:
        size = 0
        while line := self._again.popleft() if self._again else next(self._lines, None):
            self._taken.append(line)
            size = line.size if len(self._taken) == 1 else size + line.size
            if size > MAX_LINE:
                raise csv.Error(f"more than {MAX_LINE:,} bytes")
            yield line.text


class _Echo:
    """Where csv.writer writes to: it gets every row back."""

    def write(self, row: str) -> str:
        return row


def _harmless(text: str) -> str:
    """Text that was no cell before, so that no spreadsheet runs it."""
    return f"'{text}" if text.startswith(FORMULA) else text
