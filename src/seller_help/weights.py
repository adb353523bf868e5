"""What a catalogue teaches: read from its compiled form, one block of bytes (see `compiling`).

A catalogue of a hundred thousand triggers must not make a start slower, so nothing is built when
the block is opened. A feature's row is found in a table of the block: a word by its checksum, a
feature of several words by their rows, side by side. What a row says is read where it stands, and
kept at hand for the next message.
"""

from __future__ import annotations

import json
import re
import sys
from array import array
from collections.abc import Iterable, Sequence
from functools import cached_property, lru_cache, reduce
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Any, Literal
from zlib import crc32, decompress

from .catalogue import Trigger

if TYPE_CHECKING:
    from .learning import Label

ZERO = 1 << 15  # weights in rows are stored this much larger: sums then need no signs
RARITY = 64  # a squared rarity of 1 in a row; no rarity reaches 32
BITS = 21  # of a key for each word in it; learning allows no more words than these can number
PAGE = 16  # so many triggers' texts are compressed together
_PAGES = 32  # that are kept at hand: those of the triggers that are shown for one message
_ONCE = 3  # so much rarity makes a word count once where texts are compared,
_STRANGE = 5  # and one that no trigger has counts as often as one of the rarest
_SIGNS = 0xD7FF  # so many characters take two bytes each


def as_signs(counted: Iterable[tuple[str, int]]) -> str:
    """Words as signs: a character each, repeated as often as the word counts, in sorted order.

    Where such texts are compared by their characters, words are compared, and rare ones most.
    """
    signs = {chr(1 + crc32(root.encode()) % _SIGNS) * times for root, times in counted}
    return "".join(sorted(signs))


def times(square: int) -> int:
    """How often a word of this squared rarity (as in a row) counts in a comparison: 1 or more."""
    return max(1, round(sqrt(square / RARITY) / _ONCE))


def table_size(features: int) -> int:
    """How many places the table of so many features is meant to have: a third of them is taken.

    In a table a row stands at the remainder of its key, or in the next place that is free (0). An
    odd number: or else the remainder would say little of the first words in a key.
    """
    return 3 * features | 1


def headed(head: dict[str, Any], body: bytes | bytearray | memoryview) -> bytes:
    """A block of this head and these sections."""
    line = json.dumps(head)
    return b"".join((f"{line}{' ' * (-(len(line) + 1) % 8)}\n".encode(), body))


class Weights:
    """What a catalogue's triggers teach, read from a block.

    A feature (`text.features_of`) has a row, by its number from 1 on: its weights for all labels,
    and how rare it is.
    """

    def __init__(self, block: bytes | memoryview) -> None:
        view = memoryview(block)
        self.block = view
        line_end = re.search(b"\n", view)
        if not line_end:
            raise ValueError("no head")
        self.head: dict[str, Any] = json.loads(bytes(view[: line_end.end()]))
        self._body = view[line_end.end() :]
        if len(self._body) != self.head["size"] or self.head["order"] != sys.byteorder:
            raise ValueError("not a whole block of this machine")
        self.labels: list[Label] = [(channel, own) for channel, own in self.head["labels"]]
        self.sizes: list[int] = self.head["sizes"]
        self.bias: list[float] = self.head["bias"]
        self._width = len(self.labels) + 2
        self._rows = self._numbers("rows", "H")
        self._words = self._section("words")
        self._word_ends = self._numbers("word_ends", "I")
        self._word_table = self._numbers("word_table", "I")
        self._opening = len(self._word_ends)  # numbers of signs that stand in keys as words do
        self._whole = self._opening + 1
        self._keys = self._numbers("keys", "Q")
        self._key_table = self._numbers("key_table", "I")
        self._pages = self._section("pages")
        self._page_ends = self._numbers("page_ends", "I")
        self._page = lru_cache(_PAGES)(self._read_page)
        self._signs = self._section("signs")
        self._sign_ends = self._numbers("sign_ends", "I")
        self.owners = self._numbers("owners", "H")
        """The place among the labels of each trigger's own."""
        self._found = self._numbers("found", "I")
        self._found_ends = self._numbers("found_ends", "I")
        self._read = [0] * (len(self._found_ends) - 1)  # rows to be added, see `_row`

    def __reduce__(self) -> tuple[type[Weights], tuple[bytes]]:
        return Weights, (bytes(self.block),)

    def with_head(self, head: dict[str, Any]) -> bytes:
        """The block with another head, as `block_of` is given it: what was learned stays."""
        return headed({**self.head, **head}, self._body)

    def _section(self, name: str) -> memoryview:
        start, size = self.head["sections"][name]
        return self._body[start : start + size]

    def _numbers(self, name: str, kind: Literal["H", "I", "Q"]) -> memoryview:
        section = self._section(name)
        return section.cast(kind) if section else memoryview(array(kind))

    def row(self, root: str) -> int:
        """The row of a single word, which is its number too; 0 if no trigger has it."""
        table, ends, wanted = self._word_table, self._word_ends, root.encode()
        place = crc32(wanted) % table_size(self._opening - 1)
        while (row := table[place]) and self._words[ends[row - 1] : ends[row]] != wanted:
            place += 1
        return row

    def rows(self, words: Sequence[int]) -> list[int]:
        """The rows of a text's features, each once; its words come as their rows."""
        pairs, triples, _ = self._joined(words)
        found = dict.fromkeys((*words, *pairs, *triples, *self._short(words)))
        found.pop(0, None)
        return list(found)

    def spans(self, words: Sequence[int]) -> list[tuple[int, int, int]]:
        """The row of each feature where it stands in a text: of its words the first and the end."""
        pairs, triples, ends = self._joined(words)
        spans = [(row, at, at + 1) for at, row in enumerate(words)]
        # An opening is a pair or a triple with one word less, as nothing stands before the text.
        spans += [(row, max(0, at - 1), at + 1) for at, row in enumerate(pairs)]
        spans += [(row, max(0, at - 2), at + 1) for at, row in zip(ends, triples, strict=True)]
        spans += [(row, 0, len(words)) for row in self._short(words)]
        return [each for each in spans if each[0]]

    def _joined(self, words: Sequence[int]) -> tuple[list[int], list[int], list[int]]:
        """The rows of the pairs that end with each word, and of triples, with the words they end.

        0 for what is unknown. The first pair and triple are the opening. A triple is looked for
        only where both its pairs are known: it stands in no more triggers than they do.
        """
        keys = [before << BITS | word for before, word in pairwise([self._opening, *words])]
        pairs = self._rows_at(keys)
        ends = [at for at, (one, two) in enumerate(pairwise(pairs), 1) if one and two]
        triples = self._rows_at([keys[at - 1] << BITS | words[at] for at in ends])
        return pairs, triples, ends

    def _short(self, words: Sequence[int]) -> list[int]:
        """The row of one or two words as a whole, 0 if it was not taught; nothing of more words."""
        if not 0 < len(words) <= 2:
            return []
        return self._rows_at([reduce(lambda key, each: key << BITS | each, words, self._whole)])

    def _rows_at(self, keys: list[int]) -> list[int]:
        """The row of the feature with each key, or 0."""
        table, known, first, rows = self._key_table, self._keys, self._opening, []
        size = table_size(len(known))
        for key in keys:
            place = key % size
            while (row := table[place]) and known[row - first] != key:
                place += 1
            rows.append(row)
        return rows

    def as_signs(self, root: str, row: int) -> str:
        """A word with this row, made to be compared: the rarer, the more often its sign comes."""
        known = row and times(self._rows[(row + 1) * self._width - 2])
        return as_signs([(root, known or _STRANGE)])

    def scores(self, rows: Iterable[int]) -> list[float] | None:
        """Each label's score from the rows of some features, or None without any.

        A label's score is the sum of rarity times weight over the rows, divided by the length of
        the rarities (a long text speaks no louder than a short one), and its bias.
        """
        read = self._read
        total = sum([read[row] or self._row(row) for row in rows])
        if not total:
            return None
        entries = array("I", total.to_bytes(4 * self._width, sys.byteorder))
        zero = entries[-1] * ZERO
        size = sqrt(entries[-2] / RARITY) * self.head["fine"]
        pairs = zip(entries, self.bias, strict=False)  # two entries more are no label's
        return [(entry - zero) / size + bias for entry, bias in pairs]

    def _row(self, number: int) -> int:
        """A row as one number with 32 bits for an entry: so rows can be added."""
        row = self._rows[number * self._width : (number + 1) * self._width]
        self._read[number] = read = int.from_bytes(array("I", row).tobytes(), sys.byteorder)
        return read

    def triggers_with(self, rows: Iterable[int], enough: int) -> list[int]:
        """The numbers of the triggers that have a feature, the rarest features' first.

        When there are `enough` (counted as often as they have a feature) no more come. A feature
        that stands in too many triggers to tell leads to none.
        """
        ends = self._found_ends
        found: list[int] = []
        spans = [(ends[row], ends[row + 1]) for row in rows]
        for size, start in sorted((end - start, start) for start, end in spans if start < end):
            found += self._found[start : start + size]
            if len(found) >= enough:
                break
        return list(dict.fromkeys(found))

    def __len__(self) -> int:
        """The number of triggers."""
        return len(self.owners)

    def trigger(self, number: int) -> Trigger:
        """The trigger with this number, in the order of the catalogue."""
        page, line = divmod(number, PAGE)
        return Trigger(self._page(page)[line], *self.labels[self.owners[number]])

    def _read_page(self, number: int) -> list[str]:
        """The texts of some triggers."""
        start, end = self._page_ends[number], self._page_ends[number + 1]
        page: list[str] = json.loads(decompress(self._pages[start:end]))
        return page

    def signs(self, number: int) -> str:
        """The words of the trigger with this number, made to be compared (see `as_signs`)."""
        start, end = self._sign_ends[number], self._sign_ends[number + 1]
        return str(self._signs[2 * start : 2 * end], "utf-16")

    def weight(self, row: int, label: int) -> float:
        """How loudly the feature with this row speaks for the label with this place."""
        return float((self._rows[row * self._width + label] - ZERO) / self.head["fine"])

    @cached_property
    def vocabulary(self) -> list[str]:
        """Every word that needs no repair.

        First those of the triggers (`taught` in the head says how many), the more frequent ones
        first; then those that are only common.
        """
        return bytes(self._section("vocabulary")).decode().split("\n")
