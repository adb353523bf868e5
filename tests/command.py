"""Runs seller-help as a process of its own: only so are streams, signals and start-up real."""

from __future__ import annotations

import os
import pty
import re
import select
import shlex
import struct
import subprocess
import sys
import time
from fcntl import ioctl
from pathlib import Path
from termios import TIOCSCTTY, TIOCSWINSZ
from typing import Any, BinaryIO, Self

import seller_help

COMMAND = [sys.executable, "-m", "seller_help"]
EXAMPLES = Path(__file__).parents[1] / "docs" / "examples"
PLAIN = (
    ("route", "payout failed"),
    ("path", "chat"),
    ("list",),
    ("evaluate", str(EXAMPLES / "labelled.csv")),
    ("check", str(EXAMPLES / "doubtful.yaml")),
)
ANSWERS = (
    *PLAIN,
    *((*each, "--json") for each in PLAIN),
    ("catalogue",),
    ("batch", str(EXAMPLES / "labelled.csv")),
    ("completion", "bash"),
    ("--help",),
    ("--version",),
)
"""Every command that answers at once, as people and as programs ask: what is promised for all."""
TALKS = ("ask",)
"""Needs a terminal to talk with somebody: tests/test_ask.py."""
NAMES = sorted({*TALKS, *(line[0] for line in ANSWERS if not line[0].startswith("-"))})
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
    with Terminal(*COMMAND, *arguments, columns=columns, env=env) as terminal:
        return terminal.rest()


class Terminal:
    """A program on a terminal of its own, with somebody who types and waits for what is shown."""

    def __init__(
        self, *command: str, columns: int = 80, env: dict[str, str] | None = None, **more: Any
    ) -> None:
        self.ours, self.theirs = pty.openpty()
        ioctl(self.theirs, TIOCSWINSZ, struct.pack("HHHH", 50, columns, 0, 0))
        self.shown = b""
        self.process = subprocess.Popen(
            command,
            env=environment(**(env or {})),
            start_new_session=True,
            preexec_fn=_take_terminal,  # noqa: PLW1509 - the tests have no threads
            **{**dict.fromkeys(("stdin", "stdout", "stderr"), self.theirs), **more},
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self.ours)
        os.close(self.theirs)

    def type(self, text: str | bytes) -> None:
        """Press these keys."""
        data = text.encode() if isinstance(text, str) else text
        while data:
            data = data[os.write(self.ours, data) :]

    def interrupt(self) -> None:
        """Press Ctrl-C once the program waits for a key (Python takes an earlier one later)."""
        until = time.monotonic() + 60
        status = Path(f"/proc/{self.process.pid}/stat")
        while status.exists() and " S " not in status.read_text():
            assert time.monotonic() < until, "it never waited"
        self.type(b"\x03")

    def wait_for(self, text: str, seconds: float = 60) -> str:
        """What is shown from the last wait to this text; it has to come in this time."""
        until = time.monotonic() + seconds
        while text.encode() not in self.shown:
            ready, _, _ = select.select([self.ours], [], [], max(until - time.monotonic(), 0))
            assert ready, f"{text!r} did not come after {self.shown!r}"
            self.shown += os.read(self.ours, 65536)
        before, found, self.shown = self.shown.partition(text.encode())
        return _lines(before + found)

    def rest(self, seconds: float = 60) -> tuple[str, int]:
        """What is shown from the last wait to the end of the program, and its exit code."""
        until = time.monotonic() + seconds
        while self.process.poll() is None or select.select([self.ours], [], [], 0)[0]:
            assert time.monotonic() < until, f"no end after {self.shown!r}"
            if select.select([self.ours], [], [], 0.05)[0]:
                self.shown += os.read(self.ours, 65536)
        return _lines(self.shown), self.process.returncode


def tool(directory: Path) -> Path:
    """A new directory for PATH that holds `seller-help`."""
    path = directory / "bin" / "seller-help"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m seller_help "$@"\n')
    path.chmod(0o755)
    return path.parent


def _take_terminal() -> None:
    """Make the terminal that of this session, or no key could send a signal."""
    ioctl(2, TIOCSCTTY, 0)


def _lines(shown: bytes) -> str:
    return shown.decode("utf-8", "replace").replace("\r\n", "\n")
