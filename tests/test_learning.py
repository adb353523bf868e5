"""What triggers teach."""

from __future__ import annotations

import math
import os
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

import seller_help
from seller_help import learning
from seller_help.catalogue import Trigger
from seller_help.learning import WORD, Learned, learn
from seller_help.text import parts_of, words_of

MONEY = ("payout failed", "payout late", "fees wrong", "bank refused payout")
PARCELS = ("parcel lost", "parcel late", "package damaged", "courier lost parcel")


def taught(*triggers: tuple[str | None, Sequence[str]]) -> Learned:
    """What these triggers of these channels teach."""
    every = [Trigger(text, channel, None) for channel, texts in triggers for text in texts]
    return learn(every, [words_of(each.text) for each in every])


def weights(learned: Learned, feature: str) -> list[float]:
    """The feature's weight for each label."""
    return list(learned.weights[learned.features.index(feature)])


def test_a_word_speaks_for_the_channel_that_has_it() -> None:
    """The weight is above zero there, and below where it does not stand."""
    learned = taught(("money", MONEY), ("parcels", PARCELS))
    assert learned.labels == [("money", None), ("parcels", None)]
    assert weights(learned, "payout")[0] > 0 > weights(learned, "payout")[1]
    assert weights(learned, "parcel")[0] < 0 < weights(learned, "parcel")[1]


def test_a_word_of_both_speaks_for_neither_as_loudly() -> None:
    """What stands in the triggers of two channels says less than what stands in one's."""
    learned = taught(("money", MONEY), ("parcels", PARCELS))
    assert abs(weights(learned, "late")[0]) < abs(weights(learned, "payout")[0])


def test_weights_are_balanced() -> None:
    """Over the labels the weights of a feature and the bias are 0 on average."""
    learned = taught(("money", MONEY), ("parcels", PARCELS), (None, ("rain", "late rain")))
    for row in (*learned.weights, learned.bias):
        assert math.fsum(row) == pytest.approx(0, abs=1e-9)
        assert all(map(math.isfinite, row))


def test_rarity() -> None:
    """1 + ln((1 + triggers) / (1 + triggers with the feature)); a word counts more."""
    learned = taught(("money", (*MONEY, "payout short")), ("parcels", PARCELS))
    rarity = dict(zip(learned.features, learned.rarity, strict=True))
    assert rarity["payout"] == pytest.approx(WORD * (1 + math.log(10 / 5)))
    assert rarity["^ payout"] == pytest.approx(1 + math.log(10 / 4))


def test_only_words_are_learned_from_one_trigger() -> None:
    """A pair has to stand in two, an opening or triple in three; words are kept, and come first."""
    again = (
        "parcel lost again",
        "my parcel lost again",
        "her parcel lost again",
        "her parcel lost",
    )
    features = taught(("money", MONEY), ("parcels", (*PARCELS, *again))).features
    assert {"bank", "her parcel", "^ parcel", "parcel lost again"} <= set(features)
    assert not {"bank refus", "^ payout", "^ her", "her parcel lost"} & set(features)
    words = [each for each in features if parts_of(each) == [each]]
    assert features == [*sorted(set(words)), *sorted(set(features) - set(words))]


@pytest.mark.parametrize(
    "triggers",
    [
        [("one", ["payout failed", "fees"])],
        [("one", ["payout"]), ("two", ["parcel"])],
        [("one", ["???"])],
        [("one", ["???", "payout"]), ("two", ["!!!"])],
        [("one", ["same words"]), ("two", ["same words!"])],
        [("one", ["n't"]), ("two", ["\u4ed8\u6b3e"])],
    ],
)
def test_the_smallest_catalogues_teach_something(
    triggers: list[tuple[str | None, Sequence[str]]],
) -> None:
    """One channel, one word, no word at all: numbers come out, finite ones."""
    learned = taught(*triggers)
    assert len(learned.labels) == len(triggers)
    assert all(math.isfinite(each) for row in learned.weights for each in row)


def test_many_triggers_for_many_labels_are_too_many(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where they have few words: each trigger is weighed for each label, which takes time."""
    same = [("one", ["fee" + "!" * at for at in range(10)]), ("two", ["fees"])]
    monkeypatch.setattr(learning, "MAX_WEIGHTS", 22)
    assert len(taught(*same).features) * 2 <= 20
    monkeypatch.setattr(learning, "MAX_WEIGHTS", 21)
    with pytest.raises(OverflowError, match="11 of them, or triggers, for 2 channels"):
        taught(*same)


def test_every_process_learns_the_same(write: Callable[..., Path]) -> None:
    """Neither the order of sets nor chance has a say: the compiled form is the same to the bit."""
    code = (
        "import sys, hashlib; from pathlib import Path\n"
        "from seller_help.loading import read_catalogue\n"
        "from seller_help.store import compile_catalogue\n"
        "raw = compile_catalogue(read_catalogue(Path(sys.argv[1])))\n"
        "print(hashlib.sha256(raw).hexdigest())"
    )
    path = write()
    seen = set()
    for seed in ("0", "1", "4711"):
        env = {
            **os.environ,
            "PYTHONHASHSEED": seed,
            "PYTHONPATH": str(Path(seller_help.__file__).parents[1]),
        }
        done = subprocess.run(
            [sys.executable, "-c", code, str(path)], env=env, capture_output=True, check=True
        )
        seen.add(done.stdout)
    assert len(seen) == 1
