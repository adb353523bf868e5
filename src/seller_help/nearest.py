"""The triggers that are most like a message: found by their rare words, compared by rapidfuzz."""

from __future__ import annotations

from functools import cached_property, lru_cache
from typing import TYPE_CHECKING
from zlib import crc32

if TYPE_CHECKING:
    from .weights import Weights

_ENOUGH = 80
"""A message's features lead to triggers, the rarest first, until there are so many."""
_VOTERS = 15
"""So many triggers vote."""
_POWER = 4
"""A trigger's vote is its likeness (0 to 1) to this power: half as like is hardly a voter."""
_STRANGE = 5
"""A word that no trigger has counts as often as one of the rarest."""
_SIGNS = 0xD7FF  # so many characters take two bytes each and may stand alone
_KEPT = 10_000  # words are remembered, with their signs


class Nearest:
    """Finds the triggers that share rare words with a message and ranks them by likeness.

    To compare words and not letters, each word becomes a sign, repeated the more often the rarer
    it is. Of such texts, sorted, rapidfuzz's ratio is the share of words that both have (Dice).
    """

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._word = lru_cache(_KEPT)(lambda root: _sign(root, weights.times(root) or _STRANGE))
        self._signs = [""] * len(weights)  # of the triggers, each found when it is first asked for
        self._last: tuple[list[str], list[tuple[int, float]]] = ([], [])

    def triggers(self, roots: list[str], rows: list[int]) -> list[tuple[int, float]]:
        """The numbers of the nearest triggers with their likeness from 0 to 1, the best first.

        `rows` are those of the features of these roots (`Weights.rows`).
        """
        asked, nearest = self._last  # at once: another thread may change it
        if roots == asked:
            return nearest
        from rapidfuzz import fuzz, process  # where it is needed only: 12 ms of a start

        near = self._weights.triggers_with(rows, _ENOUGH)
        known = self._signs  # of some hundred triggers: a call for each would be felt
        signs = [known[number] or self._sign_trigger(number) for number in near]
        asked_for = "".join(sorted(map(self._word, set(roots))))
        best = process.extract(asked_for, signs, scorer=fuzz.ratio, limit=_VOTERS, score_cutoff=1)
        nearest = [(near[at], likeness / 100) for _, likeness, at in best]
        self._last = (roots, nearest)
        return nearest

    def alike(self, roots: list[str], rows: list[int]) -> list[tuple[int, float]]:
        """The nearest triggers for people, as like as their letters: the mean of two ratios.

        The token set ratio alone calls every trigger 100 % like a message that it contains.
        """
        from rapidfuzz import fuzz

        text, found = " ".join(roots), []
        for number, _ in self.triggers(roots, rows):
            its = self._weights.roots(number)
            found.append((number, (fuzz.token_set_ratio(text, its) + fuzz.ratio(text, its)) / 200))
        return sorted(found, key=lambda each: -each[1])

    def votes(self, roots: list[str], rows: list[int]) -> dict[str | None, float]:
        """Each channel's share of the nearest triggers' votes; None stands for off-topic.

        A channel's votes are divided by how many triggers it has, or else the channel with the most
        would win by numbers alone.
        """
        votes: dict[str | None, float] = {}
        owner, heard = self._weights.owner, self._heard
        for number, likeness in self.triggers(roots, rows):
            channel, weight = heard[owner(number)]
            votes[channel] = votes.get(channel, 0.0) + likeness**_POWER * weight
        total = sum(votes.values())
        return {channel: vote / total for channel, vote in votes.items()} if total else {}

    @cached_property
    def _heard(self) -> list[tuple[str | None, float]]:
        """Each label's channel, and what a vote for it counts."""
        sizes = self._weights.sizes
        return [(channel, 1 / sizes[channel]) for channel, _ in self._weights.labels]

    def _sign_trigger(self, number: int) -> str:
        signs = {_sign(root, times) for root, times in self._weights.counted(number)}
        self._signs[number] = sign = "".join(sorted(signs))
        return sign


def _sign(root: str, times: int) -> str:
    """A word as a sign, repeated as often as it counts."""
    return chr(1 + crc32(root.encode()) % _SIGNS) * times
