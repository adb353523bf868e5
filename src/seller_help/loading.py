"""The catalogue's files become a `Catalogue`, or a list of everything that is wrong in them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, TypeVar

from .catalogue import (
    Catalogue,
    Channel,
    Facts,
    Offering,
    OffTopic,
    Phrases,
    Trigger,
    Words,
    digest,
    names,
    plain_name,
)
from .errors import SellerHelpError
from .filling import Filler, clip, nearest, place, shown, stands
from .reading import MAX_BYTES, MAX_FILES, Node, Place, entries, parse, read_bytes

MAX_FULL = 50
"""Characters that a short form may stand for; else a short text could become an endless one."""

_Part = Channel | Offering | OffTopic
_Kind = TypeVar("_Kind", Channel, Offering, OffTopic)


def read_catalogue(path: Path) -> Catalogue:
    """The catalogue of this YAML file and the files it names; SellerHelpError says all faults."""
    loader = _Loader(path)
    catalogue = loader.load()
    if loader.problems or catalogue is None:
        raise loader.error()
    return catalogue


class _Loader(Filler):
    """Reads the files of one catalogue, and checks what one place says about another."""

    def __init__(self, path: Path) -> None:
        super().__init__(path)
        self.taken = 0
        self.entries = entries()
        self.triggers: dict[str, Trigger] = {}
        self.digests: list[str] = []

    def load(self) -> Catalogue | None:
        root = self.open(self.path, (str(self.path), 1, 1), "")
        if root is None:
            return None
        facts: Facts = self.value(Facts, root, "")
        self.check_links(facts)
        self.check_names(facts)
        self.check_triggers(facts)
        self.collect(facts)
        words: Words = self.content(Words, facts.words, "words") or Words()
        self.check_spelling(words)
        facts = replace(
            facts,
            first_stop=facts.first_stop or next((each.id for each in facts.channels), ""),
            channels=tuple(
                replace(_bare(each), offerings=tuple(map(_bare, each.offerings)))
                for each in facts.channels
            ),
            off_topic=_bare(facts.off_topic),
            words=_name(facts.words),
        )
        return Catalogue(
            facts, words, tuple(self.triggers.values()), tuple(self.files), tuple(self.digests)
        )

    def open(self, path: Path, named: Place, trail: str) -> Node | None:
        try:
            raw = read_bytes(path, MAX_BYTES, self.taken)
        except SellerHelpError as error:
            self.refuse(named, trail, f"{path} {error.message}", error.hint)
            return None
        self.files.append(path)
        self.digests.append(digest(raw))
        self.taken += len(raw)
        node, problems = parse(raw, str(path), self.entries)
        for problem in problems:
            self.note(problem)
        if problems and next(self.entries, None) is None:
            raise self.error()  # there is no room for anything more
        return node

    def content(self, kind: Any, held: Any, trail: str) -> Any:
        """What a field holds, or the file that it names; nothing if there is none."""
        if not held or not isinstance(held, str):
            return held
        if len(self.files) == MAX_FILES:
            self.refuse(place(held), trail, f"more than {MAX_FILES} files")
            raise self.error()
        path = self.path.parent / held
        if path in self.files:
            self.refuse(place(held), trail, f"{shown(held)} is already in use")
            return None
        node = self.open(path, place(held), trail)
        return None if node is None else self.value(kind, node, "")

    def check_spelling(self, words: Words) -> None:
        """A short form stands for a few words."""
        for short, full in words.spelling.items():
            if len(full) > MAX_FULL:
                found = f"text of more than {MAX_FULL} characters"
                self.refuse(place(full), f"spelling > {clip(short)}", found)

    def check_names(self, facts: Facts) -> None:
        """Every name leads to one channel, and every offering's id to one offering of it."""
        seen: dict[str, tuple[Channel, str, str]] = {}
        for trail, channel in _channels(facts):
            for field, name in names(channel):
                owner, other, first = seen.setdefault(plain_name(name), (channel, field, name))
                # A channel may well be called like its own id.
                if name and (owner is not channel or other == field):
                    self.once(name, first, f"{trail} > {field}")
            ids: dict[str, str] = {}
            for step, offering in _offerings(channel, trail):
                first = ids.setdefault(offering.id, offering.id)
                if offering.id:
                    self.once(offering.id, first, f"{step} > id")

    def once(self, text: str, first: str, trail: str, whose: str = "") -> None:
        """Refuse a text that stood somewhere else first."""
        if text is not first:
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

    def check_triggers(self, facts: Facts) -> None:
        """Every channel has something by which it is recognised."""
        faulty = [problem.trail for problem in self.problems]
        for trail, each in _channels(facts):
            parts: tuple[Channel | Offering, ...] = (each, *each.offerings)
            known = any(part.triggers or part.phrases for part in parts)
            if each.id and not known and not any(other.startswith(trail) for other in faulty):
                hint = "write some under 'triggers', in the channel or in an offering"
                self.refuse(place(each.id), trail, "the channel has no triggers", hint)

    def collect(self, facts: Facts) -> None:
        """All triggers, from the catalogue and from its phrase files; each stands once."""
        for trail, channel in _channels(facts):
            self.add(trail, channel, channel.id, None)
            for step, offering in _offerings(channel, trail):
                self.add(step, offering, channel.id, offering.id)
        self.add("off_topic", facts.off_topic, None, None)

    def add(self, trail: str, part: _Part, channel: str | None, offering: str | None) -> None:
        """The triggers of a channel, of an offering or of what is no channel's matter."""
        phrases: Phrases = self.content(Phrases, part.phrases, f"{trail} > phrases") or {}
        within = "" if isinstance(part.phrases, str) else f"{trail} > phrases > "
        lists = [("", f"{trail} > triggers", part.triggers)]
        lists += [(topic, within + clip(topic), texts) for topic, texts in phrases.items()]
        for topic, heading, texts in lists:
            for at, text in enumerate(texts):
                trigger = Trigger(text, channel, offering, topic)
                first = self.triggers.setdefault(text.casefold(), trigger)
                if text and first is not trigger:
                    whose = f" ({first.channel or 'off_topic'})"
                    self.once(text, first.text, f"{heading}[{at}]", whose)


def _channels(facts: Facts) -> Iterator[tuple[str, Channel]]:
    """The channels, each with the trail to it."""
    for at, channel in enumerate(facts.channels):
        yield f"channels[{at}] '{clip(channel.id)}'", channel


def _offerings(channel: Channel, trail: str) -> Iterator[tuple[str, Offering]]:
    for at, offering in enumerate(channel.offerings):
        yield f"{trail} > offerings[{at}] '{clip(offering.id)}'", offering


def _bare(part: _Kind) -> _Kind:
    return replace(part, triggers=(), phrases=_name(part.phrases))


def _name(held: object) -> str:
    """The file that a field names, if it names one."""
    return held if isinstance(held, str) else ""
