"""What `check` finds: all that the reader refuses, and what only a second look can see."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterator
from dataclasses import dataclass, replace
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

from .catalogue import Taught
from .errors import Problem, SellerHelpError
from .filling import clip, place, shown
from .loading import read_catalogue
from .router import Router
from .spelling import Reader
from .store import load_catalogue, weights_of
from .text import words_of

if TYPE_CHECKING:
    from pathlib import Path

    from .catalogue import Catalogue, Trigger, Words

ALIKE = 90
"""From this likeness on (rapidfuzz's ratio of the words' roots in alphabetical order, 0 to 100) two
phrases say nearly the same."""
CROWD = 100
"""Where more phrases share all words but one, these words are a mould and none of them is like
another; it also bounds the time."""
LONG = 30
"""Words of a trigger that is compared with others; in a longer one a word makes no difference."""
SURELY = 0.98
"""A trigger that is sent elsewhere with this confidence stands in the wrong place, or alone against
many."""
FEW = 0.1  # a channel with fewer triggers than this part of what the others have on average has few


class Finding(NamedTuple):
    """One thing that its owner should look at."""

    code: str  # E01 is an error, W01 and so on are warnings; docs/checks.md explains each
    problem: Problem
    about: str = ""
    """What it is about (a trigger, an id, a short form), as an entry under `reviewed` names it."""

    @property
    def key(self) -> tuple[str, str]:
        """What an entry under `reviewed` has to name."""
        return self.code, self.about.casefold()


class Checked(NamedTuple):
    """What was found in a catalogue."""

    source: Path
    findings: tuple[Finding, ...]
    """In the order of the files and of their lines; without those that were reviewed."""
    reviewed: int = 0  # so many more are under `reviewed`
    triggers: int = 0
    refusal: str = ""
    """Why the catalogue cannot be used, if there is an error; then warnings were not looked for."""


@dataclass(frozen=True, slots=True)
class _Phrase:
    """A trigger, how it is read, and where it is sent itself."""

    trigger: Trigger
    roots: tuple[str, ...]
    answer: str | None
    confidence: float
    sure: bool

    @property
    def silent(self) -> bool:
        """Nothing of it is left to read but numbers."""
        return all(each[0] == "0" for each in self.roots)

    @property
    def home(self) -> bool:
        """It is sent to its own channel, and no other is in question."""
        return self.sure and self.answer == self.trigger.channel


def check(path: Path) -> Checked:
    """Everything that is to be found in the catalogue of this file.

    Reads the YAML itself, as a compiled catalogue knows no places; learns from the triggers unless
    that was done before, and routes each of them. What depends on the router's confidence counts
    without any threshold once it was reviewed, or its entry would come and go with every change
    elsewhere.
    """
    try:
        catalogue = read_catalogue(path)
    except SellerHelpError as error:
        errors = tuple(Finding("E01", each) for each in error.problems)
        return Checked(path, errors, refusal=error.message)
    entries = catalogue.reviewed
    looked_at = {(each.code, about.casefold()): about for each in entries for about in each.about}
    phrases = _phrases(catalogue)
    found = [
        *_alike(phrases, looked_at),
        *_misplaced(phrases, looked_at),
        *_missing(catalogue),
        *_spelling(catalogue.words),
    ]
    left = [each for each in found if each.key not in looked_at]
    reviewed = len(found) - len(left)
    for code, key in looked_at.keys() - {each.key for each in found}:
        about = looked_at[code, key]
        message = f"no {clip(code)} is about {shown(about)} any more"
        left.append(_finding("W10", about, message, "take it out of the entry"))
    order = {str(file): number for number, file in enumerate(catalogue.files)}
    left.sort(key=lambda each: (order[each.problem.file], each.problem.line, each.problem.column))
    return Checked(path, tuple(left), reviewed, len(catalogue.triggers))


def _finding(code: str, about: str, message: str, hint: str) -> Finding:
    """A finding where the text that it is about stands."""
    return Finding(code, Problem(*place(about), "", message, hint), about)


def _phrases(catalogue: Catalogue) -> list[_Phrase]:
    """The triggers with their places, routed by what was learned from them, now or before."""
    weights = weights_of(load_catalogue(catalogue.source))
    taught = Taught(weights, catalogue.triggers, catalogue.words)
    router, reader = Router(replace(catalogue, taught=taught)), Reader(weights)
    phrases = []
    for trigger in catalogue.triggers:
        decision = router.route(trigger.text)
        roots = reader.read(trigger.text).roots
        # Part of a sentence ("how do i") teaches, though nobody is sent anywhere by it alone.
        sure = decision.reason in ("clear", "off-topic")
        phrases.append(_Phrase(trigger, roots, decision.channel, decision.confidence, sure))
    return phrases


def _alike(phrases: list[_Phrase], looked_at: Container[tuple[str, str]]) -> Iterator[Finding]:
    """W01: phrases of two channels with all words but one in common, that the router confuses."""
    from rapidfuzz import fuzz

    crowds: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    texts = []
    for number, phrase in enumerate(phrases):
        roots = tuple(sorted(phrase.roots))
        texts.append(" ".join(roots))
        if len(roots) <= LONG:
            for key in {roots, *(roots[:at] + roots[at + 1 :] for at in range(len(roots)))} - {()}:
                crowds[key].append(number)
    best: dict[int, tuple[float, int]] = {}
    for crowd in crowds.values():
        for one, two in combinations(crowd, 2) if len(crowd) <= CROWD else ():
            if phrases[one].trigger.channel == phrases[two].trigger.channel:
                continue
            reviewed = ("W01", phrases[two].trigger.text.casefold()) in looked_at
            if reviewed or not (phrases[one].home and phrases[two].home):
                best[two] = max(best.get(two, (0, 0)), (fuzz.ratio(texts[one], texts[two]), one))
    for two, (likeness, one) in best.items():
        if likeness >= ALIKE:
            text = phrases[two].trigger.text
            message = f"{shown(text)} is nearly the same as {_named(phrases[one].trigger)}"
            hint = "keep it in one of the two, or add the words that tell them apart"
            yield _finding("W01", text, message, hint)


def _misplaced(phrases: list[_Phrase], looked_at: Container[tuple[str, str]]) -> Iterator[Finding]:
    """Triggers that do not speak for their own channel.

    W02: the router surely sends it to another one. (One that was looked at counts until it comes
    home, see `check`.) W03: it is read as the same words as another one of its channel. W04:
    nothing of it is left to read but numbers.
    """
    first: dict[tuple[str | None, tuple[str, ...]], Trigger] = {}
    for phrase in phrases:
        own, text = phrase.trigger.channel, phrase.trigger.text
        if phrase.silent:
            if own:
                message = f"nothing in {shown(text)} speaks for a channel"
                hint = "greetings, stock phrases and numbers do not count: say what it is about"
                yield _finding("W04", text, message, hint)
            continue
        sent = phrase.sure and phrase.confidence >= SURELY
        if phrase.answer != own and (sent or ("W02", text.casefold()) in looked_at):
            message = f"{shown(text)} of {_owner(own)} is sent to {_owner(phrase.answer)}"
            hint = "move it there, or reword it, or add more like it here"
            yield _finding("W02", text, message, hint)
        one = first.setdefault((own, phrase.roots), phrase.trigger)
        if one is not phrase.trigger:
            message = f"{shown(text)} is read like {_named(one)}"
            yield _finding("W03", text, message, "keep one of them")


def _missing(catalogue: Catalogue) -> Iterator[Finding]:
    """W05, W06 and W09: too few triggers, or none; W07: channels to which no way leads."""
    counts = Counter(each.channel for each in catalogue.triggers)
    offered = {(each.channel, each.offering) for each in catalogue.triggers}
    others = len(catalogue.channels) - 1
    for channel in catalogue.channels:
        own = counts[channel.id]
        mean = (counts.total() - counts[None] - own) / others if others else 0
        if own < FEW * mean:
            message = (
                f"triggers of {shown(channel.id)}: {own:,}, of the others on average {mean:,.0f}"
            )
            yield _finding("W05", channel.id, message, "add what people write who need it")
        if not channel.access:
            message = f"no way leads to {shown(channel.id)}"
            yield _finding("W07", channel.id, message, "add 'access', with the steps to take")
        for offering in channel.offerings:
            if (channel.id, offering.id) not in offered:
                message = f"the offering {shown(offering.id)} has no triggers"
                yield _finding("W06", offering.id, message, "without any it is never recommended")
    if not counts[None]:
        message = "off_topic has no triggers: every message is taken for a channel's matter"
        hint = "add some of what people write that no channel is for"
        at = Problem(str(catalogue.source), 1, 1, "", message, hint)
        yield Finding("W09", at, "off_topic")


def _spelling(words: Words) -> Iterator[Finding]:
    """W08: short forms and silent words that no message can have, short forms of short forms."""
    for word in words.silent:
        if words_of(word) != [word] or word in words.spelling:
            hint = "one word in small letters, in full"
            yield _finding("W08", word, f"no word is ever read as {shown(word)}", hint)
    for short, full in words.spelling.items():
        if words_of(short) != [short]:
            hint = "a short form is one word in small letters, without signs or digits"
            yield _finding("W08", short, f"no word is ever read as {shown(short)}", hint)
        for word in filter(words.spelling.__contains__, words_of(full)):
            message = f"{shown(short)} is written out with the short form {shown(word)}"
            yield _finding("W08", short, message, f"write {shown(words.spelling[word])} instead")


def _named(trigger: Trigger) -> str:
    where = "{}:{}:{}".format(*place(trigger.text))
    return f"{shown(trigger.text)} of {_owner(trigger.channel)} ({where})"


def _owner(channel: str | None) -> str:
    return "off_topic" if channel is None else shown(channel)
