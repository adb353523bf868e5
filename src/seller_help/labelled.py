"""Messages with their right answers: read from JSONL or CSV, every fault with its line."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from .errors import Problem, SellerHelpError
from .filling import nearest, shown
from .reading import MAX_PROBLEMS, read_bytes
from .records import NONE, Fault, Format, records

if TYPE_CHECKING:
    from .catalogue import Catalogue

MAX_LABELLED = 256 << 20
"""Bytes of a file of labelled messages; some million messages."""


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


def read_labelled(path: Path, catalogue: Catalogue, name: str = "text") -> list[Labelled]:
    """The labelled messages of a JSONL file, or of a CSV file if its name ends so.

    Fields: `name`, with the message; `channel` (an id of the catalogue; `none`, empty or null is
    off-topic); and, where there are any, `offering`, `also_ok` (a list; in CSV with `;` between)
    and `id`.
    SellerHelpError (`cannot-read`) lists the faults with their lines.
    """
    try:
        raw = read_bytes(path, MAX_LABELLED)
    except SellerHelpError as error:
        raise SellerHelpError(f"{path} {error.message}", error.code) from None
    found: list[Labelled] = []
    problems: list[Problem] = []
    form: Format = "csv" if path.suffix.lower() == ".csv" else "jsonl"
    try:
        source = records(io.BytesIO(raw).readline, form, name, needed=("channel",))
    except SellerHelpError as error:
        raise _refused(path, [Problem(str(path), 1, 1, "", error.message)]) from None
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
        raise _refused(path, problems)
    return found


def _refused(path: Path, problems: list[Problem]) -> SellerHelpError:
    return SellerHelpError(f"{path} cannot be used", "cannot-read", problems=tuple(problems))


def _wrong(message: str, hint: str = "") -> SellerHelpError:
    return SellerHelpError(message, "bad-record", hint)


def _labelled(text: str, record: Mapping[str, Any], catalogue: Catalogue, line: int) -> Labelled:
    if "channel" not in record:
        raise _wrong("the field 'channel' is missing")
    channel = _channel(record["channel"], catalogue)
    others = record.get("also_ok") or ()
    if isinstance(others, str):
        others = filter(None, re.split(r"[;,|\s]+", others))
    elif not isinstance(others, (list, tuple)):
        raise _wrong("'also_ok' must be a list")
    also_ok = tuple(_channel(each, catalogue) for each in others)
    offering = _offering(record.get("offering"), channel, catalogue)
    identity = record.get("id")
    name = str(line) if identity in (None, "") else str(identity)
    return Labelled(text, channel, offering, also_ok, name)


def _channel(value: object, catalogue: Catalogue) -> str | None:
    ids = [channel.id for channel in catalogue.channels]
    if value in ids:
        return str(value)
    if value in (None, "", NONE):
        return None
    raise _wrong(f"no channel has the id {shown(str(value))}", nearest(str(value), [*ids, NONE]))


def _offering(value: object, channel: str | None, catalogue: Catalogue) -> str | None:
    if value in (None, ""):
        return None
    if channel is None:
        raise _wrong(f"off-topic has no offering {shown(str(value))}")
    ids = [offering.id for offering in catalogue.channel(channel).offerings]
    if value not in ids:
        message = f"'{channel}' has no offering {shown(str(value))}"
        raise _wrong(message, nearest(str(value), ids) if ids else "")
    return str(value)
