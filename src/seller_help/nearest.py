"""The triggers that are most like a message: found by their rare words, compared by rapidfuzz."""

from __future__ import annotations

from typing import TYPE_CHECKING

from .spelling import written_out
from .text import roots_of

if TYPE_CHECKING:
    from .spelling import Reading
    from .weights import Weights

_ENOUGH = 80
"""A message's features lead to triggers, the rarest first, until there are so many."""
_VOTERS = 15
"""So many triggers vote."""
_POWER = 4
"""A trigger's vote is its likeness (0 to 1) to this power: half as like is hardly a voter."""


class Nearest:
    """Finds the triggers that share rare words with a message and ranks them by likeness.

    Compared are texts in signs (`Weights.signs`), a character for each word: of these rapidfuzz's
    ratio is the share of words that both have (Dice), and rare ones count more.
    """

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._spelling: dict[str, str] = weights.head["words"]["spelling"]
        self._signs = [""] * len(weights)  # of the triggers, each read when it is first asked for
        self._last: tuple[Reading | None, list[tuple[int, float]]] = (None, [])

    def triggers(self, read: Reading, rows: list[int]) -> list[tuple[int, float]]:
        """The numbers of the nearest triggers with their likeness from 0 to 1, the best first.

        `rows` are those of the message's features (`Weights.rows`).
        """
        asked, nearest = self._last  # at once: another thread may change it
        if read is asked:
            return nearest
        from rapidfuzz import fuzz, process  # where it is needed only: 12 ms of a start

        near = self._weights.triggers_with(rows, _ENOUGH)
        known = self._signs  # of some hundred triggers: a call for each would be felt
        signs = [known[number] or self._sign_trigger(number) for number in near]
        asked_for = "".join(sorted(set(read.signs)))
        best = process.extract(asked_for, signs, scorer=fuzz.ratio, limit=_VOTERS, score_cutoff=1)
        nearest = [(near[at], likeness / 100) for _, likeness, at in best]
        self._last = (read, nearest)
        return nearest

    def alike(self, read: Reading, rows: list[int]) -> list[tuple[int, float]]:
        """The nearest triggers for people, as like as their letters: the mean of two ratios.

        The token set ratio alone calls every trigger 100 % like a message that it contains.
        """
        from rapidfuzz import fuzz

        text, found = " ".join(read.roots), []
        for number, _ in self.triggers(read, rows):
            trigger = self._weights.trigger(number).text
            its = " ".join(roots_of(written_out(trigger, self._spelling)))
            found.append((number, (fuzz.token_set_ratio(text, its) + fuzz.ratio(text, its)) / 200))
        return sorted(found, key=lambda each: -each[1])

    def votes(self, read: Reading, rows: list[int]) -> list[float]:
        """The nearest triggers' votes for each label, in the order of the labels."""
        votes = [0.0] * len(self._weights.labels)
        owners = self._weights.owners
        for number, likeness in self.triggers(read, rows):
            votes[owners[number]] += likeness**_POWER
        return votes

    def _sign_trigger(self, number: int) -> str:
        self._signs[number] = signs = self._weights.signs(number)
        return signs
