"""A talk at a terminal: messages in, answers out, until somebody leaves. Nothing is kept."""

from __future__ import annotations

import io
import os
import signal
import sys
from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from .errors import SellerHelpError

if TYPE_CHECKING:
    from .decision import Decision

GREETING = "What is wrong? (? for why, Enter leaves)\n"  # 40 columns, as a narrow terminal has
LEAVING = ("", "q", "quit", "exit", ":q", "bye")
"""The lines that end it; nobody means them as a message."""
NOTHING_YET = "Ask first: ? explains the last answer.\n"


def converse(route: Callable[[str], Decision], show: Callable[[Decision, bool], str]) -> None:
    """Answer each line that is typed; `show` puts a decision into words, with evidence or not.

    An empty line, `quit` and its like, or the end of the input ends it; so does Ctrl-C, as a
    KeyboardInterrupt.
    """
    _write(GREETING)
    last: Decision | None = None
    while True:
        try:
            line = input("> ").strip()
        except (EOFError, KeyboardInterrupt) as left:
            _write("\n")
            if isinstance(left, EOFError):
                break
            raise
        if line.lower() in LEAVING:
            break
        why = line == "?"
        if not why:
            last = route(line)
        _write(NOTHING_YET if last is None else f"{show(last, why)}\n")
    with suppress(ImportError):
        import termios

        # What was pasted behind the line that left is no command for the shell.
        termios.tcflush(sys.stdin, termios.TCIFLUSH)


def take_terminal() -> None:
    """Make ready to read lines, or refuse where there is no terminal.

    Ctrl-C is a KeyboardInterrupt from now on, unless the parent ignores it.
    """
    streams = (sys.stdin, sys.stdout, sys.stderr)
    if None in streams or not all(stream.isatty() for stream in streams[:2]):
        hint = "for a pipe or a file: seller-help route - or seller-help batch FILE"
        raise SellerHelpError("ask needs a terminal to read from and write to", "usage", hint)
    if isinstance(sys.stdin, io.TextIOWrapper):
        sys.stdin.reconfigure(errors="surrogateescape")
    if os.environ.get("TERM") != "dumb":
        with suppress(ImportError):  # Windows has none, and edits lines by itself
            import readline  # noqa: F401 - `input` uses it; its history is never written
    if signal.getsignal(signal.SIGINT) is signal.SIG_DFL:
        signal.signal(signal.SIGINT, signal.default_int_handler)


def _write(text: str) -> None:
    sys.stdout.write(text)
    sys.stdout.flush()
