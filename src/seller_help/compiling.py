"""What a catalogue teaches, as one block of bytes that `weights` reads.

The block begins with a line of JSON (the head); then come the sections that the head names. All
of it is numbers and text: nothing in it can run.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any
from zlib import compress, crc32

from .learning import Learned, learn
from .spelling import NAME, written_out
from .text import features_of, parts_of, roots_of, whole_of, words_of
from .weights import BITS, PAGE, RARITY, ZERO, as_signs, headed, table_size, times

if TYPE_CHECKING:
    from .catalogue import Catalogue, Words

STEPS = 20
"""So many places further than its own a feature may stand in a table, on average; it is 0.25."""
MANY = 400  # a feature that stands in more triggers than these does not lead to them


def block_of(catalogue: Catalogue, head: dict[str, Any]) -> bytes:
    """The block of a catalogue; `head` is any JSON to keep with it.

    OverflowError if there is too much to learn.
    """
    learned = learn(catalogue.triggers, _texts(catalogue))
    texts = list(_texts(catalogue))  # only now it is sure that there is room for them
    roots = [roots_of(words) for words in texts]
    counts = Counter(chain.from_iterable(texts))
    known = sorted(counts, key=lambda word: (-counts[word], word))
    common = (word for text in catalogue.words.common for word in words_of(text))
    vocabulary = dict.fromkeys((*known, *common))
    rows, fine = _rows(learned)
    sections: dict[str, bytes | array[int]] = {
        "rows": rows,
        **_keys(learned.features),
        **_leading(learned.features, roots),
        **_triggers(catalogue, learned, rows, roots),
        "vocabulary": "\n".join(vocabulary).encode(),
    }
    owned = Counter(sections["owners"])
    of_triggers = {
        "labels": learned.labels,
        "sizes": [owned[place] for place in range(len(learned.labels))],
        "bias": learned.bias,
        "fine": fine,
        "taught": len(known),
        "shared": _shared(roots),
        "courtesy": _courtesy(catalogue.words),
    }
    return _block({**head, **of_triggers}, sections)


def _texts(catalogue: Catalogue) -> Iterator[list[str]]:
    """The words of each trigger, one after another, its short forms in full."""
    return (written_out(each.text, catalogue.words.spelling) for each in catalogue.triggers)


def _shared(roots: list[list[str]]) -> float:
    """How large a share of the triggers' words (by their roots) stands in other triggers too."""
    having = Counter(chain.from_iterable(map(set, roots)))
    every = [having[each] > 1 for each in chain.from_iterable(roots)]
    return sum(every) / max(1, len(every))


def _courtesy(words: Words) -> list[list[str]]:
    """The words of each stock phrase, the longest phrase first; none of phrases without words.

    Where a name may follow the phrase, its last word is `NAME`.
    """
    stock = sorted(words.courtesy, key=len, reverse=True)
    said = ((written_out(text, words.spelling), text.endswith(NAME)) for text in stock)
    return [each + [NAME] * named for each, named in said if each]


def _rows(learned: Learned) -> tuple[array[int], float]:
    """The rows of all features, from 1 on, and how much larger weights are in them.

    A row holds a feature's weight for each label, the square of its rarity, and a 1 that counts
    rows when they are added up.
    """
    largest = max((max(map(abs, row)) for row in _weighed(learned)), default=0.0)
    fine = (ZERO - 1) / max(largest, 1.0)
    rows = array("H", bytes(2 * (len(learned.labels) + 2)))
    for rarity, weights in zip(learned.rarity, _weighed(learned), strict=True):
        rows.extend(ZERO + round(weight * fine) for weight in weights)
        rows.extend((round(rarity * rarity * RARITY), 1))
    return rows, fine


def _weighed(learned: Learned) -> Iterable[list[float]]:
    for rarity, weights in zip(learned.rarity, learned.weights, strict=True):
        yield [rarity * weight for weight in weights]


def _keys(features: list[str]) -> dict[str, bytes | array[int]]:
    """How a feature's row is found (see `table_size`): words, and keys of the other features.

    A key has the rows of the words side by side, before them a number for the sign of an opening
    or a whole.
    """
    words = [feature for feature in features if len(parts_of(feature)) == 1]
    number = {word: at for at, word in enumerate([*words, "^", "="], 1)}
    keys = array("Q")
    for feature in features[len(words) :]:
        key = 0
        for part in parts_of(feature):
            key = key << BITS | number[part]
        keys.append(key)
    raw = [word.encode() for word in words]
    return {
        **_joined("word", raw),
        "word_table": _table(list(map(crc32, raw)), 1),
        "keys": keys,
        "key_table": _table(keys, len(words) + 1),
    }


def _table(keys: Sequence[int], first: int) -> array[int]:
    """The rows of these keys, `first` and on; the last place is free, so each search has an end.

    OverflowError if they are in each other's way so often that somebody must have meant it.
    """
    size, steps = table_size(len(keys)), STEPS * len(keys) + 10_000
    table = array("I", bytes(4 * (size + 1)))
    for row, key in enumerate(keys, first):
        place = key % size
        while table[place]:
            place += 1
        table[place] = row
        steps -= place - key % size
        if steps < 0:
            raise OverflowError("words that are made to have one checksum")
        if place == len(table) - 1:
            table.append(0)
    return table


def _leading(features: list[str], roots: list[list[str]]) -> dict[str, bytes | array[int]]:
    """The triggers to which each feature leads: for words, pairs and wholes those that have it.

    One or two words (*returns*) would stand wholly in too many messages: they lead to the trigger
    only where they are all of the message.
    """
    leads = (each for each in features if each.count(" ") < 2 and each[0] != "^")
    found_in: dict[str, list[int]] = {feature: [] for feature in leads}
    for number, some in enumerate(roots):
        for feature in found_in.keys() & set(whole_of(some) or features_of(some)):
            found_in[feature].append(number)
    lists = [[], *(found_in.get(feature, []) for feature in features)]
    lists = [some if len(some) <= MANY else [] for some in lists]
    return {"found": array("I", chain.from_iterable(lists)), "found_ends": _ends(lists)}


def _triggers(
    catalogue: Catalogue, learned: Learned, rows: array[int], roots: list[list[str]]
) -> dict[str, bytes | array[int]]:
    """Each trigger's text, label and signs.

    The texts, which nothing but evidence needs, are compressed: 2 MB less to read at a start. A
    message is compared with some hundred triggers, and to find the signs of each then would take
    as long as all else.
    """
    number = {label: at for at, label in enumerate(learned.labels)}
    texts = [each.text for each in catalogue.triggers]
    pages = (texts[start : start + PAGE] for start in range(0, len(texts), PAGE))
    width = len(learned.labels) + 2
    squares = rows[width + len(learned.labels) :: width]
    counts = dict(zip(learned.features, map(times, squares), strict=True))
    signs = [as_signs((root, counts[root]) for root in some) for some in roots]
    owners = (number[each.channel, each.offering] for each in catalogue.triggers)
    return {
        **_joined("page", [compress(json.dumps(page).encode(), 9) for page in pages]),
        "signs": "".join(signs).encode("utf-16")[2:],  # without the mark of the byte order
        "sign_ends": _ends(signs),
        "owners": array("H", owners),
    }


def _joined(name: str, parts: list[bytes]) -> dict[str, bytes | array[int]]:
    """Two sections: texts one behind the other, and where each ends."""
    return {f"{name}s": b"".join(parts), f"{name}_ends": _ends(parts)}


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
    return headed({**head, "order": sys.byteorder, "sections": places, "size": len(body)}, body)
