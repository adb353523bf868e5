"""The standard streams as they are: what can be shown on the one, what the other holds."""

from __future__ import annotations

import codecs
import errno
import io
import os
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Literal, TextIO

from .errors import SellerHelpError
from .text import clean

Color = Literal["auto", "always", "never"]

CLOSED_PIPE = 141  # the exit code where the reader closed the pipe
NARROWEST, WIDEST = 40, 100
INPUT_LIMIT = 64 * 1024
"""Bytes read from standard input; a message that fills them is cut by the router in any case."""


@dataclass(frozen=True, slots=True)
class Screen:
    """A terminal, or a pipe for which somebody asked for colour."""

    color: bool
    width: int | None  # columns to wrap at; None in a pipe, where nothing is wrapped
    glyphs: bool  # the encoding has line-drawing characters


PIPE = Screen(color=False, width=None, glyphs=False)  # where plain text is wanted


def screen(choice: Color) -> Screen:
    """The screen behind standard output."""
    terminal = sys.stdout.isatty()
    color = _wants_color(choice, terminal)
    if not terminal and not color:
        return PIPE
    return Screen(
        color=color,
        width=columns(sys.stdout) if terminal else None,
        glyphs=b"?" not in "\u2501\u2500".encode(sys.stdout.encoding, "replace"),
    )


def columns(stream: TextIO) -> int:
    """How wide lines are drawn on a terminal: as COLUMNS or it says, within reason."""
    try:
        width = int(os.environ.get("COLUMNS") or 0)
        width = width or os.get_terminal_size(stream.fileno()).columns
    except (ValueError, OSError):
        width = 0
    return min(max(width or 80, NARROWEST), WIDEST)  # longer lines are hard to read anyway


def _wants_color(choice: Color, terminal: bool) -> bool:
    """The conventions in their usual order: the option, NO_COLOR, FORCE_COLOR, the terminal."""
    if choice != "auto":
        return choice == "always"
    if os.environ.get("NO_COLOR"):
        return False
    for name in ("FORCE_COLOR", "CLICOLOR_FORCE"):
        if value := os.environ.get(name):
            return value not in ("0", "false")
    return terminal and os.environ.get("TERM") != "dumb"


def tell(text: str) -> None:
    """Say it to a person on standard error: on a terminal between words, as wide as that is."""
    if sys.stderr is not None and sys.stderr.isatty():
        text = fitted(text, columns(sys.stderr))
    complain(text)


def fitted(text: str, width: int) -> str:
    """The text in rows of whole words, no wider than this; what belongs to a line is set in."""
    from textwrap import TextWrapper

    wrapper = TextWrapper(
        width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    glued = text.replace(" %", "\0%")  # a number stays with its percent sign
    return "\n".join(map(wrapper.fill, glued.split("\n"))).replace("\0", " ")


def complain(text: str) -> None:
    """Write to standard error; where that cannot be done, the exit code has to say it all."""
    try:
        if sys.stderr is not None:
            sys.stderr.write(text)
            sys.stderr.flush()
    except OSError:
        silence(sys.stderr)


def silence(stream: TextIO | None) -> None:
    """Send what is left in a broken stream nowhere: Python flushes once more when it ends."""
    if stream is not None:
        nowhere = os.open(os.devnull, os.O_WRONLY)
        os.dup2(nowhere, stream.fileno())
        os.close(nowhere)


def read_input() -> str:
    """The beginning of standard input; bytes that are no UTF-8 become lone surrogates."""
    with opened("-") as source:
        if source.isatty():
            keys = "Ctrl-Z and Enter" if os.name == "nt" else "Ctrl-D"
            tell(f"Type the message; {keys} on a line of its own ends it.\n")
        with telling("cannot-read"):
            data = source.read(INPUT_LIMIT)
    decoder = codecs.getincrementaldecoder("utf-8-sig")("surrogateescape")
    whole = len(data) < INPUT_LIMIT
    # a character that the limit cut in two is no bad one, and the line ends there are not the last
    text = decoder.decode(data, final=whole)
    return text.rstrip("\r\n") if whole else text


@contextmanager
def opened(name: str) -> Iterator[BinaryIO]:
    """A file to be read, or standard input for `-`."""
    if name == "-":
        if sys.stdin is None:
            raise SellerHelpError("cannot read: standard input is closed", "cannot-read")
        yield sys.stdin.buffer
        return
    with telling("cannot-read", f" {name}"):
        file = Path(name).open("rb", 1 << 16)  # noqa: SIM115 - errors in its use are others
    with file:
        yield file


@contextmanager
def replacing(target: Path) -> Iterator[BinaryIO]:
    """A new file that takes the target's place when all of it is written, and else is gone.

    Only a process that is killed leaves it behind. A device or a pipe is written as it is.
    """
    name = f" {target}"
    with telling("cannot-write", name):
        beside, place = _places(target)
        file = (beside or place).open("xb" if beside else "wb", 1 << 16)
    try:
        with telling("cannot-write", name):
            if beside and place.exists():
                beside.chmod(stat.S_IMODE(place.stat().st_mode))
        yield file
        with telling("cannot-write", name):
            file.flush()
            if beside:
                os.fsync(file.fileno())
            file.close()
            if beside:
                beside.replace(place)
    except BaseException:
        with suppress(OSError):
            file.close()
        if beside:
            beside.unlink(missing_ok=True)
        raise


def _places(target: Path) -> tuple[Path | None, Path]:
    """Where a file is to be written first, unless it is a device, and where it is to stand."""
    if target.exists() and not target.is_file():
        return None, target
    place = Path(os.path.realpath(target))  # a link stays a link
    if place.is_symlink():
        raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
    return place.with_name(f".seller-help-{os.urandom(4).hex()}.part"), place


@contextmanager
def telling(what: Literal["cannot-read", "cannot-write"], name: str = "") -> Iterator[None]:
    """What the system refuses in here is a SellerHelpError that says what cannot be done.

    In here belongs nothing else: whoever reads or writes may fail for reasons of its own.
    """
    try:
        yield
    except BrokenPipeError:  # no fault: whoever reads has seen enough
        raise
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or error
        raise SellerHelpError(f"{what.replace('-', ' ')}{name}: {reason}", what) from None


def as_file(text: str) -> str:
    """A file's content for standard output: UTF-8 whatever the locale; harmless on a terminal."""
    if sys.stdout.isatty():
        return clean(text)
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(encoding="utf-8", errors="backslashreplace", newline="\n")
    return text


def repaired(text: str) -> str:
    """The text without lone surrogates (what was no UTF-8): each becomes U+FFFD."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
