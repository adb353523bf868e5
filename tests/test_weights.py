"""The compiled form gives back what was learned."""

from __future__ import annotations

import pickle
import sys
from collections.abc import Callable, Iterable
from itertools import pairwise
from math import sqrt
from pathlib import Path

import pytest

from seller_help.catalogue import Catalogue, Trigger
from seller_help.compiling import MANY
from seller_help.errors import SellerHelpError
from seller_help.learning import learn
from seller_help.loading import read_catalogue
from seller_help.store import _CHECK, compile_catalogue
from seller_help.text import features_of, parts_of, roots_of, words_of
from seller_help.weights import Weights

Write = Callable[..., Path]


def compiled(path: Path) -> tuple[Catalogue, Weights]:
    """The catalogue in this file and its compiled form."""
    catalogue = read_catalogue(path)
    return catalogue, Weights(compile_catalogue(catalogue)[_CHECK:])


def signs_of(weights: Weights, roots: Iterable[str]) -> list[str]:
    """Each word made to be compared."""
    return [weights.as_signs(root, weights.row(root)) for root in roots]


def test_every_weight_comes_back(write: Write) -> None:
    """Rarity times weight, to a part in 32,000 of the largest; 0 for what no trigger taught."""
    catalogue, weights = compiled(write())
    learned = learn(catalogue.triggers, [words_of(each.text) for each in catalogue.triggers])
    rows = [
        [rarity * each for each in row]
        for rarity, row in zip(learned.rarity, learned.weights, strict=True)
    ]
    step = max(max(map(abs, row)) for row in rows) / 32_000
    for number, row in enumerate(rows, 1):
        found = [weights.weight(number, label) for label in range(len(weights.labels))]
        assert found == pytest.approx(row, abs=step)
    assert weights.bias == learned.bias
    assert weights.labels == learned.labels


def test_every_trigger_comes_back(write: Write) -> None:
    """With channel and offering, in the order of the catalogue."""
    offering = "{id: o, name: O, phrases: p.yaml}"
    text = f"channels: [{{id: a, name: A, triggers: [404], offerings: [{offering}]}}]"
    catalogue, weights = compiled(write(text, p="heading: [pay\u00e9, '\u4ed8\u6b3e']"))
    found = [weights.trigger(number) for number in range(len(weights))]
    assert found == list(catalogue.triggers)
    assert found[1] == Trigger("pay\u00e9", "a", "o")


def test_the_signs_of_every_trigger_come_too(write: Write) -> None:
    """One for each of its words, whatever form it has or is written out from; in sorted order."""
    words = "spelling: {acct: account}"
    text = "words: w.yaml\nchannels: [{id: a, name: A, triggers: [My acct payouts my!, '???']}]"
    _, weights = compiled(write(text, w=words))
    signs = sorted(signs_of(weights, ("my", "account", "payout")))
    assert [weights.signs(number) for number in range(2)] == ["".join(signs), ""]


def test_a_rare_word_has_its_sign_more_often(write: Write) -> None:
    """One to nine times; a word that no trigger has counts as a rare one."""
    triggers = ["payout late", *(f"payout thing{number}" for number in range(300))]
    _, weights = compiled(write(f"channels: [{{id: a, name: A, triggers: {triggers}}}]"))
    often, once, never = signs_of(weights, ("payout", "late", "unheard"))
    assert 1 <= len(often) < len(once)
    assert len(often) < len(never)
    assert all(len(set(each)) == 1 for each in (often, once, never))
    assert sorted(weights.signs(0)) == sorted(often + once)


def test_every_feature_of_a_text_is_found_and_no_other(write: Write) -> None:
    """Rows are those of the features that were learned: in any text, however it repeats itself."""
    catalogue, weights = compiled(write())
    learned = learn(catalogue.triggers, [words_of(each.text) for each in catalogue.triggers])
    row = {feature: number for number, feature in enumerate(learned.features, 1)}
    own = [roots_of(words_of(each.text)) for each in catalogue.triggers]
    mixed = [one[-2:] + two[:3] for one, two in pairwise(own)]
    single = [parts for each in learned.features if len(parts := parts_of(each)) == 1]
    for roots in (*own, *mixed, *single, [], ["unheard"], 3 * own[0]):
        found = weights.rows([weights.row(root) for root in roots])
        assert sorted(found) == sorted(row[each] for each in features_of(roots) if each in row)


def test_every_feature_is_found_where_it_stands(write: Write) -> None:
    """The same as all rows together, each within its own words: wholes and openings too."""
    triggers = ["payout", "fee late", *(f"payout late again{more}" for more in ("", " a", " b"))]
    catalogue, weights = compiled(write(f"channels: [{{id: a, name: A, triggers: {triggers}}}]"))
    sizes = set()
    for trigger in catalogue.triggers:
        words = [weights.row(root) for root in roots_of(words_of(trigger.text))]
        spans = weights.spans(words)
        assert {row for row, _, _ in spans} == set(weights.rows(words))
        assert all(row in weights.rows(words[start:end]) for row, start, end in spans)
        sizes |= {end - start for _, start, end in spans}
    assert sizes == {1, 2, 3}


def test_a_score_is_the_sum_of_the_rows_by_their_length(write: Write) -> None:
    """Also when they are at hand: the first time they are read, later they are kept."""
    catalogue, weights = compiled(write())
    learned = learn(catalogue.triggers, [words_of(each.text) for each in catalogue.triggers])
    rows = weights.rows([weights.row(root) for root in ("my", "payout", "today")])
    length = sqrt(sum(learned.rarity[row - 1] ** 2 for row in rows))
    expected = [
        sum(weights.weight(row, label) for row in rows) / length + bias
        for label, bias in enumerate(weights.bias)
    ]
    for _ in range(2):
        assert weights.scores(rows) == pytest.approx(expected, rel=0.01, abs=0.01)


def test_a_long_text_speaks_no_louder(write: Write) -> None:
    """What is said twice, in other words as clear, weighs no more than what is said once."""
    _, weights = compiled(write())
    rows = [weights.row("payout")]
    once, often = weights.scores(rows), weights.scores(4 * rows)
    assert once
    assert often
    loud = zip(once, often, weights.bias, strict=True)
    assert all(more - own == pytest.approx(2 * (each - own)) for each, more, own in loud)
    assert weights.scores([]) is None


def test_the_largest_message_fits_into_a_sum(write: Write) -> None:
    """A lane of a sum holds more of the largest entries than a message has features."""
    _, weights = compiled(write())
    width = len(weights.labels) + 2
    weights._read[1] = int.from_bytes(b"\xff\xff\0\0" * width, sys.byteorder)
    assert weights.scores(65_000 * [1]) is not None


def test_words_of_one_checksum_do_not_take_for_ever(
    write: Write, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few are found all the same; a catalogue made of them is refused."""
    monkeypatch.setattr("seller_help.compiling.crc32", lambda _: 7)
    monkeypatch.setattr("seller_help.weights.crc32", lambda _: 7)
    _, weights = compiled(write())
    assert len({weights.row(root) for root in ("payout", "bank", "my", "unheard")}) == 4
    letters = "bcdfghjklmnpqrtvwxyz"
    triggers = [f"o{one}o{two}" for one in letters for two in letters]
    catalogue = read_catalogue(write(f"channels: [{{id: a, name: A, triggers: {triggers}}}]"))
    with pytest.raises(SellerHelpError) as refused:
        compile_catalogue(catalogue)
    assert "made to have one checksum" in refused.value.problems[0].message


def test_a_feature_of_many_triggers_leads_to_none(write: Write) -> None:
    """It would lead to too many to compare."""
    letters = "bcdfghjklmnpqrtvwxyz"  # no endings come about
    words = [f"o{a}o{b}o{c}" for a in letters for b in letters for c in "bk"]
    triggers = "".join(f"\n    - my payout {word}" for word in words[: MANY + 1])
    _, weights = compiled(write(f"channels:\n- id: a\n  name: A\n  triggers:{triggers}\n"))
    assert weights.row("payout")
    rows = weights.rows([weights.row(root) for root in ("payout", words[1], "unheard")])
    assert weights.triggers_with(rows, 80) == [1]


def test_each_label_tells_how_many_triggers_it_has(write: Write) -> None:
    """In the order of the labels, and all are counted."""
    _, weights = compiled(write())
    channels = [channel for channel, _ in weights.labels]
    assert dict(zip(channels, weights.sizes, strict=True)) == {"money": 4, "parcels": 4, None: 3}
    assert sum(weights.sizes) == len(weights)


def test_triggers_without_words_can_be_compiled(write: Write) -> None:
    """Nothing is learned from them, and nothing breaks."""
    _, weights = compiled(write("channels: [{id: a, name: A, triggers: ['???']}]"))
    assert weights.scores(weights.rows([weights.row("payout")])) is None
    assert weights.trigger(0).text == "???"


def test_pickle(write: Write) -> None:
    """Another process gets the same weights."""
    _, weights = compiled(write())
    copy = pickle.loads(pickle.dumps(weights))
    assert copy.row("payout") == weights.row("payout") > 0


@pytest.mark.parametrize("block", [b"", b"{}", b"{}\n", b"[]\n", b"\xff\n", b'{"size": 9}\n'])
def test_no_block(block: bytes) -> None:
    """Whatever is no block is refused with an error that the store expects."""
    with pytest.raises((ValueError, KeyError, TypeError)):
        Weights(block)
