"""What the router answers: a decision that carries its reasons."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import cached_property, partial
from typing import Any, Literal

Reason = Literal["clear", "close", "unsure", "off-topic", "unknown", "empty"]
"""Why a decision is as it is.

clear      one channel stands out
close      another channel may well be the right one; both are worth showing
unsure     the best guess, with little confidence: a channel (`off_topic` says how likely none is),
           or that none fits
off-topic  the message is more like what no channel is for
unknown    too few words of the message are known, as in a language without triggers, or it has
           numbers only
empty      there is nothing to read, or nothing but greetings and silent words (`it`, `why`)
"""


@dataclass(frozen=True)
class Evidence:
    """One thing that spoke for a channel."""

    kind: Literal["words", "trigger"]
    """`words`: words of the message; `trigger`: a trigger of the catalogue that is like it."""
    text: str
    """The words as the router read them (typos repaired, numbers as they were typed), or the
    trigger as the catalogue has it."""
    strength: float
    """0 to 1. Of words: their share of all that spoke for the channel; of a trigger: its likeness
    to the message (the mean of rapidfuzz's token set ratio and ratio of their word roots)."""


@dataclass(frozen=True)
class Candidate:
    """One channel, ranked."""

    channel: str | None
    """The channel's id; None stands for off-topic."""
    offering: str | None
    """The offering that fits best; None if none does (a channel may have triggers of its own), or
    if nothing could be read."""
    score: float
    """0 to 1; the scores of all channels and of off-topic add up to 1."""
    evidence: tuple[Evidence, ...] = ()
    """What spoke for it: words, then triggers, the strongest of each first."""


@dataclass(frozen=True)
class Decision:
    """The router's answer to one message."""

    message: str
    """The message as it came."""
    channel: str | None
    """The id of the recommended channel, or None if none fits."""
    offering: str | None
    """The id of its offering that fits best; None if none does (a channel may have triggers of its
    own), or if no channel fits."""
    confidence: float
    """0 to 1: the share of such answers that are right, as measured on labelled messages.

    If no channel fits, how likely that is; for `unknown` (0.5) and `empty` (1) it is fixed.
    """
    reason: Reason
    """Why it is so: `clear`, `close`, `unsure`, `off-topic`, `unknown` or `empty`.

    `unsure` may stand with a channel or without one: below the catalogue's `sure` nothing is said
    for certain, also not that no channel fits.
    """
    explain: Callable[[], tuple[Candidate, ...]] = field(repr=False, compare=False)
    """Finds the candidates with their evidence; asked once, when somebody wants to know."""
    cut: bool = False
    """The message was longer than the router reads; only its beginning counted."""

    @property
    def sure(self) -> bool:
        """One channel stands out."""
        return self.reason == "clear"

    @cached_property
    def ranked(self) -> tuple[Candidate, ...]:
        """Every channel of the catalogue, and off-topic, best first, with their evidence."""
        found = self.explain()
        against = any(each.channel is None for each in found)
        return found if against else (*found, Candidate(None, None, 0.0))

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Every channel of the catalogue, best first, with its evidence."""
        return tuple(each for each in self.ranked if each.channel is not None)

    @property
    def off_topic(self) -> Candidate:
        """The case against every channel."""
        return next(each for each in self.ranked if each.channel is None)

    def __getstate__(self) -> dict[str, Any]:
        """For pickle: with the candidates instead of the way to them."""
        return {**self.__dict__, "explain": partial(tuple, self.ranked)}
