"""Triggers become weights: evidence is counted, then corrected where it misleads a trigger."""

from __future__ import annotations

import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain, count
from operator import mul
from struct import Struct
from typing import TYPE_CHECKING
from zlib import crc32

from .text import features_of, parts_of, roots_of

if TYPE_CHECKING:
    from .catalogue import Trigger

Label = tuple[str | None, str | None]
"""A channel's id (None: off-topic) and the id of one of its offerings, if it has any."""

SMOOTHING = 0.1
"""What every count starts from; small, as the triggers are many and short."""
PASSES = 10
"""How often the triggers are gone through to correct what misleads them; from the second time on
only those that were wrong."""
STEP = 0.2
"""How far one correction moves the weights, of a trigger whose values have length 1."""
# Six passes of steps twice as large are as good, but then twice as many answers change with a line
# of the catalogue that has nothing to do with them.
WORD = 1.4
"""How much more a word, or a short whole, counts than a pair, triple or opening as rare."""
# Well above what the shipped catalogue has: the room and time of learning have an end.
MAX_FEATURES = 4_000_000
MAX_DIFFERENT = 1_600_000
MAX_WEIGHTS = 10_000_000
"""One for each feature and label; nor may there be more pairs of a trigger and a label, which take
the time."""
_FINE = 1 << 16  # in corrections weights are whole numbers: so many make 1,
_GRAIN = 1 << 8  # and values of features: so many make 1
_ZERO = 1 << 62  # a lane holds 64 bits and this much more than its number


@dataclass(frozen=True, slots=True)
class Example:
    """One trigger as the learner sees it."""

    label: int
    features: array[int]
    values: array[float]
    """How much each feature counts in this trigger."""


@dataclass(frozen=True, slots=True)
class Learned:
    """What the triggers teach."""

    labels: list[Label]
    features: list[str]
    """The single words first."""
    rarity: list[float]
    """Of each feature: 1 + ln((1 + triggers) / (1 + triggers with it)), the usual idf; of a single
    word or a short whole `WORD` times as much."""
    weights: list[array[float]]
    """Of each feature for each label; comparable, and 0 on average over the labels."""
    bias: list[float]


def learn(triggers: Sequence[Trigger], texts: Iterable[list[str]]) -> Learned:
    """The weights of each feature for each channel and offering; `texts` are the triggers' words.

    1. Count, for each label, how much each feature stands in the triggers of *other* labels
       (complement naive Bayes, Rennie et al. 2003; a trigger's features are weighed by their
       rarity and share its length of 1).
    2. Correct: where a trigger does not clearly speak for its own label, or speaks for another,
       move its features' weights (a linear machine with hinge loss, one label against the rest).
    3. Add both, each divided by its spread over the triggers.

    OverflowError says of what there is more than memory is meant for.
    """
    labels = list(dict.fromkeys((trigger.channel, trigger.offering) for trigger in triggers))
    number = {label: at for at, label in enumerate(labels)}
    numbers, parts = _numbered(texts)
    spread = Counter(chain.from_iterable(parts))
    kept = [name for name, at in numbers.items() if spread[at] >= _enough(name)]
    kept.sort(key=lambda name: (len(parts_of(name)) > 1, name))
    most = max(len(kept), len(triggers))
    if most * len(labels) > MAX_WEIGHTS:
        told = f"{most:,} of them, or triggers, for {len(labels):,} channels and offerings"
        raise OverflowError(told)
    places = {numbers[name]: place for place, name in enumerate(kept)}
    rarity = [_rarity(name, spread[numbers[name]], len(triggers)) for name in kept]
    examples = []
    for trigger, part in sorted(zip(triggers, parts, strict=True), key=_mixed):
        known = array("I", (places[at] for at in part if at in places))
        values = array("d", _shared([rarity[place] for place in known]))
        examples.append(Example(number[trigger.channel, trigger.offering], known, values))
    del numbers, parts, places
    counted = _count(examples, len(kept), len(labels))
    corrected, bias = _correct(examples, len(kept), len(labels))
    return Learned(labels, kept, rarity, *_added(examples, counted, corrected, bias))


def _enough(feature: str) -> int:
    """In how many triggers a feature has to stand to be learned from.

    A pair that stands in one says nothing that its single words do not say, and an opening or
    triple that stands in two next to nothing.
    """
    spaces = feature.count(" ")
    return 3 if spaces == 2 or feature[0] == "^" else 1 + spaces


def _numbered(texts: Iterable[list[str]]) -> tuple[dict[str, int], list[array[int]]]:
    """A number for each feature, and those of each trigger.

    Nothing else takes as much room as these: so they stand in arrays.
    """
    numbers: defaultdict[str, int] = defaultdict(count().__next__)
    parts, room = [], MAX_FEATURES
    for words in texts:
        features = features_of(roots_of(words))
        parts.append(array("I", map(numbers.__getitem__, features)))
        # A word that is repeated brings nothing new, but takes its time.
        room -= len(features) + 5 * (len(words) - len(set(words)))
        if room < 0 or len(numbers) > MAX_DIFFERENT:
            raise OverflowError(f"more than {MAX_FEATURES:,}, or {MAX_DIFFERENT:,} different ones")
    return numbers, parts


def _mixed(one: tuple[Trigger, array[int]]) -> int:
    """The place of a trigger in the order in which the triggers are learned from.

    Corrections need a mixed order. By a checksum it stays the same where a line of the catalogue is
    changed: shuffled anew, answers would change that have nothing to do with that line.
    """
    return crc32(one[0].text.encode())


def _rarity(feature: str, having: int, triggers: int) -> float:
    idf = 1 + math.log((1 + triggers) / (1 + having))
    return idf if " " in feature else WORD * idf


def _shared(values: list[float]) -> list[float]:
    length = math.sqrt(sum(value * value for value in values))
    return [value / length for value in values]


def _count(examples: list[Example], features: int, labels: int) -> list[array[float]]:
    rows = [array("d", bytes(8 * labels)) for _ in range(features)]
    for example in examples:
        for feature, value in zip(example.features, example.values, strict=True):
            rows[feature][example.label] += value
    for at, row in enumerate(rows):
        all_of_it = sum(row) + SMOOTHING
        rows[at] = array("d", [all_of_it - own for own in row])
    sums = [math.log(sum(column)) for column in zip(*rows, strict=True)]
    for at, row in enumerate(rows):
        rows[at] = array("d", [s - math.log(e) for s, e in zip(sums, row, strict=True)])
    return rows


def _correct(
    examples: list[Example], features: int, labels: int
) -> tuple[list[array[float]], list[float]]:
    """Weights that put each trigger on its own label's side, with a margin of 1.

    A feature's weights for all labels are one whole number with a lane of 64 bits for each, so
    that one addition serves all labels. After each pass only the triggers that were wrong stay.
    """
    weights, bias = [0] * features, 0
    lanes = [1 << (64 * label) for label in range(labels)]
    zero = sum(_ZERO * lane for lane in lanes)
    high, low = _ZERO + _FINE * _GRAIN, _ZERO - _FINE * _GRAIN
    rest = [
        (one.label, one.features, array("H", (round(value * _GRAIN) for value in one.values)))
        for one in examples
    ]
    unpack = Struct(f"<{labels}Q").unpack
    for number in range(PASSES):
        step = int(STEP / (1 + STEP * number) * _FINE / _GRAIN)
        wrong = []
        for one in rest:
            own, places, values = one
            total = zero + bias * _GRAIN + sum(map(mul, values, map(weights.__getitem__, places)))
            change = 0
            for label, score in enumerate(unpack(total.to_bytes(8 * labels, "little"))):
                if label == own:
                    change += lanes[label] if score < high else 0
                elif score > low:
                    change -= lanes[label]
            if change:
                wrong.append(one)
                change *= step
                for place, value in zip(places, values, strict=True):
                    weights[place] += change * value
                bias += change * (_GRAIN // 8)
        rest = wrong
    packed = ((each + zero).to_bytes(8 * labels, "little") for each in (*weights, bias))
    *rows, last = (_numbers(unpack(each)) for each in packed)
    return rows, list(last)


def _numbers(lanes: Iterable[int]) -> array[float]:
    return array("d", ((lane - _ZERO) / _FINE for lane in lanes))


def _added(
    examples: list[Example],
    counted: list[array[float]],
    corrected: list[array[float]],
    bias: list[float],
) -> tuple[list[array[float]], list[float]]:
    sample = examples[:: 1 + len(examples) // 3000]
    scale_1 = _spread(sample, counted, [0.0] * len(bias))
    scale_2 = _spread(sample, corrected, bias)
    weights = [
        array("d", _centred([a / scale_1 + b / scale_2 for a, b in zip(one, two, strict=True)]))
        for one, two in zip(counted, corrected, strict=True)
    ]
    return weights, _centred([b / scale_2 for b in bias])


def _spread(examples: list[Example], weights: list[array[float]], bias: list[float]) -> float:
    """The standard deviation of the labels' scores around their mean in each example."""
    squares = 0.0
    for one in examples:
        rows = [weights[feature] for feature in one.features]
        scores = [sum(map(mul, one.values, row)) for row in zip(*rows, strict=True)]
        if scores:
            squares += sum(s * s for s in _centred(list(map(sum, zip(scores, bias, strict=True)))))
    return math.sqrt(squares / (len(examples) * len(bias))) or 1.0


def _centred(numbers: list[float]) -> list[float]:
    mean = sum(numbers) / len(numbers)
    return [number - mean for number in numbers]
