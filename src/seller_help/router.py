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
from typing import TYPE_CHECKING

from .decision import Candidate, Decision, Reason
from .evidence import as_typed, evidence_for
from .nearest import Nearest
from .spelling import Reader
from .store import weights_of
from .text import features_of, roots_of

if TYPE_CHECKING:
    from .catalogue import Catalogue

MAX_LENGTH = 10_000
"""Characters of a message that are read; some 1,700 words."""
# The next five were chosen on tests/messages, of the unread files by their figures alone. With half
# or twice as much of one the accuracy over all files changes by less than a point.
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
_MANY = 20  # after so many messages a router takes all features into memory


@dataclass(frozen=True, slots=True)
class _Side:
    """A channel, or off-topic, and where its labels stand."""

    channel: str | None
    labels: tuple[int, ...]


class Router:
    """Routes messages to the channels of a catalogue."""

    catalogue: Catalogue
    """What it was made with."""

    def __init__(self, catalogue: Catalogue) -> None:
        """Take the catalogue's compiled form if there is one, or else learn from its triggers."""
        self.catalogue = catalogue
        self._weights = weights = weights_of(catalogue)
        self._reader = Reader(weights)
        self._nearest = Nearest(weights)
        places: dict[str | None, list[int]] = {}
        for place, (channel, _) in enumerate(weights.labels):
            places.setdefault(channel, []).append(place)
        self._sides = [_Side(channel, tuple(labels)) for channel, labels in places.items()]
        self._seen = 0

    def __reduce__(self) -> tuple[type[Router], tuple[Catalogue]]:
        return Router, (replace(self.catalogue, weights=self._weights),)  # nothing is learned anew

    def prepare(self) -> None:
        """Take all features into memory now; a router does so by itself after some messages."""
        self._weights.take_in()

    def route_many(self, messages: Iterable[str]) -> Iterator[Decision]:
        """The decisions for many messages, one after another, in their order."""
        return map(self.route, messages)

    def route(self, message: str) -> Decision:
        """The channel for a message, with how sure that is and why.

        Any text has an answer; none raises. The time grows with the message's length, up to
        `MAX_LENGTH` characters.
        """
        self._seen += 1
        if self._seen >= _MANY:
            self._weights.take_in()
        cut = len(message) > MAX_LENGTH
        words, strange = self._reader.read(message[:MAX_LENGTH])
        if self._reader.says_nothing(words):
            return self._nothing(message, "empty", 1.0, cut)
        roots = roots_of(words)
        numbers_only = all(word[0] == "0" for word in words)
        rows = [] if strange or numbers_only else self._weights.rows(features_of(roots))
        scores = self._weights.scores(rows)
        if scores is None:
            return self._nothing(message, "unknown", 0.5, cut)
        best = [max(side.labels, key=scores.__getitem__) for side in self._sides]
        found = [scores[label] for label in best]
        self._hear_nearest(roots, rows, found)
        shares = self._shares(found)

        def explain() -> tuple[Candidate, ...]:
            order = sorted(range(len(shares)), key=lambda at: -shares[at])
            rivals = {order[0]: best[order[1]]} if len(order) > 1 else {}
            typed = as_typed(words, message[:MAX_LENGTH])
            alike = self._nearest.alike(roots, rows)
            candidates = []
            for at in order:
                label, rival = best[at], rivals.get(at)
                why = evidence_for(self._weights, alike, label, rival, typed)
                candidates.append(Candidate(*self._weights.labels[label], shares[at], why))
            return tuple(candidates)

        at, reason = self._verdict(shares)
        channel, offering = (None, None) if at is None else self._weights.labels[best[at]]
        confidence = max(shares) if at is None else shares[at]
        return Decision(message, channel, offering, confidence, reason, explain, cut)

    def _hear_nearest(self, roots: list[str], rows: list[int], found: list[float]) -> None:
        """Add the vote of the nearest triggers to the scores, unless one is clear by itself."""
        if len(found) < 2:
            return
        second, first = sorted(found)[-2:]
        if first - second >= NEAR:
            found[found.index(first)] += SPARED
        elif votes := self._nearest.votes(roots, rows):
            for at, side in enumerate(self._sides):
                found[at] += SAY * math.log(votes.get(side.channel, 0.0) + SILENT)

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
            return None, "off-topic"
        best = shares[ranked[0]]
        if best >= settings.sure:
            return ranked[0], "clear"
        close = len(ranked) > 1 and shares[ranked[1]] >= CLOSE * best
        return ranked[0], "close" if close else "unsure"

    def _nothing(self, message: str, reason: Reason, confidence: float, cut: bool) -> Decision:
        share = 1 / len(self._sides)
        every = tuple(Candidate(side.channel, None, share) for side in self._sides)
        return Decision(message, None, None, confidence, reason, lambda: every, cut)
