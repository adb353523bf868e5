"""How good the router is: its answers to labelled messages, measured.

In the formulas N is the number of messages, and |...| how many of them are so. A share of no
messages at all is None. Off-topic counts as an answer like any channel; its label is None.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .catalogue import Catalogue
    from .decision import Decision, Evidence
    from .labelled import Labelled
    from .router import Router

BINS = 10  # bins of equal width for the calibration
THRESHOLDS = (0.5, 0.55, 0.6, 0.65, 0.7, 0.75, 0.8, 0.85, 0.9, 0.95)


@dataclass(frozen=True, slots=True)
class LabelScores:
    """How well one channel, or off-topic, is told from the others."""

    label: str | None
    messages: int  # |right label is this|
    precision: float | None  # |answer and right label are this| / |answer is this|
    recall: float | None  # |answer and right label are this| / |right label is this|
    f1: float | None
    """2 |both are this| / (|answer is this| + |right label is this|): their harmonic mean."""


@dataclass(frozen=True, slots=True)
class Confusion:
    """How many messages of one label got one answer."""

    label: str | None
    answer: str | None
    messages: int


@dataclass(frozen=True, slots=True)
class Bin:
    """The answers whose confidence lies between two bounds (the lower one included)."""

    lower: float
    upper: float
    messages: int
    confidence: float | None  # their mean confidence
    accuracy: float | None  # |right| / |in the bin|


@dataclass(frozen=True, slots=True)
class Coverage:
    """The answers from one confidence on."""

    threshold: float
    share: float | None  # |confidence >= threshold| / N
    accuracy: float | None  # |right and confidence >= threshold| / |confidence >= threshold|


@dataclass(frozen=True, slots=True)
class Miss:
    """A message with a wrong answer, and what misled."""

    message: Labelled
    answer: str | None
    offering: str | None
    confidence: float
    acceptable: bool  # the answer is among the message's `also_ok`
    second: bool  # the right label came second
    misled: tuple[Evidence, ...]  # what spoke for the answer
    spoke: tuple[Evidence, ...]  # what spoke for the right label


@dataclass(frozen=True, slots=True)
class Change:
    """A message that another catalogue sends elsewhere."""

    message: Labelled
    before: str | None
    answer: str | None
    confidence: float  # of the answer, not of the one before


@dataclass(frozen=True, slots=True)
class Comparison:
    """What became of the answers of a base, such as the catalogue before an edit."""

    accuracy: float | None  # of the base: |its answer is the right label| / N
    difference: float | None  # accuracy now less that of the base: (|gained| - |lost|) / N
    gained: tuple[Change, ...]  # wrong before, right now
    lost: tuple[Change, ...]  # right before, wrong now
    changed: tuple[Change, ...]  # another answer than before, and both wrong


@dataclass(frozen=True, slots=True)
class Report:
    """All measures of one set of labelled messages."""

    messages: int
    accuracy: float | None  # |answer is the right label| / N
    acceptable: float | None  # |answer is the right label or in `also_ok`| / N
    labels: tuple[LabelScores, ...]  # each channel in the catalogue's order, then off-topic
    macro_f1: float | None
    """The mean F1 of all labels that are the right one or the answer somewhere."""
    offering: float | None
    """|channel and offering right| / |channel right, and the file names an offering|"""
    called_off_topic: float | None
    """|right label is a channel, answer is off-topic| / |right label is a channel|"""
    first_two: float | None  # |right label is the answer or the best scored of all others| / N
    confusion: tuple[Confusion, ...]
    """Every pair of labels, right one and answer, also those that never happened."""
    calibration: tuple[Bin, ...]
    calibration_error: float | None
    """Expected calibration error: sum over the bins of |bin| / N * |accuracy - confidence|"""
    coverage: tuple[Coverage, ...]  # at each of `THRESHOLDS`
    sure: Coverage  # at the catalogue's own `settings.sure`
    misses: tuple[Miss, ...]
    compared: Comparison | None = None  # with the answers of a base, if there was one


@dataclass(frozen=True, slots=True)
class _Pair:
    message: Labelled
    decision: Decision

    @property
    def right(self) -> bool:
        return self.message.channel == self.decision.channel


def evaluate(router: Router, labelled: Iterable[Labelled], base: Router | None = None) -> Report:
    """Route the messages and compare the answers with the labels, and with those of a base."""
    messages = list(labelled)
    decisions = list(router.route_many(each.text for each in messages))
    report = measure(router.catalogue, messages, decisions)
    if base is None:
        return report
    before = base.route_many(each.text for each in messages)
    return replace(report, compared=compare(messages, before, decisions))


def compare(
    labelled: Iterable[Labelled], before: Iterable[Decision], now: Iterable[Decision]
) -> Comparison:
    """Two answers to each message, in the order of the messages."""
    count = right = 0
    gained: list[Change] = []
    lost: list[Change] = []
    changed: list[Change] = []
    for message, old, new in zip(labelled, before, now, strict=True):
        count += 1
        right += old.channel == message.channel
        if new.channel != old.channel:
            groups = {new.channel: gained, old.channel: lost}
            change = Change(message, old.channel, new.channel, new.confidence)
            groups.get(message.channel, changed).append(change)
    return Comparison(
        accuracy=_share(right, count),
        difference=_share(len(gained) - len(lost), count),
        gained=tuple(gained),
        lost=tuple(lost),
        changed=tuple(changed),
    )


def measure(
    catalogue: Catalogue, labelled: Iterable[Labelled], decisions: Iterable[Decision]
) -> Report:
    """The measures of answers that are there, in the order of the messages."""
    pairs = [_Pair(*each) for each in zip(labelled, decisions, strict=True)]
    labels = [*(channel.id for channel in catalogue.channels), None]
    counts = Counter((each.message.channel, each.decision.channel) for each in pairs)
    scores = tuple(_label_scores(label, counts) for label in labels)
    sellers = [each for each in pairs if each.message.channel is not None]
    offered = [each for each in pairs if each.right and each.message.offering]
    misses = tuple(_miss(each) for each in pairs if not each.right)
    bins = _bins(pairs)
    gaps = (each.messages * abs((each.accuracy or 0) - (each.confidence or 0)) for each in bins)
    right = [each.right for each in pairs]
    return Report(
        messages=len(pairs),
        accuracy=_mean(right),
        acceptable=_share(sum(right) + sum(miss.acceptable for miss in misses), len(pairs)),
        labels=scores,
        macro_f1=_mean([each.f1 for each in scores if each.f1 is not None]),
        offering=_mean([each.message.offering == each.decision.offering for each in offered]),
        called_off_topic=_mean([each.decision.channel is None for each in sellers]),
        first_two=_share(sum(right) + sum(miss.second for miss in misses), len(pairs)),
        confusion=tuple(Confusion(a, b, counts[a, b]) for a in labels for b in labels),
        calibration=bins,
        calibration_error=_share(sum(gaps), len(pairs)),
        coverage=tuple(_coverage(pairs, threshold) for threshold in THRESHOLDS),
        sure=_coverage(pairs, catalogue.settings.sure),
        misses=misses,
    )


def _share(part: float, whole: float) -> float | None:
    return part / whole if whole else None


def _mean(numbers: Sequence[float]) -> float | None:
    return _share(sum(numbers), len(numbers))


def _label_scores(label: str | None, counts: Counter[tuple[str | None, str | None]]) -> LabelScores:
    both = counts[label, label]
    labelled = sum(count for (right, _), count in counts.items() if right == label)
    answered = sum(count for (_, answer), count in counts.items() if answer == label)
    f1 = _share(2 * both, labelled + answered)
    return LabelScores(label, labelled, _share(both, answered), _share(both, labelled), f1)


def _bins(pairs: Iterable[_Pair]) -> tuple[Bin, ...]:
    bins: list[list[_Pair]] = [[] for _ in range(BINS)]
    for each in pairs:
        bins[min(int(each.decision.confidence * BINS), BINS - 1)].append(each)
    return tuple(
        Bin(
            at / BINS,
            (at + 1) / BINS,
            len(each),
            _mean([pair.decision.confidence for pair in each]),
            _mean([pair.right for pair in each]),
        )
        for at, each in enumerate(bins)
    )


def _coverage(pairs: Sequence[_Pair], threshold: float) -> Coverage:
    over = [pair.right for pair in pairs if pair.decision.confidence >= threshold]
    return Coverage(threshold, _share(len(over), len(pairs)), _mean(over))


def _miss(pair: _Pair) -> Miss:
    message, decision = pair.message, pair.decision
    evidence = {each.channel: each.evidence for each in decision.ranked}
    others = [each.channel for each in decision.ranked if each.channel != decision.channel]
    return Miss(
        message=message,
        answer=decision.channel,
        offering=decision.offering,
        confidence=decision.confidence,
        acceptable=decision.channel in message.also_ok,
        second=others[:1] == [message.channel],
        misled=evidence[decision.channel],
        spoke=evidence[message.channel],
    )
