"""A message becomes a decision: its words are weighed, and the triggers most like it may vote.

1. Read: at most `MAX_LENGTH` characters; courtesies fall away, short forms are written out, typos
   are repaired (`spelling`).
2. Weigh: the words, their pairs, triples and opening (of one or two words also the whole) have
   weights for each channel and offering, learned from the triggers (`learning`, `weights`); they
   are added up.
3. Unless one channel is clear by that, the triggers most like the message vote (`nearest`).
4. The scores become shares that add up to 1; the best one is the confidence.
5. Below the catalogue's thresholds the decision says so instead of guessing.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from operator import add, truediv
from typing import TYPE_CHECKING

from .catalogue import Taught
from .decision import Candidate, Decision, Reason
from .evidence import as_typed, evidence_for
from .nearest import Nearest
from .spelling import Reader
from .store import weights_of

if TYPE_CHECKING:
    from .catalogue import Catalogue

MAX_LENGTH = 10_000
"""Characters of a message that are read; some 1,700 words."""
# The next six were chosen on tests/messages, of the unread files by their figures alone. With half
# or twice as much of one the accuracy over all files changes by less than a point.
BLEND = 0.6
"""Offerings whose scores differ by less than this speak for their channel together; one that is
further behind the best adds next to nothing."""
NEAR = 2.5
"""Two channels whose scores differ by less than this are near each other (a score's spread over
the triggers is about 1); the triggers most like the message then have a say."""
SAY = 0.8
"""How much of a say: the votes' logarithm times this."""
SPARED = 1.5
"""What a channel gains that is clear by itself: as much as the vote, which is spared then, adds to
such a channel on average."""
SILENT = 0.03
"""What a channel without a vote is given, as a logarithm needs something."""
HEAT = 1.5
"""With caution 1, two scores that differ by so much have shares as 2.7 to 1."""
CLOSE = 0.4
"""A second channel with at least this part of the first one's share is close to it."""


@dataclass(frozen=True, slots=True)
class _Side:
    """A channel, or off-topic, and where its labels stand."""

    channel: str | None
    labels: tuple[int, ...]
    sizes: tuple[int, ...]
    """How many triggers each label has."""
    size: int
    """How many all of them have."""


class Router:
    """Routes messages to the channels of a catalogue."""

    catalogue: Catalogue
    """What it was made with."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Take the catalogue's compiled form if there is one, or else learn from its triggers.

        Learning takes some 20 s for a hundred thousand triggers, and is kept in the user's cache
        for the next time. SellerHelpError (`bad-catalogue`) if there is too much to learn.
        """
        self.catalogue = catalogue
        self._weights = weights = weights_of(catalogue)
        self._reader = Reader(weights)
        self._nearest = Nearest(weights)
        places: dict[str | None, list[int]] = {}
        for place, (channel, _) in enumerate(weights.labels):
            places.setdefault(channel, []).append(place)
        self._sides = []
        for channel, labels in places.items():
            sizes = tuple(weights.sizes[label] for label in labels)
            self._sides.append(_Side(channel, tuple(labels), sizes, sum(sizes)))

    def __reduce__(self) -> tuple[type[Router], tuple[Catalogue]]:
        mine = self.catalogue
        taught = Taught(self._weights, mine.triggers, mine.words)
        return Router, (replace(mine, taught=taught),)  # nothing is learned anew

    def route_many(self, messages: Iterable[str]) -> Iterator[Decision]:
        """The decisions for many messages, one after another, in their order."""
        return map(self.route, messages)

    def route(self, message: str) -> Decision:
        """The channel for a message, with how sure that is and why.

        Any text has an answer; none raises. The time grows with the message's length, up to
        `MAX_LENGTH` characters.
        """
        cut = len(message) > MAX_LENGTH
        read = self._reader.read(message[:MAX_LENGTH])
        if self._reader.says_nothing(read.words):
            return self._nothing(message, "empty", 1.0, cut)
        numbers_only = all(word[0] == "0" for word in read.words)
        rows = [] if read.strange or numbers_only else self._weights.rows(read.rows)
        scores = self._weights.scores(rows)
        if scores is None:
            return self._nothing(message, "unknown", 0.5, cut)
        best = [max(side.labels, key=scores.__getitem__) for side in self._sides]
        found = [_blended([scores[label] for label in side.labels]) for side in self._sides]
        second, first = sorted([-math.inf, *found])[-2:]
        if first - second >= NEAR:
            found[found.index(first)] += SPARED
        else:
            best, heard = self._heard(scores, self._nearest.votes(read, rows))
            found = list(map(add, found, heard))
        shares = self._shares(found)

        def explain() -> tuple[Candidate, ...]:
            typed = as_typed(read.words, message[:MAX_LENGTH])
            words = list(zip(typed, read.rows, strict=True))
            return self._candidates(best, shares, words, self._nearest.alike(read, rows))

        at, reason = self._verdict(shares)
        channel, offering = (None, None) if at is None else self._weights.labels[best[at]]
        confidence = max(shares) if at is None else shares[at]
        return Decision(message, channel, offering, confidence, reason, explain, cut)

    def _candidates(
        self,
        best: list[int],
        shares: list[float],
        words: list[tuple[str, int]],
        alike: list[tuple[int, float]],
    ) -> tuple[Candidate, ...]:
        """All sides with what spoke for each, the likeliest first; that one beside the second."""
        order = sorted(range(len(shares)), key=lambda at: -shares[at])
        rivals = {order[0]: best[order[1]]} if len(order) > 1 else {}
        candidates = []
        for at in order:
            label, rival = best[at], rivals.get(at)
            why = evidence_for(self._weights, alike, label, rival, words)
            candidates.append(Candidate(*self._weights.labels[label], shares[at], why))
        return tuple(candidates)

    def _heard(self, scores: list[float], votes: list[float]) -> tuple[list[int], list[float]]:
        """Each side's best label after the nearest triggers had their say, and what they add."""
        best, heard = [], []
        for side in self._sides:
            own = [scores[label] for label in side.labels]
            its = [votes[label] for label in side.labels]
            all_of_them = sum(its)
            heard.append(all_of_them / side.size)
            if all_of_them and len(its) > 1:
                own = list(map(add, own, _said(list(map(truediv, its, side.sizes)))))
            best.append(side.labels[own.index(max(own))])
        return best, _said(heard)

    def _shares(self, found: list[float]) -> list[float]:
        """The scores as shares of 1 (softmax; the caution is its temperature)."""
        heat, most = HEAT * max(self.catalogue.settings.caution, 0.01), max(found)
        powers = [math.exp((score - most) / heat) for score in found]
        total = math.fsum(powers)
        return [power / total for power in powers]

    def _verdict(self, shares: list[float]) -> tuple[int | None, Reason]:
        """Which side is the answer, None for no channel, and why."""
        settings = self.catalogue.settings
        order = sorted(range(len(shares)), key=lambda at: -shares[at])
        ranked = [at for at in order if self._sides[at].channel is not None]
        first = order[0]
        if first != ranked[0] and shares[first] >= settings.off_topic:
            return None, "off-topic" if shares[first] >= settings.sure else "unsure"
        best = shares[ranked[0]]
        if best >= settings.sure:
            return ranked[0], "clear"
        close = len(ranked) > 1 and shares[ranked[1]] >= CLOSE * best
        return ranked[0], "close" if close else "unsure"

    def _nothing(self, message: str, reason: Reason, confidence: float, cut: bool) -> Decision:
        share = 1 / len(self._sides)
        every = tuple(Candidate(side.channel, None, share) for side in self._sides)
        return Decision(message, None, None, confidence, reason, lambda: every, cut)


def _blended(scores: list[float]) -> float:
    """A side's score: that of its best label, and a little more for each that is nearly as good.

    The logarithm of their sum, as `BLEND` weighs them. A story that fits two offerings of a channel
    by halves speaks for that channel.
    """
    most = max(scores)
    if len(scores) == 1:
        return most
    return most + BLEND * math.log(sum([math.exp((each - most) / BLEND) for each in scores]))


def _said(votes: list[float]) -> list[float]:
    """What votes add to scores.

    They were divided by how many triggers there are, or else whoever has the most would win by
    numbers alone.
    """
    total = sum(votes) or 1.0
    return [SAY * math.log(vote / total + SILENT) for vote in votes]
