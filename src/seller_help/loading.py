"""The catalogue's files become a `Catalogue`, or a list of everything that is wrong in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from .catalogue import (
    NONE,
    Catalogue,
    Channel,
    Facts,
    Offering,
    OffTopic,
    Trigger,
    names,
    plain_name,
)
from .filling import Filler, clip, nearest, place, shown, stands

MAX_FULL = 50
"""Characters that a short form may stand for; else a short text could become an endless one."""

_Part = Channel | Offering | OffTopic


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue of this YAML file and the files it names; SellerHelpError says all faults."""
    return _Loader(path).load()


class _Loader(Filler):
    """Reads the files of one catalogue, and checks what one place says about another."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.triggers: dict[str, Trigger] = {}

    def load(self) -> Catalogue:
        root = self.open(self.path, (str(self.path), 1, 1), "")
        if root is None:
            raise self.error()
        facts: Facts = self.value(Facts, root, "")
        self.check_links(facts)
        self.check_names(facts)
        self.collect(facts)
        self.check_spelling(facts)
        if self.problems:
            raise self.error()
        facts = replace(
            facts,
            first_stop=facts.first_stop or facts.channels[0].id,
            channels=tuple(map(_bare, facts.channels)),
            off_topic=OffTopic(),
        )
        triggers = tuple(self.triggers.values())
        catalogue = Catalogue(**vars(facts), triggers=triggers, files=self.files)
        object.__setattr__(catalogue, "may_be_kept", True)
        return catalogue

    def check_spelling(self, facts: Facts) -> None:
        """A short form stands for a few words."""
        for short, full in facts.words.spelling.items():
            if len(full) > MAX_FULL:
                found = f"text of more than {MAX_FULL} characters"
                self.refuse(place(full), f"spelling > {clip(short)}", found)

    def check_names(self, facts: Facts) -> None:
        """Every name leads to one channel, and every offering's id to one offering of it."""
        seen: dict[str, tuple[Channel, str]] = {}
        for trail, channel in _channels(facts):
            if channel.id == NONE:
                found = f"'{NONE}' stands for no channel in files of messages"
                self.refuse(place(channel.id), f"{trail} > id", found, "such as 'no-channel'")
            for field, name in names(channel):
                owner, first = seen.setdefault(plain_name(name), (channel, name))
                if owner is not channel:  # it may well be called like its own id
                    self.once(name, first, f"{trail} > {field}")
            ids: dict[str, str] = {}
            for step, offering in _offerings(channel, trail):
                first = ids.setdefault(offering.id, offering.id)
                self.once(offering.id, first, f"{step} > id")

    def once(self, text: str, first: str, trail: str, whose: str = "") -> None:
        """Refuse a text that stood somewhere else first."""
        if text and text is not first:
            self.refuse(place(text), trail, f"{shown(text)} {stands(place(first))}{whose}")

    def check_links(self, facts: Facts) -> None:
        """Every id that is named is one."""
        ids = dict.fromkeys(channel.id for channel in facts.channels)
        links = [(f"{trail} > next", each.next, each.id) for trail, each in _channels(facts)]
        for trail, target, owner in [("first_stop", facts.first_stop, ""), *links]:
            if target and target not in ids:
                found = f"no channel has the id {shown(target)}"
                self.refuse(place(target), trail, found, nearest(target, ids))
            elif target and target == owner:
                self.refuse(place(target), trail, "a channel cannot be its own next")

    def collect(self, facts: Facts) -> None:
        """All triggers, each once; every channel has something by which it is recognised."""
        for trail, channel in _channels(facts):
            before = len(self.triggers)
            self.add(trail, channel, channel.id, None)
            for step, offering in _offerings(channel, trail):
                self.add(step, offering, channel.id, offering.id)
            if len(self.triggers) == before and channel.id and not self.faulty(trail):
                hint = "write some under 'triggers', in the channel or in an offering"
                self.refuse(place(channel.id), trail, "the channel has no triggers", hint)
        self.add("off_topic", facts.off_topic, None, None)

    def faulty(self, trail: str) -> bool:
        """Something is wrong there, or in a file that may belong there."""
        own = str(self.path)
        return any(at.trail.startswith(trail) or at.file != own for at in self.problems)

    def add(self, trail: str, part: _Part, channel: str | None, offering: str | None) -> None:
        """The triggers of a channel, of an offering or of what is no channel's matter."""
        lists = [(f"{trail} > triggers", part.triggers)]
        for topic, texts in part.phrases.items():
            within = f"{trail} > phrases > " if place(topic)[0] == str(self.path) else ""
            lists.append((within + clip(topic), texts))
        for heading, texts in lists:
            for at, text in enumerate(texts):
                trigger = Trigger(text, channel, offering)
                first = self.triggers.setdefault(text.casefold(), trigger)
                if first is not trigger:
                    whose = f" ({first.channel or 'off_topic'})"
                    self.once(text, first.text, f"{heading}[{at}]", whose)


def _channels(facts: Facts) -> Iterator[tuple[str, Channel]]:
    """The channels, each with the trail to it."""
    for at, channel in enumerate(facts.channels):
        yield f"channels[{at}] '{clip(channel.id)}'", channel


def _offerings(channel: Channel, trail: str) -> Iterator[tuple[str, Offering]]:
    for at, offering in enumerate(channel.offerings):
        yield f"{trail} > offerings[{at}] '{clip(offering.id)}'", offering


def _bare(channel: Channel) -> Channel:
    """The channel without triggers, its own and its offerings'."""
    offerings = tuple(replace(each, triggers=(), phrases={}) for each in channel.offerings)
    return replace(channel, triggers=(), phrases={}, offerings=offerings)
