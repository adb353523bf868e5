"""A message becomes a decision that carries its reasons."""

from __future__ import annotations

import math
import pickle
import threading
from collections.abc import Callable, Sequence
from itertools import repeat
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seller_help import store
from seller_help.decision import Candidate, Decision, Reason
from seller_help.evidence import as_typed
from seller_help.lines import route_lines
from seller_help.loading import read_catalogue
from seller_help.nearest import Nearest
from seller_help.router import BLEND, MAX_LENGTH, Router, _blended
from seller_help.spelling import Reader, written_out

if TYPE_CHECKING:
    from seller_help.catalogue import Catalogue

Routing = Callable[..., Router]


@pytest.mark.parametrize(
    "message", ["help", "hi team, please help", "Hello!", "why?", "How are you", "", "?!", "qqqzz"]
)
def test_what_to_say_instead(router: Router, message: str) -> None:
    """No message is left alone: what was wrong with it, what to say, and where to start."""
    title, *rest = route_lines(router.route(message), router.catalogue, explain=False)
    courtesy = message not in ("", "?!", "qqqzz")
    assert ("it does not say what it is about" in title.text) == courtesy
    assert {"Try", "Start", "Way"} <= {line.label for line in rest}
    assert any("what you want to do, or what went wrong" in line.text for line in rest)


@pytest.mark.parametrize(
    ("message", "reason"),
    [
        ("payout failed", "clear"),
        ("what is the weather in houston", "off-topic"),
        ("", "empty"),
        (" \t\n", "empty"),
        ("?!...", "empty"),
        ("\U0001f600\U0001f44d\U0001f3fd", "empty"),
        ("hi", "empty"),
        ("Hello team, thanks!", "empty"),
        ("\u4ed8\u6b3e\u5931\u8d25", "clear"),
        ("\uacc4\uc815\uc774 \uc815\uc9c0\ub418\uc5c8\uc2b5\ub2c8\ub2e4", "unknown"),
        ("xqzvwkj", "unknown"),
    ],
)
def test_reasons(router: Router, message: str, reason: str) -> None:
    """One channel, no channel's matter, nothing to read, nothing known: each is told apart."""
    decision = router.route(message)
    assert decision.reason == reason
    assert decision.sure == (reason == "clear")
    assert (decision.channel is None) == (reason != "clear")
    if decision.channel is None:
        assert decision.offering is None


def test_two_channels_are_close(routing: Routing, write: Callable[..., Path]) -> None:
    """A message that has as much of both names the better one and says that another is close."""
    text = write().read_text("utf-8") + "settings: {caution: 1}\n"
    decision = routing(text).route("payout package")
    first, second = decision.candidates
    assert decision.reason == "close"
    assert decision.channel == first.channel
    assert second.score >= 0.4 * first.score


def test_unsure(routing: Routing, write: Callable[..., Path]) -> None:
    """Below the catalogue's threshold a channel that leads alone is named, but not as sure."""
    text = write().read_text("utf-8") + "settings: {sure: 1, caution: 1}\n"
    decision = routing(text).route("my payout")
    assert (decision.reason, decision.channel, decision.sure) == ("unsure", "money", False)
    assert decision.confidence < 1


def test_as_many_votes_as_triggers_say_nothing(
    routing: Routing, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nothing is gained by numbers alone: neither for a channel nor for one of its offerings."""
    own = routing(OFFERINGS)
    sizes = list(own._weights.sizes)
    assert sorted(sizes) == [1, 1, 5]
    found = []
    for votes in ([0.0] * 3, list(map(float, sizes)), [1.0] * 3):
        monkeypatch.setattr(Nearest, "votes", lambda *_, votes=votes: votes)
        decision = own.route("red")
        found.append([(each.offering, each.score) for each in decision.candidates])
    silent, even, more = found
    assert [pytest.approx(score) for _, score in silent] == [score for _, score in even]
    assert [offering for offering, _ in silent] == [offering for offering, _ in even]
    assert more != even


def test_that_no_channel_fits_is_said_for_certain_only_from_sure_on(
    routing: Routing, write: Callable[..., Path]
) -> None:
    """Below, it says what it leans to and shows the likeliest channel with its ways."""
    text = write().read_text("utf-8")
    assert routing(text).route("rain").reason == "off-topic"
    own = routing(text + "settings: {sure: 1, caution: 1}\n")
    decision = own.route("rain")
    assert (decision.reason, decision.channel, decision.sure) == ("unsure", None, False)
    title, *rest = route_lines(decision, own.catalogue, explain=False)
    first = own.catalogue.channel(decision.candidates[0].channel or "")
    assert title.text == f"Not sure: no channel's matter, or {first.name}"
    assert first.name in [line.text for line in rest if line.role == "head"]
    why = next(line.text for line in rest if line.label == "Why")
    assert why.startswith(decision.off_topic.evidence[0].text)


def test_the_threshold_for_off_topic_is_the_catalogues(
    routing: Routing, write: Callable[..., Path]
) -> None:
    """What is off topic by little goes to a channel if the catalogue asks for more."""
    text = write().read_text("utf-8")
    assert routing(text).route("rain").reason == "off-topic"
    decision = routing(text + "settings: {off_topic: 1, caution: 1}\n").route("rain")
    assert decision.channel is not None
    assert decision.off_topic.score > decision.confidence


OFFERINGS = """
channels:
- id: desk
  name: Desk
  offerings:
  - {id: forms, name: F, triggers: [red form, form of mine, lost form, form number, sign a form]}
  - {id: keys, name: K, triggers: [red key]}
- {id: shop, name: Shop, triggers: [red shoes]}
"""


@pytest.mark.parametrize(
    ("voter", "offering"),
    [("red form", "forms"), ("red key", "keys")],
)
def test_the_nearest_triggers_have_a_say_in_the_offering(
    routing: Routing, monkeypatch: pytest.MonkeyPatch, voter: str, offering: str
) -> None:
    """Of two that fit as well, theirs is the answer."""

    def nearest(own: Nearest, *_: object) -> list[tuple[int, float]]:
        numbers = [at for at in range(len(own._weights)) if own._weights.trigger(at).text == voter]
        return [(number, 0.9) for number in numbers]

    own = routing(OFFERINGS)
    monkeypatch.setattr(Nearest, "triggers", nearest)
    assert own.route("red").offering == offering


def test_candidates_are_ranked_and_add_up(router: Router, catalogue: Catalogue) -> None:
    """All channels, best first; with off-topic their shares make 1; the first is the answer."""
    for message in ("payout failed", "other sellers", "refund?", "joke", "", "xqzvwkj"):
        decision = router.route(message)
        found = decision.candidates
        assert {each.channel for each in found} == {each.id for each in catalogue.channels}
        assert sorted(found, key=lambda each: -each.score) == list(found)
        assert sum(each.score for each in found) + decision.off_topic.score == pytest.approx(1)
        assert decision.off_topic.channel is None
        if decision.channel:
            assert (decision.channel, decision.offering) == (found[0].channel, found[0].offering)
            assert decision.confidence == found[0].score


def test_evidence_has_numbers_as_they_were_typed(routing: Routing) -> None:
    """The router counts a number's figures only; a seller has to find the number again."""
    own = routing(
        "channels: [{id: a, name: A, triggers: [40 payouts failed, payout 5768 failed, fees,"
        " payout 42 failed]}, {id: b, name: B, triggers: [parcel]}]\nwords: {courtesy: [hi]}"
    )
    for typed, shown in (
        ("40 payouts failed", {"40 payouts failed"}),
        ("payout 576812345678 failed, 3 fees", {"payout 576812345678 failed", "fees"}),
        ("hi, payout \uff14\uff12 failed", {"payout 42 failed"}),
        ("payout 1,250.75 failed", {"payout 1,250.75 failed"}),
    ):
        evidence = own.route(typed).candidates[0].evidence
        assert {each.text for each in evidence if each.kind == "words"} == shown


def test_a_number_that_cannot_be_told_is_named_so() -> None:
    """A short form that brings or takes numbers: rather none than the wrong one."""
    assert as_typed(["order", "00"], "order 12") == ["order", "12"]
    assert as_typed(["order", "00"], "order xii") == ["order", "a number"]
    assert as_typed(["0", "00"], "24 order 7") == ["a number", "a number"]


@pytest.mark.parametrize(
    ("reason", "shares", "title", "heads"),
    [
        ("close", (0.5, 0.3, 0.2), "Not sure: Money or Parcels", 2),
        ("unsure", (0.7, 0.2, 0.1), "Not sure: Money or Parcels", 2),
        ("unsure", (0.54, 0.01, 0.45), "Not sure: Money, or no channel's matter", 1),
        ("close", (0.4, 0.25, 0.35), "Not sure: Money or Parcels, or no channel's matter", 2),
        ("unsure", (0.3, 0.1, 0.6), "Not sure: Money, or no channel's matter", 1),
    ],
)
def test_what_is_close_is_shown(
    write: Callable[..., Path],
    reason: Reason,
    shares: tuple[float, ...],
    title: str,
    heads: int,
) -> None:
    """Not the second channel, where that none is meant is likelier than that."""
    catalogue = read_catalogue(write())
    sides = zip(("money", "parcels", None), shares, strict=True)
    ranked = sorted(sides, key=lambda side: -side[1])
    every = tuple(Candidate(channel, None, share) for channel, share in ranked)
    decision = Decision("x", "money", None, shares[0], reason, lambda: every)
    lines = route_lines(decision, catalogue, explain=False)
    assert lines[0].text == title
    assert lines[0].aside == f"{shares[0]:.0%} for the first".replace("%", " %")
    assert [line.text for line in lines if line.role == "head"] == ["Money", "Parcels"][:heads]


def test_evidence_names_words_and_triggers(router: Router, catalogue: Catalogue) -> None:
    """Words of the message as they were read, and triggers of that very channel."""
    triggers = {each.text: each.channel for each in catalogue.triggers}
    for message in ("My payuot FAILED again", "when is the next webinar for sellers"):
        read = router._reader.read(message).words
        for candidate in router.route(message).candidates:
            for each in candidate.evidence:
                assert 0 < each.strength <= 1
                if each.kind == "trigger":
                    assert triggers[each.text] == candidate.channel
                else:
                    assert f" {each.text} " in f" {' '.join(read)} "
    kinds = [each.kind for each in router.route("payout failed").candidates[0].evidence]
    assert kinds == sorted(kinds, reverse=True)  # words first
    assert {"words", "trigger"} == set(kinds)


def test_the_order_of_channels_does_not_matter(write: Callable[..., Path]) -> None:
    """The same channels and triggers in another order give the same answers."""
    text = write().read_text("utf-8")
    head, money, rest = text.partition("  - id: money")
    money, parcels, rest = (money + rest).partition("  - id: parcels")
    parcels, off_topic, rest = (parcels + rest).partition("off_topic:")
    one = Router(read_catalogue(write(text)))
    two = Router(read_catalogue(write(head + parcels + money + off_topic + rest)))
    assert [each.id for each in two.catalogue.channels] == ["parcels", "money"]
    for message in ("payout failed", "parcel lost", "is it raining", "fees", "my package", "hm"):
        first, second = one.route(message), two.route(message)
        assert (first.channel, first.reason) == (second.channel, second.reason)
        assert first.confidence == pytest.approx(second.confidence, abs=0.1)


@pytest.mark.parametrize(
    "around",
    [
        "hi team, {} pls help asap",
        "Hello! {} Thanks in advance",
        "{} thx",
        "HEY THERE {}???",
        "Fwd: sorry, quick question: {}\n\nSent from my iPhone",
        "{}\n\nKind regards,\nMaria Jose Lopez",
        "{} https://seller.example/orders?id=1#top",
    ],
)
def test_courtesy_does_not_matter(router: Router, around: str) -> None:
    """Greetings, fillers, signatures and links around a matter leave the answer as it is."""
    for message in ("my payout failed", "when is the next webinar", "what is the return window"):
        plain, polite = router.route(message), router.route(around.format(message))
        assert (polite.channel, polite.offering) == (plain.channel, plain.offering)
        assert polite.confidence == plain.confidence


def test_only_a_name_may_follow_a_signature(routing: Routing) -> None:
    """Four words are no name, and after another courtesy there is none."""
    router = routing(
        "channels: [{id: a, name: A, triggers: [payout failed, anna]}]\n"
        "words: {courtesy: [thanks, best regards ...]}"
    )
    for message, read in [
        ("payout failed, best regards", "payout failed"),
        ("payout failed, best regards Anna Maria Luisa", "payout failed"),
        ("payout failed, best regards to Anna Maria Luisa", "payout failed best"),
        ("payout failed, thanks Anna", "payout failed thanks anna"),
    ]:
        assert " ".join(router._reader.read(message).words).startswith(read)


@given(st.lists(st.floats(-50, 50), min_size=1, max_size=20))
def test_offerings_speak_together(scores: list[float]) -> None:
    """A channel's score is that of its best offering, plus at most as much as if all were equal."""
    most, most_added = max(scores), BLEND * math.log(len(scores))
    assert most <= _blended(scores) <= most + most_added + 1e-9
    assert _blended([most]) == most


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("payuot faild", "payout failed"),
        ("acct suspnded", "account suspended"),
        ("webniar", "webinar"),
        ("pls", "please"),
        ("xqzvwkj", "xqzvwkj"),
        ("404 12345", "000 0000"),
        ("cat", "cat"),
    ],
)
def test_repair(router: Router, typed: str, meant: str) -> None:
    """Short forms are written out and near words mended; short, strange words and numbers stay."""
    words = written_out(typed, router.catalogue.words.spelling)
    assert [Reader(router._weights).meant(word)[0] for word in words] == meant.split()


@pytest.mark.parametrize(
    "message",
    [
        "Dlaczego moja wyp\u0142ata jest wstrzymana od tygodnia?",
        "Contul meu a fost suspendat f\u0103r\u0103 motiv",
        "Hesab\u0131m ask\u0131ya al\u0131nd\u0131, ne yapmal\u0131y\u0131m?",
        "Mijn uitbetaling is al twee weken te laat",
        "A kifizet\u00e9sem nem \u00e9rkezett meg",
    ],
)
def test_a_language_without_triggers_is_not_guessed_at(router: Router, message: str) -> None:
    """What is known in it is known by chance, or by repair of what is no typo."""
    assert router.route(message).reason == "unknown"


def test_a_message_is_strange_if_half_of_its_words_are(routing: Routing) -> None:
    """As typed, beside what the triggers share among them; of three words it cannot be told."""
    shared = routing("channels: [{id: a, name: A, triggers: [a late payout, payout a late]}]")
    assert shared.route("some other late payouts").reason == "clear"
    assert shared.route("some quite other payout").reason == "unknown"
    assert shared.route("some other payout").reason == "clear"
    assert shared.route("somme qiute lat paayout").reason == "unknown"


def test_a_small_catalogue_has_no_strange_messages(routing: Routing) -> None:
    """Where triggers share few words, that a message has few known ones tells nothing."""
    small = routing("channels: [{id: a, name: A, triggers: [payout failed, late parcel, fee]}]")
    assert small.route("when will you ever get me that payout of mine").channel == "a"


def test_silent_words_alone_go_nowhere(routing: Routing) -> None:
    """A message of nothing else is asked to say more; beside another word they count as always."""
    channels = (
        "channels: [{id: a, name: A, triggers: [why is it late, payout]}, "
        "{id: b, name: B, triggers: [fee]}]"
    )
    assert routing(channels).route("why is it").channel == "a"
    with_silent = routing(f"{channels}\nwords: {{silent: [why, is, it]}}")
    assert with_silent.route("Why is it?").reason == "empty"
    assert with_silent.route("why is it late").channel == "a"


@pytest.mark.parametrize(
    "message",
    [
        "it",
        "but",
        "why?",
        "what is this",
        "no thanks",
        "ok",
        "how are you",
        "quick question",
        "I see",
    ],
)
def test_words_that_say_nothing(router: Router, message: str) -> None:
    """With the shipped catalogue nobody is sent anywhere by a word that says nothing."""
    assert (router.route(message).channel, router.route(message).reason) == (None, "empty")


def test_courtesy_without_a_word(routing: Routing, write: Callable[..., Path]) -> None:
    """A stock phrase of emoji or signs takes nothing away and breaks nothing."""
    text = write().read_text("utf-8") + "words: words.yaml\n"
    words = "courtesy: ['!!!', '\U0001f64f', good day]\nspelling: {tyvm: Thank You}"
    router = routing(text, words=words)
    assert router.route("good day \U0001f64f good day!!!").reason == "empty"
    assert router._reader.read("tyvm").words == ("thank", "you")


@pytest.mark.parametrize(
    ("triggers", "known"),
    [
        ("payout failed", "payout"),
        ("payout", "payout"),
        ("???, payout", "payout"),
        ("\u4ed8\u6b3e\u5931\u8d25", "\u6211\u7684\u4ed8\u6b3e"),
        (
            "\u062f\u0641\u0639\u062a\u064a \u0644\u0645 \u062a\u0635\u0644",
            "\u062f\u0641\u0639\u062a\u064a",
        ),
        (
            "\u0e01\u0e32\u0e23\u0e0a\u0e33\u0e23\u0e30\u0e40\u0e07\u0e34\u0e19",
            "\u0e01\u0e32\u0e23\u0e0a\u0e33\u0e23\u0e30\u0e40\u0e07\u0e34\u0e19",
        ),
        ("\u092d\u0941\u0917\u0924\u093e\u0928", "\u092d\u0941\u0917\u0924\u093e\u0928"),
    ],
)
def test_one_channel_and_nothing_else(routing: Routing, triggers: str, known: str) -> None:
    """One channel, no off-topic, no word file, any script: what is known goes there, else none."""
    router = routing(
        f"channels: [{{id: only, name: Only, triggers: [{triggers}]}}]".replace("???", "'???'")
    )
    assert router.route(known).channel == "only"
    assert router.route(known).confidence == 1
    assert router.route("unheard").reason == "unknown"
    assert router.route("unheard").off_topic == Candidate(None, None, 0.0)
    assert router.route(known).candidates[0].score == 1


def test_no_trigger_has_a_word(routing: Routing) -> None:
    """Then nothing is ever known, and nothing breaks."""
    router = routing(
        "channels: [{id: a, name: A, triggers: ['???']}, {id: b, name: B, triggers: ['!']}]"
    )
    assert router.route("payout").reason == "unknown"
    assert router.route("???").reason == "empty"


def test_a_long_message_is_cut(router: Router) -> None:
    """Only the first `MAX_LENGTH` characters count, and the decision says so."""
    text = "payout failed ".ljust(MAX_LENGTH)
    assert not router.route(text).cut
    cut = router.route(text + " what is the weather")
    assert cut.cut
    assert cut.message.endswith("weather")
    assert cut.candidates == router.route(text).candidates


def test_many(router: Router) -> None:
    """One decision for each message, in order; the same as one by one."""
    messages = ["payout failed", "", "webinars"]
    assert list(router.route_many(messages)) == list(map(router.route, messages))
    endless = router.route_many(repeat("payout failed"))
    assert next(endless).channel == "chat", "each as it is asked for"


def test_pickled_decision(router: Router) -> None:
    """A decision travels without its router, with all candidates."""
    decision = router.route("payout failed")
    copy = pickle.loads(pickle.dumps(decision))
    assert copy == decision
    assert isinstance(copy, Decision)
    assert (copy.candidates, copy.off_topic) == (decision.candidates, decision.off_topic)


@pytest.mark.parametrize("keep", [True, False])
def test_pickled_router(
    write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch, *, keep: bool
) -> None:
    """A router travels with what it has learned; nothing is learned again, nothing compiled."""
    catalogue = read_catalogue(write())
    if keep:
        Router(catalogue)
        catalogue = store.load_catalogue(write())
    router = Router(catalogue)
    monkeypatch.setattr(store, "compile_catalogue", None)
    copy = pickle.loads(pickle.dumps(router))
    assert copy.route("payout failed") == router.route("payout failed")
    assert copy.route("payout failed").candidates == router.route("payout failed").candidates


def test_threads(catalogue: Catalogue) -> None:
    """Threads may share a router: each message gets the answer that it gets alone."""
    messages = [each.text for each in catalogue.triggers[:: len(catalogue.triggers) // 60]]
    alone = Router(catalogue)
    wanted = {text: (alone.route(text), alone.route(text).candidates) for text in messages}
    shared, wrong = Router(catalogue), []

    def work(texts: Sequence[str]) -> None:
        for text in texts:
            decision = shared.route(text)
            if (decision, decision.candidates) != wanted[text]:
                wrong.append(text)

    threads = [
        threading.Thread(target=work, args=(messages[at:] + messages[:at],)) for at in range(6)
    ]
    for each in threads:
        each.start()
    for each in threads:
        each.join()
    assert not wrong
