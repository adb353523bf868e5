"""The triggers that are most like a message: found by their rare words, compared by rapidfuzz."""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

from .text import whole_of

if TYPE_CHECKING:
    from .weights import Weights

_ENOUGH = 80
"""A message's roots and pairs lead to triggers, the rarest first, until there are so many."""
_TELLING = 3
"""A message of so many words is like triggers of so many: one with fewer (*returns*) would stand
whole in too many messages."""
_VOTERS = 15
"""So many triggers vote."""
_POWER = 6
"""A trigger's vote is its likeness (0 to 1) to this power: half as like is no voter at all."""


class Nearest:
    """Finds the triggers that share rare words with a message and ranks them by likeness."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._roots: dict[int, str] = {}
        self._last: tuple[list[str], list[tuple[int, float]]] = ([], [])

    def triggers(self, roots: list[str]) -> list[tuple[int, float]]:
        """The numbers of the nearest triggers with their likeness from 0 to 1, the best first."""
        asked, nearest = self._last  # at once: another thread may change it
        if roots == asked:
            return nearest
        from rapidfuzz import fuzz, process  # where it is needed only: 12 ms of a start

        pairs = (f"{a} {b}" for a, b in pairwise(roots))
        asked_for = dict.fromkeys((*roots, *pairs, *whole_of(roots)))
        lists = [self._weights.triggers_with(each) for each in asked_for]
        known = self._roots.get  # of some hundred triggers: a call for each would be felt
        near: dict[int, str] = {}
        for lead in sorted(filter(len, lists), key=len):
            near.update([(each, known(each) or self._roots_of(each)) for each in lead])
            if len(near) >= _ENOUGH:
                break
        if len(roots) >= _TELLING:
            near = {each: its for each, its in near.items() if its.count(" ") >= _TELLING - 1}
        found = process.extract(
            " ".join(roots), near, scorer=fuzz.token_set_ratio, limit=_VOTERS, score_cutoff=1
        )
        nearest = [(number, likeness / 100) for _, likeness, number in found]
        self._last = (roots, nearest)
        return nearest

    def alike(self, roots: list[str]) -> list[tuple[int, float]]:
        """The nearest triggers for people: likeness is the mean of token set ratio and ratio.

        The first alone calls every trigger 100 % like a message that it contains.
        """
        from rapidfuzz import fuzz

        text = " ".join(roots)
        both = (
            (number, (likeness + fuzz.ratio(text, self._roots_of(number)) / 100) / 2)
            for number, likeness in self.triggers(roots)
        )
        return sorted(both, key=lambda each: -each[1])

    def votes(self, roots: list[str]) -> dict[str | None, float]:
        """Each channel's share of the nearest triggers' votes; None stands for off-topic.

        A channel's votes are divided by the square root of how many triggers it has, or else the
        channel with the most triggers would win by numbers alone.
        """
        votes: dict[str | None, float] = {}
        for number, likeness in self.triggers(roots):
            channel = self._weights.labels[self._weights.owner(number)][0]
            vote = likeness**_POWER / self._weights.sizes[channel] ** 0.5
            votes[channel] = votes.get(channel, 0.0) + vote
        total = sum(votes.values())
        return {channel: vote / total for channel, vote in votes.items()} if total else {}

    def _roots_of(self, number: int) -> str:
        roots = self._roots.get(number)
        if roots is None:
            self._roots[number] = roots = self._weights.roots(number)
        return roots
