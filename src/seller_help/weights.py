"""The compiled form of a catalogue: one block of bytes, of which a message needs a few places.

A catalogue of seventy thousand triggers must not make a start slower, so nothing is built when the
block is opened: a feature is found by bisection among the sorted keys, and its row is read where
it stands. Only a router that reads many messages takes the keys into a dictionary, and keeps the
rows that it has read.

The block begins with a line of JSON (the head); then come the sections that the head names. All
of it is numbers and text: nothing in it can run.
"""

from __future__ import annotations

import json
import re
import sys
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from math import sqrt
from typing import TYPE_CHECKING, Any, Literal
from zlib import crc32

from .catalogue import Trigger

if TYPE_CHECKING:
    from .learning import Label, Learned

MANY = 400
"""A feature that stands in more triggers than these does not lead to them."""
_ZERO = 1 << 15  # weights in rows are stored this much larger: sums then need no signs
_RARITY = 64  # a squared rarity of 1 in a row; no rarity reaches 32
_ONCE = 3  # so much rarity makes a word count once where texts are compared,
_STRANGE = 5  # and one that no trigger has counts as often as one of the rarest
_SIGNS = 0xD7FF  # so many characters take two bytes each
_AT_HAND = 20_000  # rows are kept ready to be added, the first that come: they come often; 3 MB


def compiled(
    learned: Learned,
    triggers: Sequence[tuple[Trigger, list[str]]],
    found_in: dict[str, list[int]],
    vocabulary: Iterable[str],
    head: dict[str, Any],
) -> bytes:
    """The block. `found_in` gives a feature's triggers; `head` is any JSON to keep with it.

    A trigger comes with the roots of its words, and is kept with their signs: a message is compared
    with some hundred triggers, and to find the signs of each would take as long as all else.
    """
    rows, fine = _rows(learned)
    lists = [found_in.get(feature, []) for feature in learned.features]
    number = {label: at for at, label in enumerate(learned.labels)}
    owners = array("H", (number[each.channel, each.offering] for each, _ in triggers))
    topics = list(dict.fromkeys(each.topic for each, _ in triggers))
    under = {topic: at for at, topic in enumerate(topics)}
    texts = [f"{under[each.topic]}\t{each.text}".encode() for each, _ in triggers]
    squares = rows[len(learned.labels) :: len(learned.labels) + 2]
    times = dict(zip(learned.features, map(_times, squares), strict=True))
    signs = [_as_signs((root, times[root]) for root in roots) for _, roots in triggers]
    keys = [feature.encode() for feature in learned.features]
    sections: dict[str, bytes | array[int]] = {
        "rows": rows,
        **_joined("key", keys),
        **_joined("text", texts),
        "signs": "".join(signs).encode("utf-16")[2:],  # without the mark of the byte order
        "sign_ends": _ends(signs),
        "owners": owners,
        "found": array("I", (trigger for each in lists for trigger in each)),
        "found_ends": _ends(lists),
        "vocabulary": "\n".join(vocabulary).encode(),
    }
    owned = Counter(owners)
    learned_head = {
        "labels": learned.labels,
        "sizes": [owned[place] for place in range(len(learned.labels))],
        "bias": learned.bias,
        "fine": fine,
        "topics": topics,
    }
    return _block({**head, **learned_head}, sections)


def _joined(name: str, parts: list[bytes]) -> dict[str, bytes | array[int]]:
    """Two sections: texts one behind the other, and where each ends."""
    return {f"{name}s": b"".join(parts), f"{name}_ends": _ends(parts)}


def _as_signs(counted: Iterable[tuple[str, int]]) -> str:
    """Words as signs: a character each, repeated as often as the word counts, in sorted order.

    Where such texts are compared by their characters, words are compared, and rare ones most.
    """
    signs = {chr(1 + crc32(root.encode()) % _SIGNS) * times for root, times in counted}
    return "".join(sorted(signs))


def _times(square: int) -> int:
    """How often a word of this squared rarity (as in a row) counts in a comparison: 1 or more."""
    return max(1, round(sqrt(square / _RARITY) / _ONCE))


def _rows(learned: Learned) -> tuple[array[int], float]:
    """The rows of all features, and how much larger weights are in them.

    A row holds a feature's weight for each label, the square of its rarity, and a 1 that counts
    rows when they are added up.
    """
    largest = max((max(map(abs, row)) for row in _weighed(learned)), default=0.0)
    fine = (_ZERO - 1) / max(largest, 1.0)
    rows = array("H")
    for rarity, weights in zip(learned.rarity, _weighed(learned), strict=True):
        rows.extend(_ZERO + round(weight * fine) for weight in weights)
        rows.extend((round(rarity * rarity * _RARITY), 1))
    return rows, fine


def _weighed(learned: Learned) -> Iterable[list[float]]:
    for rarity, weights in zip(learned.rarity, learned.weights, strict=True):
        yield [rarity * weight for weight in weights]


def _ends(parts: Iterable[Sequence[Any]]) -> array[int]:
    ends = array("I", (0,))
    for part in parts:
        ends.append(ends[-1] + len(part))
    return ends


def _block(head: dict[str, Any], sections: dict[str, bytes | array[int]]) -> bytes:
    body, places = bytearray(), {}
    for name, section in sections.items():
        raw = bytes(section)
        places[name] = (len(body), len(raw))
        body += raw + bytes(-len(raw) % 8)
    return _headed({**head, "order": sys.byteorder, "sections": places, "size": len(body)}, body)


def _headed(head: dict[str, Any], body: bytes | bytearray | memoryview) -> bytes:
    line = json.dumps(head)
    return b"".join((f"{line}{' ' * (-(len(line) + 1) % 8)}\n".encode(), body))


class _Read(dict[int, int]):
    """Rows by their number, each as one number with 32 bits for an entry: so rows can be added."""

    def __init__(self, rows: memoryview, width: int) -> None:
        self._rows, self._width = rows, width

    def __missing__(self, number: int) -> int:
        row = self._rows[number * self._width : (number + 1) * self._width]
        read = int.from_bytes(array("I", row).tobytes(), sys.byteorder)
        if len(self) < _AT_HAND:
            self[number] = read
        return read


class Weights:
    """What a catalogue's triggers teach, read from a block (see `compiled`)."""

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
        self._keys = self._section("keys")
        self._key_ends = self._numbers("key_ends", "I")
        self._texts = self._section("texts")
        self._text_ends = self._numbers("text_ends", "I")
        self._signs = self._section("signs")
        self._sign_ends = self._numbers("sign_ends", "I")
        self._owners = self._numbers("owners", "H")
        self._found = self._numbers("found", "I")
        self._found_ends = self._numbers("found_ends", "I")
        self._all: dict[str, int] | None = None
        self._read = _Read(self._rows, self._width)

    def __reduce__(self) -> tuple[type[Weights], tuple[bytes]]:
        return Weights, (bytes(self.block),)

    def with_head(self, head: dict[str, Any]) -> bytes:
        """The block with another head, as `compiled` is given it: what was learned stays."""
        return _headed({**self.head, **head}, self._body)

    def _section(self, name: str) -> memoryview:
        start, size = self.head["sections"][name]
        return self._body[start : start + size]

    def _numbers(self, name: str, kind: Literal["H", "I"]) -> memoryview:
        section = self._section(name)
        return section.cast(kind) if section else memoryview(array(kind))

    def rows(self, features: Iterable[str]) -> list[int]:
        """The rows of the features, by number; none for those that no trigger taught."""
        found = map(self._place if self._all is None else self._all.get, features)
        return [row for row in found if row is not None]

    def knows(self, feature: str) -> bool:
        """A trigger taught this feature."""
        return self._place(feature) is not None

    def take_in(self) -> None:
        """Find features fast from now on, at the price of a dictionary of all."""
        if self._all is None:
            text = bytes(self._keys)
            self._all = {
                text[start:end].decode(): place
                for place, (start, end) in enumerate(pairwise(self._key_ends))
            }

    def _place(self, feature: str) -> int | None:
        if self._all is not None:
            return self._all.get(feature)
        count, wanted = len(self._key_ends) - 1, feature.encode()
        place = bisect_left(range(count), wanted, key=self._key)
        return place if place < count and self._key(place) == wanted else None

    def as_signs(self, root: str) -> str:
        """One word, made to be compared: the rarer it is, the more often its sign stands there."""
        place = self._place(root)
        known = place is not None and _times(self._rows[(place + 1) * self._width - 2])
        return _as_signs([(root, known or _STRANGE)])

    def _key(self, place: int) -> bytes:
        return bytes(self._keys[self._key_ends[place] : self._key_ends[place + 1]])

    def scores(self, rows: Iterable[int]) -> list[float] | None:
        """Each label's score from the rows of some features, or None without any.

        A label's score is the sum of rarity times weight over the rows, divided by the length of
        the rarities (a long text speaks no louder than a short one), and its bias.
        """
        total = sum(map(self._read.__getitem__, rows))
        if not total:
            return None
        entries = array("I", total.to_bytes(4 * self._width, sys.byteorder))
        zero = entries[-1] * _ZERO
        size = sqrt(entries[-2] / _RARITY) * self.head["fine"]
        pairs = zip(entries, self.bias, strict=False)  # two entries more are no label's
        return [(entry - zero) / size + bias for entry, bias in pairs]

    def triggers_with(self, rows: Iterable[int], enough: int) -> list[int]:
        """The numbers of the triggers that have a feature, the rarest features' first.

        When there are `enough` (counted as often as they have a feature) no more come. A feature
        that stands in too many triggers to tell leads to none.
        """
        ends = self._found_ends
        found: list[int] = []
        spans = [(ends[row + 1] - ends[row], ends[row]) for row in rows]
        for size, start in sorted(spans):
            found += self._found[start : start + size]
            if len(found) >= enough:
                break
        return list(dict.fromkeys(found))

    def __len__(self) -> int:
        """The number of triggers."""
        return len(self._text_ends) - 1

    def trigger(self, number: int) -> Trigger:
        """The trigger with this number, in the order of the catalogue."""
        raw = self._texts[self._text_ends[number] : self._text_ends[number + 1]]
        topic, text = bytes(raw).decode().split("\t")
        channel, offering = self.labels[self.owner(number)]
        return Trigger(text, channel, offering, self.head["topics"][int(topic)])

    def signs(self, number: int) -> str:
        """The words of the trigger with this number, made to be compared (see `_as_signs`)."""
        start, end = self._sign_ends[number], self._sign_ends[number + 1]
        return str(self._signs[2 * start : 2 * end], "utf-16")

    def owner(self, number: int) -> int:
        """The place among the labels of the trigger with this number."""
        return self._owners[number]

    def weight(self, feature: str, label: int) -> float:
        """How loudly a feature speaks for the label with this place; 0 if no trigger taught it."""
        place = self._place(feature)
        if place is None:
            return 0.0
        return float((self._rows[place * self._width + label] - _ZERO) / self.head["fine"])

    @cached_property
    def vocabulary(self) -> list[str]:
        """Every word that needs no repair.

        First those of the triggers (`taught` in the head says how many), the more frequent ones
        first; then those that are only common.
        """
        return bytes(self._section("vocabulary")).decode().split("\n")
