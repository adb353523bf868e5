"""The triggers nearest to a message: which are found, and how they vote."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from seller_help.nearest import Nearest
from seller_help.spelling import Reader, Reading
from seller_help.store import compile_catalogue, load_catalogue
from seller_help.weights import Weights

Write = Callable[..., Path]
TEXT = """
channels:
- {id: money, name: M, triggers: [my payout bounced again, payout, where is my bank statement]}
- {id: goods, name: G, triggers: [my parcel bounced again, where is my parcel now, my big parcel]}
off_topic: {triggers: [where is my umbrella]}
"""


@pytest.fixture
def weights(write: Write) -> Weights:
    """What a small catalogue teaches."""
    catalogue = load_catalogue(write(TEXT))
    return Weights(memoryview(compile_catalogue(catalogue))[8:])


def asked(weights: Weights, message: str) -> tuple[Reading, list[int]]:
    """A message as it is read, and the rows of its features."""
    read = Reader(weights).read(message)
    return read, weights.rows(read.rows)


def found(weights: Weights, message: str) -> list[tuple[str, float]]:
    """The triggers nearest to a message, the best first, with their likeness."""
    near = Nearest(weights).triggers(*asked(weights, message))
    return [(weights.trigger(number).text, likeness) for number, likeness in near]


def test_the_same_words_in_any_order_are_wholly_alike(weights: Weights) -> None:
    """Words are compared, and not where they stand."""
    text, likeness = found(weights, "again my payout bounced")[0]
    assert (text, likeness) == ("my payout bounced again", 1.0)


def test_a_rare_word_in_common_counts_more_than_a_frequent_one(weights: Weights) -> None:
    """Both triggers share two of four words with the message."""
    best = dict(found(weights, "my umbrella bounced today"))
    assert best["where is my umbrella"] > best["where is my parcel now"]


def test_one_or_two_words_are_near_to_nothing_but_themselves(weights: Weights) -> None:
    """As a trigger they would stand whole in too many messages."""
    assert found(weights, "payout")[0] == ("payout", 1.0)
    assert "payout" not in dict(found(weights, "my payout bounced"))


def test_words_that_no_trigger_has_make_a_message_less_like_any(weights: Weights) -> None:
    """They count as much as the rarest word."""
    known, strange = found(weights, "my big parcel"), found(weights, "my big parcel xylophone")
    assert known[0][0] == strange[0][0] == "my big parcel"
    assert known[0][1] == 1.0 > strange[0][1]


def test_each_label_has_the_votes_of_its_triggers(weights: Weights) -> None:
    """The more like a trigger, the more it counts; in the order of the labels."""
    votes = Nearest(weights).votes(*asked(weights, "where is my umbrella now"))
    assert len(votes) == len(weights.labels)
    assert weights.labels[votes.index(max(votes))] == (None, None)
    assert sorted(votes)[-2] > 0


def test_nothing_in_common_is_no_vote(weights: Weights) -> None:
    """Nobody is asked."""
    assert not any(Nearest(weights).votes(*asked(weights, "xylophone quartz")))


def test_for_people_a_longer_message_is_not_wholly_like_a_trigger(weights: Weights) -> None:
    """Only the same words are."""
    nearest = Nearest(weights)
    same = nearest.alike(*asked(weights, "my big parcel"))
    more = nearest.alike(*asked(weights, "my big parcel never came and nobody answers"))
    assert same[0][1] == 1.0 > more[0][1] > 0.5
