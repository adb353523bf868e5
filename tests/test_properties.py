"""What holds for any text whatever."""

from __future__ import annotations

import unicodedata
from typing import TYPE_CHECKING

import pytest
from conftest import steps
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seller_help.router import MAX_LENGTH, Router
from seller_help.text import clean, numbers_of, words_of

if TYPE_CHECKING:
    from seller_help.decision import Decision

PHRASES = (
    *("payout failed", "my order is wrong", "account manager", "webinar", "tax id", "refund"),
    *("weather", "please", "hi team", "don't", "can't", "acct", "pls", "404", "what if", "rule"),
)
ANY = st.text(st.characters(codec=None), max_size=300)
MIXED = st.lists(st.sampled_from(PHRASES) | st.text(max_size=8), max_size=12).map(" ".join)
SENTENCES = st.lists(st.sampled_from(PHRASES), min_size=1, max_size=8).map(" ".join)
MARKS = st.sampled_from(
    [" ", "  ", ", ", ". ", "!!! ", " - ", "\n", " \u2026 ", " \U0001f64f ", "\t(", ") "]
)


def facts(decision: Decision) -> tuple[object, ...]:
    """All of a decision but the message."""
    return decision.channel, decision.offering, decision.reason, decision.confidence


@settings(max_examples=300, deadline=None)
@given(ANY | MIXED)
def test_any_text_has_an_answer(router: Router, text: str) -> None:
    """None raises; scores lie within 0 and 1 and add up to 1; the answer is the catalogue's."""
    decision = router.route(text)
    scores = [each.score for each in (*decision.candidates, decision.off_topic)]
    assert all(0 <= score <= 1 for score in (*scores, decision.confidence))
    assert sum(scores) == pytest.approx(1)
    evidence = [one for each in decision.candidates for one in each.evidence]
    assert all(0 < each.strength <= 1 and each.text for each in evidence)
    said = {number for one in evidence if one.kind == "words" for number in numbers_of(one.text)}
    assert said <= set(numbers_of(text))
    if decision.channel is not None:
        offerings = {each.id for each in router.catalogue.channel(decision.channel).offerings}
        assert decision.offering in offerings
    assert (decision.reason == "empty") >= (not words_of(text))


@settings(max_examples=150, deadline=None)
@given(MIXED)
def test_the_same_text_gets_the_same_decision(router: Router, text: str) -> None:
    """What was routed before has no say, nor has how much a router has taken into memory."""
    first = router.route(text)
    assert router.route(text) == first
    fresh = Router(router.catalogue).route(text)
    assert (fresh, fresh.candidates) == (first, first.candidates)


@settings(max_examples=150, deadline=None)
@given(SENTENCES, st.lists(MARKS, min_size=40, max_size=40))
def test_case_and_punctuation_do_not_matter(router: Router, text: str, marks: list[str]) -> None:
    """Capitals, signs and blanks between words leave the decision as it is."""
    plain = facts(router.route(text))
    assert facts(router.route(text.upper())) == plain
    words = text.split()
    parted = "".join(f"{word}{mark}" for word, mark in zip(words, marks, strict=False))
    assert facts(router.route(f"({parted}")) == plain


@settings(max_examples=150, deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=60) | MIXED)
def test_the_form_of_letters_does_not_matter(router: Router, text: str) -> None:
    """Composed, decomposed and full-width letters are the same."""
    plain = facts(router.route(text))
    for form in ("NFC", "NFD", "NFKC", "NFKD"):
        assert facts(router.route(unicodedata.normalize(form, text))) == plain, form
    wide = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)
    assert facts(router.route(wide)) == plain


@settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.text(min_size=1, max_size=8), st.sampled_from(["", " ", "'", "\u0323\u0301"]))
def test_long_text_takes_bounded_work(router: Router, part: str, gap: str) -> None:
    """Only its start counts, also for the work; and a text of that length has its bound."""
    text = (part + gap) * (1_000_000 // len(part + gap))
    found: list[Decision] = []

    def route(text: str) -> None:
        found.append(router.route(text))
        assert found[-1].candidates

    def work(text: str) -> int:
        return steps(lambda: route(text))

    first = work(text[:MAX_LENGTH])
    assert first < 300 * MAX_LENGTH
    assert work(text) <= first + 10
    cut, whole = found
    assert whole.cut
    assert facts(whole) == facts(cut)


@settings(max_examples=200, deadline=None)
@given(ANY)
def test_clean_text_is_clean(text: str) -> None:
    """What is shown has nothing left to show, and can be written anywhere in UTF-8."""
    shown = clean(text)
    assert clean(shown) == shown
    assert len(shown.encode()) >= len(text)
