"""Records of CSV, JSONL or plain lines: read one by one, and written with what they gain.

What cannot be read is a record too, in its place, with an error that says why.
"""

from __future__ import annotations

import csv
import json
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import lru_cache
from typing import Any, Literal, NamedTuple

from .errors import SellerHelpError

Format = Literal["csv", "jsonl", "lines"]
FORMS: dict[str, Format] = {
    ".csv": "csv",
    ".tsv": "csv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".txt": "lines",
    "": "lines",
}
"""What the suffix of a name says."""

MAX_LINE = 1 << 20  # bytes of a line, and of a CSV record, that are read
_FEW = 100  # lines that a CSV record may have in any case
_PATIENCE = 1_000_000  # lines that may be read again before records are held to that
ADDED = ("channel", "offering", "confidence", "reason", "error")
"""What a record gains. JSON has `error` only where there is one."""
PREFIX = "seller_help_"  # stands before the added names if the input has one of them already
FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
MARK = "\ufeff"  # spreadsheets tell by it that a file is UTF-8
_WORKBOOK = "PK\x03\x04"  # what a zip file begins with, as .xlsx and .ods are
_BARE_RETURN = "a line ends with a carriage return alone: save it as CSV UTF-8"
_NO_MESSAGE = (
    "--text-field NAME says where the message is; --format lines reads a file without a header"
)
# Python's own limit of a cell is lower; what we wrote we can read again.
csv.field_size_limit(max(csv.field_size_limit(), 2 * MAX_LINE))


class Fault(NamedTuple):
    """What is wrong with a record, and where that stands."""

    line: int
    what: str
    column: int = 1

    def __str__(self) -> str:
        at = f", column {self.column}" if self.column > 1 else ""
        return f"line {self.line}{at}: {self.what}"


class Record(NamedTuple):
    """One record of the input: its message, and what of it goes out again."""

    text: str
    kept: Any  # the fields that came: CSV's cells, or a JSON object without its closing brace
    line: int = 0  # where it begins in the file
    fault: Fault | None = None
    prefix: str = ""


class Answer(NamedTuple):
    """What a record gains."""

    channel: str | None
    offering: str | None
    confidence: float | None
    reason: str | None
    cut: bool = False  # the message was longer than the router reads. (Counted, not written.)


def records(
    readline: Callable[[int], bytes],
    form: Format,
    name: str = "text",
    *,
    needed: Sequence[str] = (),
    as_csv: bool = False,
) -> Form:
    """The records of a file whose `readline` this is; `name` is the field with the message.

    CSV without that column, or without those that are `needed`, is refused. Plain lines go out as
    JSON objects, or `as_csv`.
    """
    lines = _lines(readline)
    if form == "csv":
        return _Rows(lines, name, needed)
    return _Column(lines, name) if as_csv else _Objects(lines, name, bare=form == "lines")


class _Line(NamedTuple):
    number: int
    text: str
    size: int
    fault: Fault | None = None
    mark: str = ""  # `MARK` on the first line, if it was there


def _lines(readline: Callable[[int], bytes]) -> Iterator[_Line]:
    """The lines with their numbers; of one that is too long only the beginning."""
    number = 0
    while raw := readline(MAX_LINE + 1):
        number += 1
        size, fault, rest = len(raw), None, raw
        if size > MAX_LINE:
            fault = Fault(number, f"longer than {MAX_LINE:,} bytes; only the beginning is kept")
            while rest and not rest.endswith(b"\n"):
                rest = readline(MAX_LINE)
        mark = MARK if number == 1 and raw.startswith(MARK.encode()) else ""
        raw = raw.removeprefix(mark.encode())
        try:
            text = raw.decode()
        except UnicodeDecodeError as error:
            told = f"byte 0x{raw[error.start]:02x} is not UTF-8 (save the file as UTF-8)"
            fault = fault or Fault(number, told, error.start + 1)
            text = raw.decode(errors="replace")
        yield _Line(number, text, size, fault, mark)


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
                yield self._whole(line.text.rstrip("\r\n"), line.number, line.fault)
            elif text := line.text.strip():
                yield self._read(line, text)

    def _whole(self, text: str, line: int, fault: Fault | None) -> Record:
        kept = json.dumps({self._name: text})[:-1]
        return Record(text, kept, line, fault, _prefix((self._name,)))

    def _read(self, line: _Line, text: str) -> Record:
        fault, found = line.fault, None
        try:
            found = None if fault else _decoded(text)
        except RecursionError:
            fault = Fault(line.number, "broken JSON (too many brackets in each other)")
        except ValueError as error:
            what = f"broken JSON ({getattr(error, 'msg', error)})"
            fault = Fault(line.number, what, getattr(error, "colno", 1))
        if not isinstance(found, dict):
            return self._whole(text, line.number, fault or Fault(line.number, "no JSON object"))
        message = found.get(self._name)
        if not isinstance(message, str):
            what = "is no text" if self._name in found else "is missing"
            message, fault = "", Fault(line.number, f"the field '{self._name}' {what}")
        return Record(message, text[:-1].rstrip(), line.number, fault, _prefix(found))

    def fields(self, record: Record) -> dict[str, Any]:
        """The fields that came, by their names."""
        found: dict[str, Any] = json.loads(f"{record.kept}}}")
        return found

    def written(self, record: Record, answer: Answer) -> str:
        """The object with its answer."""
        comma, name = "" if record.kept == "{" else ", ", f'"{record.prefix}'
        fault = f', {name}error": {json.dumps(str(record.fault))}' if record.fault else ""
        return (
            f'{record.kept}{comma}{name}channel": {_json(answer.channel)}, '
            f'{name}offering": {_json(answer.offering)}, '
            f'{name}confidence": {_json(answer.confidence)}, '
            f'{name}reason": {_json(answer.reason)}{fault}}}\n'
        )


def _refused(number: str) -> None:
    raise ValueError(f"{number} is no JSON")


_json = lru_cache(maxsize=10_000)(json.dumps)  # ids, reasons and figures come again and again
_decoded = json.JSONDecoder(parse_constant=_refused).decode


def _prefix(names: Iterable[str]) -> str:
    """What the added names need before them so that they are new."""
    taken, prefix = set(names), ""
    while not taken.isdisjoint(prefix + each for each in ADDED):
        prefix += PREFIX
    return prefix


class _Cells:
    """What goes out as CSV."""

    def __init__(self, header: list[str], delimiter: str = ",") -> None:
        self._header, prefix = header, _prefix(header)
        self._write = csv.writer(_Echo(), delimiter=delimiter).writerow
        self.head: str = self._write([*header, *(prefix + each for each in ADDED)])

    def fields(self, record: Record) -> dict[str, Any]:
        """The cells that came, by the names in the header, without blanks and in small letters."""
        return dict(zip(map(_plain, self._header), record.kept, strict=False))

    def written(self, record: Record, answer: Answer) -> str:
        """The row with its answer; cells for which the header has no name come last."""
        width = len(self._header)
        own, more = record.kept[:width], record.kept[width:] if record.fault else []
        own.extend([""] * (width - len(own)))
        added = ("" if each is None else each for each in (*answer[:4], record.fault))
        row: str = self._write([*own, *added, *more])
        return row


class _Column(_Cells):
    """Bare lines that become a column."""

    def __init__(self, lines: Iterator[_Line], name: str) -> None:
        super().__init__([name])
        self._lines = lines

    def __iter__(self) -> Iterator[Record]:
        for line in self._lines:
            text = line.text.rstrip("\r\n")
            yield Record(text, [_harmless(text)], line.number, line.fault)


class _Rows(_Cells):
    """The rows of CSV below its header."""

    def __init__(self, lines: Iterator[_Line], name: str, needed: Sequence[str]) -> None:
        first = next((line for line in lines if line.text.strip()), _Line(1, "", 0))
        if first.text.startswith(_WORKBOOK):
            raise SellerHelpError("it is a workbook, no CSV", "cannot-read", "save it as CSV UTF-8")
        self._delimiter = _delimiter(first.text, (name, *needed))
        self._lines, self._again = lines, deque([first])
        self._taken: list[_Line] = []
        self._patience = _PATIENCE
        header, _, fault = next(self._read(), ([], first, None))
        if fault:
            raise SellerHelpError(f"the header cannot be read: {fault}", "cannot-read")
        self._name, self._at = name, _column(header, name, _NO_MESSAGE)
        for each in needed:
            _column(header, each)
        super().__init__(header, self._delimiter)
        self.head = first.mark + self.head

    def __iter__(self) -> Iterator[Record]:
        width = len(self._header)
        for row, line, fault in self._read():
            what = ""
            if not row:
                row.extend([*[""] * self._at, _harmless(line.text.rstrip("\r\n"))])
            elif any(row[width:]):
                what = f"{len(row)} cells, the header names {width}"
            elif len(row) <= self._at:
                what = f"the field '{self._name}' is missing"
            text = row[self._at] if len(row) > self._at else ""
            wrong = fault or (Fault(line.number, what) if what else None)
            yield Record(text, row, line.number, wrong)

    def _read(self) -> Iterator[tuple[list[str], _Line, Fault | None]]:
        """Each row with its first line and what is wrong with it; none but that line if broken.

        The other lines that a broken row seemed to have are read again: a quote that nobody closed
        must not swallow the rest of the file. Where every line is such a one, that would take the
        square of their number: so rows may have fewer lines when many were read again.
        """
        while True:
            self._taken.clear()
            try:
                for row in csv.reader(self._feed(), delimiter=self._delimiter, strict=True):
                    if row:
                        faults = (each.fault for each in self._taken if each.fault)
                        yield row, self._taken[0], next(faults, None)
                    self._taken.clear()
            except csv.Error as error:
                first, *rest = self._taken
                self._again.extendleft(reversed(rest))
                self._patience -= len(rest)
                told = _BARE_RETURN if "new-line" in str(error) else str(error)
                yield [], first, first.fault or Fault(first.number, f"broken CSV ({told})")
            else:
                return

    def _feed(self) -> Iterator[str]:
        size = 0
        while line := self._again.popleft() if self._again else next(self._lines, None):
            self._taken.append(line)
            size = line.size if len(self._taken) == 1 else size + line.size
            if size > MAX_LINE:
                raise csv.Error(f"more than {MAX_LINE:,} bytes")
            if len(self._taken) > (limit := max(_FEW, self._patience)):
                raise csv.Error(f"more than {limit:,} lines")
            yield line.text


def _delimiter(header: str, wanted: Sequence[str]) -> str:
    """What stands between the cells: what shows the most of the names that are wanted, or cells.

    With a decimal comma, spreadsheets write semicolons.
    """

    def found(delimiter: str) -> tuple[int, int]:
        try:
            cells = next(csv.reader([header], delimiter=delimiter))
        except (csv.Error, StopIteration):  # whoever reads it in earnest says so
            return 0, 0
        return len({*map(_plain, wanted)}.intersection(map(_plain, cells))), len(cells)

    return max(",;\t", key=found)


def _column(header: list[str], name: str, hint: str = "") -> int:
    """Where a name stands in the header, or one that differs from it by case and blanks only."""
    at = [number for number, cell in enumerate(header) if cell == name]
    at = at or [number for number, cell in enumerate(header) if _plain(cell) == _plain(name)]
    if len(at) == 1:
        return at[0]
    found = f"the header names '{name}' {len(at)} times"
    if not at:
        found = f"the header names no '{name}', but: {', '.join(header) or 'nothing'}"
    raise SellerHelpError(found, "usage", "" if at else hint)


def _plain(name: str) -> str:
    return name.strip().casefold()


Form = _Objects | _Column | _Rows
"""A form in which records come (`iter`) and go: `head`, then each `written`."""


class _Echo:
    """Where csv.writer writes to: it gets every row back."""

    write = staticmethod(str)


def _harmless(text: str) -> str:
    """Text that was no cell before, so that no spreadsheet runs it."""
    return f"'{text}" if text.startswith(FORMULA) else text
