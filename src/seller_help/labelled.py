"""Messages with their right answers: read from JSONL or CSV, every fault with its line."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .catalogue import NONE
from .errors import Problem, SellerHelpError
from .filling import nearest, shown
from .reading import MAX_PROBLEMS, read_bytes
from .records import FORMS, Fault, records

if TYPE_CHECKING:
    from .catalogue import Catalogue

MAX_LABELLED = 256 << 20  # bytes of a file of labelled messages; some million messages


@dataclass(frozen=True, slots=True)
class Labelled:
    """A message with the answer that is right."""

    text: str
    channel: str | None  # the right channel's id; None stands for off-topic
    offering: str | None = None  # the right offering's id, or None if the file does not say
    also_ok: tuple[str | None, ...] = ()  # other channels (or off-topic) that are acceptable
    id: str = ""  # what the file calls it, or else the number of its line


def read_labelled(path: Path, catalogue: Catalogue, name: str = "text") -> list[Labelled]:
    """The labelled messages of a JSONL or CSV file; the end of its name says which.

    Fields: `name`, with the message; `channel` (an id of the catalogue; `none`, empty or null is
    off-topic); and, where there are any, `offering`, `also_ok` (a list; in CSV with `;` between)
    and `id`.
    SellerHelpError (`cannot-read`) lists the faults with their lines; `usage` says that the name
    ends in another way, or that the header lacks a field.
    """
    try:
        raw = read_bytes(path, MAX_LABELLED)
    except SellerHelpError as error:
        raise SellerHelpError(f"{path} {error.message}", error.code) from None
    form = FORMS.get(path.suffix.lower())
    if form not in ("csv", "jsonl"):
        told = f"{path} cannot be read: its name ends in none of .csv, .tsv, .jsonl and .ndjson"
        raise SellerHelpError(told, "usage", "save it as CSV UTF-8 (a workbook too) or as JSONL")
    found: list[Labelled] = []
    problems: list[Problem] = []
    try:
        source = records(io.BytesIO(raw).readline, form, name, needed=("channel",))
    except SellerHelpError as error:
        raise SellerHelpError(f"{path}: {error.message}", error.code, error.hint) from None
    for record in source:
        fault, hint = record.fault, ""
        try:
            if fault is None:
                fields = source.fields(record)
                found.append(_labelled(record.text, fields, catalogue, record.line))
        except SellerHelpError as error:
            fault, hint = Fault(record.line, error.message), error.hint
        if fault is not None:
            problems.append(Problem(str(path), fault.line, fault.column, "", fault.what, hint))
            if len(problems) == MAX_PROBLEMS:
                break
    if problems:
        raise SellerHelpError(f"{path} cannot be used", "cannot-read", problems=tuple(problems))
    return found


def _wrong(message: str, hint: str = "") -> SellerHelpError:
    return SellerHelpError(message, "bad-record", hint)


def _labelled(text: str, record: Mapping[str, Any], catalogue: Catalogue, line: int) -> Labelled:
    if "channel" not in record:
        raise _wrong("the field 'channel' is missing")
    others = record.get("also_ok") or ()
    if isinstance(others, str):
        others = filter(None, re.split(r"[;,|\s]+", others))
    elif not isinstance(others, (list, tuple)):
        raise _wrong("'also_ok' must be a list")
    ids = [*(each.id for each in catalogue.channels), NONE]
    found = (_known(each, ids, "no channel has the id") for each in (record["channel"], *others))
    channel, *also_ok = (None if each == NONE else each for each in found)
    offerings = [each.id for each in catalogue.channel(channel).offerings] if channel else []
    without = f"'{channel}' has no offering" if channel else "off-topic has no offering"
    offering = _known(record.get("offering"), offerings, without)
    identity = record.get("id")
    name = str(line) if identity in (None, "") else str(identity)
    return Labelled(text, channel, offering, tuple(also_ok), name)


def _known(value: object, ids: list[str], wrong: str) -> str | None:
    """One of the ids, without the blanks that a spreadsheet leaves around it; None for nothing."""
    name = "" if value is None else str(value).strip()
    if name and name not in ids:
        raise _wrong(f"{wrong} {shown(name)}", nearest(name, ids) if ids else "")
    return name or None
