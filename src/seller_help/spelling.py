"""A message's words as the catalogue knows them: short forms written out, typos repaired."""

from __future__ import annotations

from array import array
from collections import defaultdict
from collections.abc import Iterable, Mapping
from functools import cached_property, lru_cache
from itertools import chain
from typing import TYPE_CHECKING, NamedTuple

from .text import root, words_of

if TYPE_CHECKING:
    from .weights import Weights

_SHORT = 4  # a word of fewer letters is like too many others
_LONG = 6  # a word of as many letters may have two faults, a shorter one has one
_FEW = 4  # of fewer words nobody can tell what language they are
_KEPT = 20_000  # words are remembered, with what they mean
_NAMED = 3  # words that a name has at most
NAME = "..."
"""Behind a stock phrase of courtesy: it may be followed by a name, with which the message ends."""

_Stock = dict[str, list[list[str]]]  # stock phrases by their first word, the longest first


def written_out(text: str, spelling: Mapping[str, str]) -> list[str]:
    """The words of a text, its short forms (*pls*, *acct*) in full."""
    words = words_of(text)
    if spelling.keys().isdisjoint(words):
        return words
    full = ((word,) if word not in spelling else words_of(spelling[word]) for word in words)
    return [each for words in full for each in words]


class Reading(NamedTuple):
    """A message as it was read: the words that tell the matter."""

    words: tuple[str, ...] = ()  # with their typos repaired
    roots: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()  # see `Weights.row`
    signs: tuple[str, ...] = ()  # see `Weights.as_signs`
    strange: bool = False
    """It is hardly in the triggers' language: what is known in it, is known by chance."""


class Reader:
    """Reads messages: without their courtesies, short forms written out, typos repaired."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights
        self._word = lru_cache(_KEPT)(self._read_word)
        self._shared: float = weights.head["shared"]
        self._spelling: dict[str, str] = weights.head["words"]["spelling"]
        self._openings: _Stock = {}
        self._closings: _Stock = {}
        self._signing: _Stock = {}
        for stock in weights.head["courtesy"]:
            if stock[-1] == NAME:
                stock.pop()
                self._signing.setdefault(stock[-1], []).append(stock[::-1])
            self._openings.setdefault(stock[0], []).append(stock)
            self._closings.setdefault(stock[-1], []).append(stock[::-1])
        self._silent = frozenset(weights.head["words"]["silent"])

    def read(self, text: str) -> Reading:
        """The words that tell the matter, and whether too few of them are known to tell it.

        Of the words of any trigger some share stands in other triggers too. A message is strange
        if it has four words or more and, as typed, its share of known ones is less by a half.
        """
        words = _without(written_out(text, self._spelling), self._openings)
        words = _without(self._unsigned(words[::-1]), self._closings)[::-1]
        if not words:
            return Reading()
        texts, roots, rows, signs, known = zip(*map(self._word, words), strict=True)
        strange = len(words) >= _FEW and sum(known) < (self._shared - 0.5) * len(words)
        return Reading(texts, roots, rows, signs, strange)

    def _unsigned(self, words: list[str]) -> list[str]:
        """Words in reverse without the name that they begin with, if a closing comes before it."""
        for end, word in enumerate(words[: _NAMED + 1]):
            if end and word in self._signing and _begun(words[end:], self._signing):
                return words[end:]
        return words

    def says_nothing(self, words: Iterable[str]) -> bool:
        """There are no words, or only silent ones."""
        return self._silent.issuperset(words)

    def _read_word(self, typed: str) -> tuple[str, str, int, str, bool]:
        """What `Reading` has of a word, and whether it needed no repair."""
        text, known = self.meant(typed)
        own = root(text)
        row = self._weights.row(own)
        return text, own, row, self._weights.as_signs(own, row), known

    def meant(self, word: str) -> tuple[str, bool]:
        """The known word with the fewest faults between, the most frequent of several.

        A fault is a letter too many, missing, wrong or changed with its neighbour (optimal string
        alignment). The first or the last letter has to be right. A word that is known, short or
        like no other stays. With it comes whether it was known as it stands.
        """
        known = self._weights.row(root(word)) > 0 or word in self._common
        if known or len(word) < _SHORT or not word.isalpha():
            return word, known
        from rapidfuzz import process  # where it is needed only: 12 ms of a start
        from rapidfuzz.distance import OSA

        faults = 2 if len(word) >= _LONG else 1
        lengths = range(len(word) - faults, len(word) + faults + 1)
        ends = ((word[0], 0), (word[-1], -1))
        lists = (self._by_end.get((length, *end), ()) for length in lengths for end in ends)
        ranks = list(chain.from_iterable(lists))
        near = list(map(self._weights.vocabulary.__getitem__, ranks))
        found = process.extract(word, near, scorer=OSA.distance, score_cutoff=faults, limit=None)
        best = min(found, key=lambda each: (each[1], ranks[each[2]]), default=None)
        return best[0] if best else word, False

    @cached_property
    def _common(self) -> frozenset[str]:
        return frozenset(self._weights.vocabulary[self._weights.head["taught"] :])

    @cached_property
    def _by_end(self) -> dict[tuple[int, str, int], array[int]]:
        """The triggers' words by length and first letter, and by length and last letter.

        Each as its place in the vocabulary: the more frequent a word, the smaller.
        """
        by_end: dict[tuple[int, str, int], array[int]] = defaultdict(lambda: array("I"))
        for rank, word in enumerate(self._weights.vocabulary[: self._weights.head["taught"]]):
            if len(word) >= _SHORT - 1:
                by_end[len(word), word[0], 0].append(rank)
                by_end[len(word), word[-1], -1].append(rank)
        return by_end


def _without(words: list[str], stock: _Stock) -> list[str]:
    """What comes after the stock phrases with which the words begin."""
    while begun := _begun(words, stock):
        words = words[begun:]
    return words


def _begun(words: list[str], stock: _Stock) -> int:
    """How many words the stock phrase has with which the words begin, 0 if there is none."""
    phrases = stock.get(words[0], ()) if words else ()
    return next((len(each) for each in phrases if words[: len(each)] == each), 0)
