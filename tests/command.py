"""Runs seller-help as a process of its own: only so are streams, signals and start-up real."""

from __future__ import annotations

import os
import pty
import re
import struct
import subprocess
import sys
from pathlib import Path
from typing import Any, BinaryIO

import seller_help

COMMAND = [sys.executable, "-m", "seller_help"]
SETTINGS = ("NO_COLOR", "FORCE_COLOR", "CLICOLOR_FORCE", "COLUMNS", "GITHUB_ACTIONS")
ESCAPES = re.compile(r"\x1b\[[0-9;]*m")


def environment(**more: str) -> dict[str, str]:
    """The environment without settings that decide what is shown, with the package under test."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if name not in SETTINGS and not name.startswith(("PYTHON", "SELLER_HELP"))
    }
    source = str(Path(seller_help.__file__).parents[1])
    return {**kept, "PYTHONPATH": source, "PYTHONUTF8": "1", "TERM": "xterm-256color", **more}


def start(*arguments: str | bytes, env: dict[str, str] | None = None, **more: Any) -> Any:
    """A running seller-help, all three streams pipes unless said otherwise."""
    streams = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    return subprocess.Popen(
        [*COMMAND, *arguments], env=environment(**(env or {})), **{**streams, **more}
    )


def run(
    *arguments: str | bytes,
    stdin: bytes | int | BinaryIO = b"",
    env: dict[str, str] | None = None,
    **more: Any,
) -> subprocess.CompletedProcess[str]:
    """What seller-help answered: UTF-8 in pipes, exit code as a parent sees it."""
    if not isinstance(stdin, bytes):
        stdin, more["stdin"] = b"", stdin
    with start(*arguments, env=env, **more) as process:
        out, err = process.communicate(stdin or None, timeout=60)
    decoded = ((part or b"").decode("utf-8", "surrogateescape") for part in (out, err))
    return subprocess.CompletedProcess(process.args, process.returncode, *decoded)


def on_terminal(
    *arguments: str, columns: int = 80, env: dict[str, str] | None = None
) -> tuple[str, int]:
    """What seller-help shows on a terminal of its own (output and errors), and its exit code."""
    from fcntl import ioctl
    from termios import TIOCSWINSZ

    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
    with start(*arguments, env=env, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        shown = b""
        while part := _read(ours):
            shown += part
    os.close(ours)
    return shown.decode().replace("\r\n", "\n"), process.returncode


def _read(terminal: int) -> bytes:
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux says so when the other side has closed
        return b""
