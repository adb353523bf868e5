# ruff: noqa: INP001 (a folder of scripts is no package)
"""What happens to a message on its way: typing errors, capitals, lost punctuation, courtesies."""

from __future__ import annotations

import random
import re
import unicodedata
from collections.abc import Callable
from zlib import crc32

import checkout

LONG = re.compile(r"[^\W\d_]{6,}")
PART = 0.25
KEYS = {
    key: row[max(at - 1, 0) : at] + row[at + 1 : at + 2]
    for row in ("qwertyuiop", "asdfghjkl", "zxcvbnm")
    for at, key in enumerate(row)
}
"""Each letter's neighbours on the keyboard."""
FILLERS = (checkout.ROOT / "tests/messages/fillers.txt").read_text("utf-8").split("\n\n")[1]
"""What people put around a message, a line each; those of which none was looked at."""


def mistyped(text: str, seed: str) -> str:
    """The text with a quarter of its words of six or more letters mistyped, one fault in each."""
    chance = random.Random(seed)  # noqa: S311 (the same faults on every run)
    return LONG.sub(
        lambda word: _fault(word[0], chance) if chance.random() < PART else word[0], text
    )


def _fault(word: str, chance: random.Random) -> str:
    """Swap two letters, drop one, double one, or hit the key beside it."""
    at = chance.randrange(len(word) - 1)
    kind = chance.randrange(4)
    if kind == 0:
        return word[:at] + word[at + 1] + word[at] + word[at + 2 :]
    if kind == 1:
        return word[:at] + word[at + 1 :]
    if kind == 2:
        return word[:at] + word[at] + word[at:]
    beside = KEYS.get(word[at].lower(), word[at])
    return word[:at] + chance.choice(beside) + word[at + 1 :]


def _unpunctuated(text: str) -> str:
    """Without punctuation: apostrophes vanish, anything else becomes a space."""
    joined = re.sub("['\u2019]", "", text)
    return "".join(" " if unicodedata.category(each).startswith("P") else each for each in joined)


def _filled(text: str) -> str:
    """The message with one of the fillers around it, always the same one."""
    around = FILLERS.splitlines()
    return around[crc32(text.encode()) % len(around)].replace("{}", text)


SAME: dict[str, Callable[[str], str]] = {
    "upper case": str.upper,
    "no punctuation": _unpunctuated,
    "NFD": lambda text: unicodedata.normalize("NFD", text),
    "courtesies": lambda text: f"hi team, {text} pls help asap",
    "fillers": _filled,
}
"""Changes after which the answer should be the same."""
