"""Why a channel: the words that spoke for it, and the triggers that are like the message."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from .decision import Evidence
from .text import numbers_of, spaced, words_of

if TYPE_CHECKING:
    from .weights import Weights

_GROUPS = 3
_TRIGGERS = 2
_LOUD = 0.06  # of all that spoke for the channel: words with less say are not named
_LIKE = 0.5  # a trigger that is less like the message explains nothing


def evidence_for(
    weights: Weights,
    alike: list[tuple[int, float]],
    label: int,
    rival: int | None,
    words: list[tuple[str, int]],
) -> tuple[Evidence, ...]:
    """What spoke for a label: at most three groups of words and two triggers of its channel.

    `alike` are the nearest triggers, by number and likeness. `words` are those of the message, each
    as people see it and with its row. They are weighed against the `rival` label if there is one,
    or else against all others.
    """
    channel = weights.labels[label][0]
    say = _say(weights, label, rival, [row for _, row in words])
    total = sum(say) or 1.0
    enough = min(_LOUD * total, max(say))  # of a long story no word may have so much of a say
    loud = [share >= enough and share > 0 for share in say]
    starts = [at for at, it in enumerate(loud) if it and not (at and loud[at - 1])]
    groups = []
    for start in starts:
        end = next((at for at in range(start, len(loud)) if not loud[at]), len(loud))
        shown = spaced(typed for typed, _ in words[start:end])
        groups.append(Evidence("words", shown, sum(say[start:end]) / total))
    groups.sort(key=lambda group: -group.strength)
    like = [
        Evidence("trigger", weights.trigger(number).text, likeness)
        for number, likeness in alike
        if weights.labels[weights.owners[number]][0] == channel and likeness >= _LIKE
    ]
    return (*groups[:_GROUPS], *like[:_TRIGGERS])


def as_typed(words: Sequence[str], message: str) -> list[str]:
    """The words read in a message, with the figures they have there (`40` for `00`).

    Where a short form or a courtesy of the catalogue has numbers too, so that it cannot be told
    which one a word was, it is `a number`.
    """
    numbers = numbers_of(message)
    read = [word for word in words if word[0] == "0"]
    typed = iter(numbers if words_of(" ".join(numbers)) == read else ["a number"] * len(read))
    return [next(typed) if word[0] == "0" else word for word in words]


def _say(weights: Weights, label: int, rival: int | None, words: list[int]) -> list[float]:
    """How loudly each word spoke: its part of the features that it stands in, or 0."""
    say = [0.0] * len(words)
    for row, start, end in weights.spans(words):
        weight = weights.weight(row, label)
        if rival is not None:
            weight -= weights.weight(row, rival)
        for at in range(start, end):
            say[at] += weight / (end - start)
    return [max(0.0, each) for each in say]
