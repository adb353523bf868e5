"""What can go wrong for a user: one exception, and the located problems of a catalogue."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Code = Literal[
    "usage",
    "unknown-channel",
    "bad-catalogue",
    "bad-record",
    "cannot-read",
    "cannot-write",
    "internal",
    "stopped",
]
"""The stable word for each kind of error."""

EXIT_CODES: dict[Code, int] = {
    "usage": 2,
    "unknown-channel": 2,
    "bad-catalogue": 3,
    "bad-record": 1,
    "cannot-read": 4,
    "cannot-write": 4,
    "internal": 70,
    "stopped": 130,
}


@dataclass(frozen=True)
class Problem:
    """One thing that is wrong in a catalogue or a file of labelled messages, with its place."""

    file: str
    line: int
    column: int
    """Line and column count from 1."""
    trail: str
    """The way to the place within the file, as in `channels[1] 'chat' > triggers[3]`."""
    message: str
    hint: str = ""

    def __str__(self) -> str:
        trail = f"{self.trail}: " if self.trail else ""
        hint = f" ({self.hint})" if self.hint else ""
        return f"{self.file}:{self.line}:{self.column}: {trail}{self.message}{hint}"


@dataclass(eq=False)
class SellerHelpError(Exception):
    """The only exception that a user can cause; all others are faults of the program."""

    message: str
    """What is wrong, in one line."""
    code: Code
    """The kind of error, in a word that stays the same."""
    hint: str = ""
    """What to do about it, or nothing."""
    problems: tuple[Problem, ...] = ()
    """Everything that is wrong with a catalogue or a file of labelled messages, each with its file,
    line and column."""
    suggestions: tuple[str, ...] = ()
    """What was probably meant, if a name is not known."""

    def __post_init__(self) -> None:
        # All of them go to Exception, so that the error survives the way between processes.
        super().__init__(self.message, self.code, self.hint, self.problems, self.suggestions)

    def __str__(self) -> str:
        return f"{self.message}: {self.problems[0]}" if self.problems else self.message

    @property
    def exit_code(self) -> int:
        """The code with which the command line ends."""
        return EXIT_CODES[self.code]
