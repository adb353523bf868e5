"""Messages with their right answers: read from JSONL or CSV, every fault with its line."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import Problem, SellerHelpError
from .filling import nearest, shown
from .reading import MAX_PROBLEMS, read_bytes
from .records import separator

if TYPE_CHECKING:
    from .catalogue import Catalogue

MAX_LABELLED = 256 << 20
"""Bytes of a file of labelled messages; some million messages."""
NONE = "none"
"""How a file writes off-topic; an empty or missing value says so too."""
REQUIRED = ("text", "channel")
NOT_UTF8 = "save it as UTF-8; a workbook as CSV UTF-8"
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with the answer that is right."""

    text: str
    channel: str | None
    """The right channel's id; None stands for off-topic."""
    offering: str | None = None
    """The right offering's id, or None if the file does not say."""
    also_ok: tuple[str | None, ...] = ()
    """Other channels (or off-topic) that are acceptable."""
    id: str = ""
    """What the file calls it, or else the number of its line."""


class _RecordError(Exception):
    def __init__(self, message: str, hint: str = "", column: int = 1) -> None:
        super().__init__(message, hint, column)
        self.message, self.hint, self.column = message, hint, column


def read_labelled(path: Path, catalogue: Catalogue) -> list[Labelled]:
    """The labelled messages of a JSONL file, or of a CSV file if its name ends so.

    Fields: `text`; `channel` (an id of the catalogue; `none`, empty or null is off-topic); and,
    where there are any, `offering`, `also_ok` (a list; in CSV with `;` between) and `id`.
    SellerHelpError (`cannot-read`) lists the faults with their lines.
    """
    try:
        raw = read_bytes(path, MAX_LABELLED).removeprefix(_BOM)
    except SellerHelpError as error:
        raise SellerHelpError(f"{path} {error.message}", error.code) from None
    records = _csv_records(raw) if path.suffix.lower() == ".csv" else _json_records(raw)
    found: list[Labelled] = []
    problems: list[Problem] = []
    for line, record in records:
        try:
            if isinstance(record, _RecordError):
                raise record
            found.append(_labelled(record, catalogue, line))
        except _RecordError as fault:
            where = (str(path), line, fault.column)
            problems.append(Problem(*where, "", fault.message, fault.hint))
            if len(problems) == MAX_PROBLEMS:
                break
    if problems:
        raise SellerHelpError(f"{path} cannot be used", "cannot-read", problems=tuple(problems))
    return found


def _json_records(raw: bytes) -> Iterator[tuple[int, Mapping[str, Any] | _RecordError]]:
    """Each line that is not empty, with its number."""
    for number, line in enumerate(raw.split(b"\n"), 1):
        if not line.strip():
            continue
        try:
            record = json.loads(_decoded(line))
        except _RecordError as fault:
            yield number, fault
        except ValueError as error:
            column = getattr(error, "colno", 1)
            reason = getattr(error, "msg", "a number is too long")
            yield number, _RecordError("broken JSON", reason[:1].lower() + reason[1:], column)
        except RecursionError:
            yield number, _RecordError("broken JSON", "too many brackets within each other")
        else:
            yield (
                number,
                record if isinstance(record, dict) else _RecordError("expected a JSON object"),
            )


def _csv_records(raw: bytes) -> Iterator[tuple[int, Mapping[str, Any] | _RecordError]]:
    """Each row below the header, with the number of the line on which it begins."""
    number = 1
    try:
        lines = io.StringIO(_decoded(raw), newline="")
        between = separator(lines.readline())
        lines.seek(0)
        rows = csv.reader(lines, delimiter=between, strict=True)
        header = next(rows, [])
        for field in REQUIRED:
            if field not in header:
                yield (
                    number,
                    _RecordError(
                        f"the header names no '{field}'", f"but: {', '.join(header) or 'nothing'}"
                    ),
                )
                return
        number = rows.line_num + 1
        for row in rows:
            if len(row) > len(header):
                yield number, _RecordError(f"{len(row)} fields, but the header names {len(header)}")
            elif row:
                yield number, dict(zip(header, row, strict=False))
            number = rows.line_num + 1
    except csv.Error as error:
        yield number, _RecordError("broken CSV", str(error))
    except _RecordError as fault:
        start = raw.rfind(b"\n", 0, fault.column - 1) + 1
        column = fault.column - start
        yield raw.count(b"\n", 0, start) + 1, _RecordError(fault.message, fault.hint, column)


def _decoded(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise _RecordError(
            f"byte 0x{raw[error.start]:02x} is not UTF-8", NOT_UTF8, error.start + 1
        ) from None


def _labelled(record: Mapping[str, Any], catalogue: Catalogue, line: int) -> Labelled:
    for field in REQUIRED:
        if field not in record:
            raise _RecordError(f"the field '{field}' is missing")
    if not isinstance(record["text"], str):
        raise _RecordError("'text' must be a text")
    channel = _channel(record["channel"], catalogue)
    others = record.get("also_ok") or ()
    if isinstance(others, str):
        others = filter(None, re.split(r"[;,|\s]+", others))
    elif not isinstance(others, (list, tuple)):
        raise _RecordError("'also_ok' must be a list")
    also_ok = tuple(_channel(each, catalogue) for each in others)
    offering = _offering(record.get("offering"), channel, catalogue)
    identity = record.get("id")
    name = str(line) if identity in (None, "") else str(identity)
    return Labelled(record["text"], channel, offering, also_ok, name)


def _channel(value: object, catalogue: Catalogue) -> str | None:
    ids = [channel.id for channel in catalogue.channels]
    if value in ids:
        return str(value)
    if value in (None, "", NONE):
        return None
    raise _RecordError(
        f"no channel has the id {shown(str(value))}", nearest(str(value), [*ids, NONE])
    )


def _offering(value: object, channel: str | None, catalogue: Catalogue) -> str | None:
    if value in (None, ""):
        return None
    if channel is None:
        raise _RecordError(f"off-topic has no offering {shown(str(value))}")
    ids = [offering.id for offering in catalogue.channel(channel).offerings]
    if value not in ids:
        message = f"'{channel}' has no offering {shown(str(value))}"
        raise _RecordError(message, nearest(str(value), ids) if ids else "")
    return str(value)
