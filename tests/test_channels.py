"""The shipped catalogue: every fact of the guide, and its own examples."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from seller_help.catalogue import Catalogue
    from seller_help.router import Router

HELP = ("Seller Center", "Profile", "Help & Support", "Help Center")
ACCESS = {
    "help-center": [HELP],
    "chat": [(*HELP, "Contact TikTok", "Chat with us")],
    "community": [("TikTokShop Academy", "Seller Community")] * 2,
}
OFFERINGS = {
    "help-center": ["faq", "policy", "tutorial"],
    "chat": ["agent", "ticket", "guidance"],
    "community": ["education", "updates", "tiko", "peers", "elevated"],
}


def test_ids(catalogue: Catalogue) -> None:
    """Three channels with their offerings, in the guide's order; the first is the first stop."""
    found = {each.id: [one.id for one in each.offerings] for each in catalogue.channels}
    assert found == OFFERINGS
    assert [each.name for each in catalogue.channels] == [
        "Help Center",
        "Chat Support",
        "Community",
    ]
    assert catalogue.first_stop == "help-center"


@pytest.mark.parametrize("channel", ACCESS)
def test_ways(catalogue: Catalogue, channel: str) -> None:
    """The ways are the guide's, word by word."""
    assert [way.steps for way in catalogue.channel(channel).access] == ACCESS[channel]


def test_both_ways_to_the_community_are_told_apart(catalogue: Catalogue) -> None:
    """At the top right corner of the navigation bar, or at the very bottom of the page."""
    names = [way.name for way in catalogue.channel("community").access]
    assert names == ["top right corner of the navigation bar", "very bottom of the page"]


FACTS = {
    "help-center": """
        common and general; What is the return window?; Where do I upload my tax ID?;
        How do I process a refund?; primary self-service resource; first stop; immediate;
        official policy information; without waiting for an agent;
        Official FAQs; Detailed policy articles; Step-by-step tutorials""",
    "chat": """
        time-sensitive, account-specific or transactional; payout failure; order discrepancy;
        complex policy clarification; agent's access to your account; unique operational;
        official intervention; data checks; Direct engagement with support agents;
        Official creation of dedicated support tickets; Personalized guidance""",
    "community": """
        ongoing education; official communication; peer-to-peer networking;
        beyond immediate issue resolution; official tutorials; shared; Education & Learning;
        Official webinars; in-depth tutorials; Official Communication; platform updates;
        policy changes; posted directly; announcements; General Guidance; 24/7;
        Tiko, the virtual AI assistant; Instant guidance on general topics; Peer-to-Peer;
        Best practices; troubleshooting; other sellers; knowledge sharing; networking;
        Elevated Support; account manager; AM; Office Hours; select sellers""",
}


@pytest.mark.parametrize("channel", FACTS)
def test_facts(catalogue: Catalogue, channel: str) -> None:
    """What the guide says of a channel stands in its purpose, its uses or its offerings."""
    one = catalogue.channel(channel)
    said = [one.purpose, *one.use_when]
    said += [text for each in one.offerings for text in (each.name, each.what, each.note)]
    text = " ".join(said).casefold()
    facts = " ".join(FACTS[channel].split()).casefold().split("; ")
    assert [fact for fact in facts if fact not in text] == []


def test_elevated_support_is_not_for_everyone(catalogue: Catalogue) -> None:
    """Its note says so; no other offering has one."""
    notes = {
        each.id: each.note for one in catalogue.channels for each in one.offerings if each.note
    }
    assert notes == {
        "elevated": "For select sellers only; not all sellers are automatically eligible."
    }


def test_there_is_always_a_next_channel(catalogue: Catalogue) -> None:
    """From any channel one comes to all others, and back."""
    for start in OFFERINGS:
        at, seen = start, []
        for _ in OFFERINGS:
            at = catalogue.channel(at).next
            seen.append(at)
        assert at == start
        assert sorted(seen) == sorted(OFFERINGS)


@pytest.mark.parametrize(
    ("name", "channel"),
    [
        *(("Help Center", "help-center"), ("help centre", "help-center"), ("faq", "help-center")),
        *(("Chat Support", "chat"), ("chat with us", "chat"), ("Contact TikTok", "chat")),
        *(("Seller Community", "community"), ("community groups", "community")),
        *(("tiko", "community"), ("OFFICE-HOURS", "community"), ("account manager", "community")),
    ],
)
def test_names(catalogue: Catalogue, name: str, channel: str) -> None:
    """A channel is found by the names that the guide has for it."""
    found = catalogue.find(name)
    assert found
    assert found.id == channel


@pytest.mark.parametrize(
    ("message", "place"),
    [
        ("What is the return window?", "help-center"),
        ("Where do I upload my tax ID?", "help-center"),
        ("How do I process a refund?", "help-center tutorial"),
        ("payout failure", "chat"),
        ("payout failed", "chat agent"),
        ("specific payout failures", "chat"),
        ("order discrepancy", "chat"),
        ("order discrepancies", "chat"),
        ("webinars", "community education"),
        ("official webinars", "community education"),
        ("policy updates", "community updates"),
        ("policy changes", "community updates"),
        ("platform updates", "community updates"),
        ("other sellers", "community peers"),
        ("networking with other sellers", "community peers"),
        ("best practices", "community peers"),
        ("Tiko", "community tiko"),
        ("account manager", "community elevated"),
        ("office hours", "community elevated"),
    ],
)
def test_the_guides_own_examples(router: Router, message: str, place: str) -> None:
    """They reach the guide's channel (and offering, where the guide names one)."""
    decision = router.route(message)
    channel, _, offering = place.partition(" ")
    assert decision.channel == channel
    assert offering in {"", decision.offering}


THINGS = (
    *("payment", "payments", "payout", "payouts", "settlement", "withdrawal", "funds", "balance"),
    *("earnings", "order", "orders", "package", "parcel", "shipment", "label", "tracking"),
    *("refund", "return", "claim", "dispute", "appeal", "listing", "product", "account", "shop"),
    *("verification", "document", "invoice", "commission", "fee", "ad", "campaign", "sample"),
    *("voucher", "review", "live", "video", "store", "inventory"),
)


@pytest.mark.parametrize(
    ("manner", "channel"),
    [
        *[
            (manner, "chat")
            for manner in (
                *("{} on hold", "{} failed", "{} failure", "{} rejected", "{} stuck", "{} missing"),
                *("{} not working", "{} problem", "{} issue", "{} delayed", "{} error", "wrong {}"),
                *("{} disappeared", "{} suspended", "no {} received", "{} still pending"),
            )
        ],
        *[
            (manner, "help-center")
            for manner in ("{} policy", "{} rules", "what is a {}", "{} requirements")
        ],
        *[
            (manner, "community")
            for manner in ("{} webinar", "{} best practices", "how do other sellers handle {}")
        ],
    ],
)
def test_two_words_are_enough(router: Router, manner: str, channel: str) -> None:
    """Whatever thing of a shop it is about; of the 39 two may go elsewhere."""
    others = [thing for thing in THINGS if router.route(manner.format(thing)).channel != channel]
    assert len(others) <= 2, others


TOPICS = (
    *("orders", "returns", "refunds", "payouts", "shipping", "labels", "tracking", "fees", "tax"),
    *("commission", "listings", "variants", "inventory", "verification", "documents", "violations"),
    *("appeals", "reviews", "coupons", "campaigns", "ads", "affiliates", "samples", "videos"),
    *("analytics", "integrations", "staff accounts", "bank account", "order limit", "size chart"),
    *("return address", "shipping templates", "payout schedule", "restricted categories"),
)


def test_a_bare_topic_is_for_the_help_center(router: Router) -> None:
    """Who names a topic and no trouble wants to read about it first; of 34 one may go elsewhere."""
    others = [topic for topic in TOPICS if router.route(topic).channel != "help-center"]
    assert len(others) <= 1, others


TROUBLES = (
    *("suspended", "hacked", "banned", "locked", "frozen", "rejected", "stuck", "unpaid", "stolen"),
    *("overcharged", "blocked", "disabled", "terminated", "delisted", "withheld", "scammed"),
    *("not paid", "sync failed", "login failed", "parcel lost", "listing removed", "no reply"),
)


def test_a_bare_trouble_is_for_chat_support(router: Router) -> None:
    """One word tells that something is wrong; of 22 one may go elsewhere."""
    others = [trouble for trouble in TROUBLES if router.route(trouble).channel != "chat"]
    assert len(others) <= 1, others


PLAINEST = {
    "chat": (
        *("think somebody hacked me", "i cant sign in any more", "your site is down today"),
        *("dhl lost my shipment", "they refused my passport photo", "a scammer bought from me"),
        *("i want my money right now", "is the site down for anyone", "my shipping template broke"),
        *("two step verification switched itself on", "some buyer left me a fake review"),
        *("fedex damaged my box on the way", "so when will i get my money"),
    ),
    "help-center": (
        *("i've forgotten my password", "is this mail really from tiktok", "what's your e-mail"),
        "email address for sellers",
    ),
}


@pytest.mark.parametrize("channel", PLAINEST)
def test_what_anybody_types_first(router: Router, channel: str) -> None:
    """Whoever asks here is a seller, unless the message says otherwise; no trigger says it so.

    Of the 13 and the 4 two and one may go elsewhere. (`check` tries the triggers themselves.)
    """
    triggers = {trigger.text for trigger in router.catalogue.triggers}
    assert triggers.isdisjoint(PLAINEST[channel])
    decisions = [router.route(text) for text in PLAINEST[channel]]
    others = [each.message for each in decisions if each.channel != channel]
    assert len(others) <= {"chat": 2, "help-center": 1}[channel], others
    assert [each.message for each in decisions if not each.candidates[0].evidence] == []


def test_the_weather_is_no_sellers_matter(router: Router) -> None:
    """No channel fits."""
    decision = router.route("what is the weather in houston")
    assert (decision.channel, decision.reason) == (None, "off-topic")
