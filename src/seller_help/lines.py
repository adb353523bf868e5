"""The answers in words: the lines that every view for people shows, and the view for a pipe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from .text import clean, words_of

if TYPE_CHECKING:
    from .catalogue import Catalogue, Channel, Offering
    from .checking import Checked
    from .decision import Candidate, Decision, Evidence
    from .errors import SellerHelpError

Role = Literal["title", "head", "field", "way", "step", "bar", "point", "finding", "gap"]
Tone = Literal["sure", "unsure", "none", ""]

ARROW = " > "
COMMAND = "seller-help"
NO_CHANNEL = {
    "off-topic": "this looks like a matter for none of them",
    "unknown": "too few of these words are known here",
    "empty": "the message says nothing",
}
COURTESY = "it does not say what it is about"
"""Where a message has words, but only greetings, calls for help and silent words."""
BAR = 12  # signs of a bar that shows a share
LIKELIEST = 4  # how many channels an explanation has at least, however unlikely they are


def one_line(text: str) -> str:
    """Text from outside on one line, with nothing in it that acts on a terminal."""
    return clean(text).replace("\t", " ").replace("\n", "\\x0a")


@dataclass(frozen=True)
class Line:
    """One line of an answer: what it says and what part it plays. It holds clean text only."""

    role: Role
    text: str = ""
    label: str = ""
    aside: str = ""
    share: float = 0.0
    tone: Tone = ""

    def __post_init__(self) -> None:
        for name in ("text", "label", "aside"):
            object.__setattr__(self, name, one_line(getattr(self, name)))


GAP = Line("gap")


def percent(share: float) -> str:
    """A share of 1 in words; what is nearly nothing or nearly all does not pass for it."""
    if 0 < share < 0.005:
        return "<1 %"
    return ">99 %" if 0.995 <= share < 1 else f"{round(share * 100)} %"


def counted(number: int, what: str) -> str:
    """A number of things."""
    return f"{number:,} {what}{'' if number == 1 else 's'}"


def _confidence(decision: Decision) -> str:
    return percent(min(decision.confidence, 0.99))  # no answer is certain


def route_lines(
    decision: Decision, catalogue: Catalogue, explain: bool, command: str = COMMAND
) -> list[Line]:
    """The answer to one message; `command` calls the program with this catalogue."""
    if decision.reason in NO_CHANNEL:
        lines = _nowhere(decision, catalogue)
    elif decision.reason == "clear":
        lines = _recommended(decision, catalogue, command)
    else:
        lines = _between(decision, catalogue)
    return [*lines, *_evidence(decision, catalogue)] if explain else list(lines)


def _recommended(decision: Decision, catalogue: Catalogue, command: str) -> Iterator[Line]:
    first = decision.candidates[0]
    channel, _ = _named(first, catalogue)
    aside = f"sure, {_confidence(decision)}"
    yield Line("title", _candidate_name(first, catalogue), aside=aside, tone="sure")
    yield from _ways(channel)
    yield GAP
    yield from _about(first, catalogue)
    yield from _next(channel, catalogue, command)


def _between(decision: Decision, catalogue: Catalogue) -> Iterator[Line]:
    """What leads and what is really close to it: another channel, no channel, or both."""
    first, *others = decision.candidates
    rival = next(each for each in decision.ranked if each is not first)
    best = [first, *others[:1]] if rival.channel or decision.reason == "close" else [first]
    names = " or ".join(_named(each, catalogue)[0].name for each in best)
    if decision.channel is None:
        best, names = [first], f"no channel's matter, or {_named(first, catalogue)[0].name}"
    elif rival.channel is None:
        names += ", or no channel's matter"
    aside = f"{_confidence(decision)} for the first"
    yield Line("title", f"Not sure: {names}", aside=aside, tone="unsure")
    if decision.channel is None:
        yield from _why(decision.off_topic.evidence)
    for each in best:
        yield GAP
        yield Line("head", _candidate_name(each, catalogue))
        yield from _ways(_named(each, catalogue)[0])
        yield from _about(each, catalogue)
    yield GAP
    yield Line("field", "add a few words: what you want to do, or what went wrong", "Clearer")


def _nowhere(decision: Decision, catalogue: Catalogue) -> Iterator[Line]:
    start = catalogue.channel(catalogue.first_stop)
    cause, say = NO_CHANNEL[decision.reason], "say it in other words: "
    if decision.reason == "empty":
        cause, say = COURTESY if words_of(decision.message) else cause, "say "
    yield Line("title", f"No channel fits: {cause}", tone="none")
    yield Line("field", f"{say}what you want to do, or what went wrong", "Try")
    yield Line("field", start.name, "Start")
    yield from _ways(start)
    yield from _why(decision.off_topic.evidence)


def _about(candidate: Candidate, catalogue: Catalogue) -> Iterator[Line]:
    """Why this one, and what is offered there."""
    channel, offering = _named(candidate, catalogue)
    yield from _why(candidate.evidence)
    what = offering.what if offering and offering.what else channel.purpose
    if what:
        yield Line("field", what, "What")
    if offering and offering.note:
        yield Line("field", offering.note, "Note")


def _why(evidence: Sequence[Evidence]) -> Iterator[Line]:
    words = [each.text for each in evidence if each.kind == "words"]
    likes = [f'like "{each.text}"' for each in evidence if each.kind == "trigger"][:1]
    if words or likes:
        yield Line("field", "; ".join(filter(None, [", ".join(words), *likes])), "Why")


def _ways(channel: Channel) -> Iterator[Line]:
    for way in channel.access:
        yield Line("way", ARROW.join(way.steps), "Way", aside=way.name)


def _next(channel: Channel, catalogue: Catalogue, command: str) -> Iterator[Line]:
    if channel.next:
        told = f"{catalogue.channel(channel.next).name}, if that does not help"
        yield Line("field", f"{told}: {command} path {channel.next}", "Next")


def _evidence(decision: Decision, catalogue: Catalogue) -> Iterator[Line]:
    """What spoke for the likeliest channels, and for all that have a percent of the whole."""
    ranked = decision.ranked
    seen = [each for at, each in enumerate(ranked) if at < LIKELIEST or each.score >= 0.01]
    yield GAP
    yield Line("head", "Evidence")
    for each in seen:
        name = "no channel" if each.channel is None else _candidate_name(each, catalogue)
        yield Line("bar", name, share=each.score)
        for thing in each.evidence:
            like = "words" if thing.kind == "words" else "like"
            yield Line("point", f'{like} "{thing.text}"', aside=percent(thing.strength))
    if len(seen) < len(ranked):
        yield Line("point", f"{len(ranked) - len(seen)} more with less than 1 %")


def path_lines(channel: Channel) -> Iterator[Line]:
    """The ways to one channel, step by step and at a glance."""
    yield Line("title", channel.name, aside=channel.id)
    if not channel.access:
        yield Line("field", "the catalogue names none", "Way")
    for way in channel.access:
        yield GAP
        for number, step in enumerate(way.steps, 1):
            yield Line("step", step, str(number))
        yield Line("way", ARROW.join(way.steps), "Way", aside=way.name)


def list_lines(channels: Sequence[Channel]) -> Iterator[Line]:
    """All channels at a glance: when to use each, and what each offers."""
    for channel in channels:
        if channel is not channels[0]:
            yield GAP
        yield Line("title", channel.name, aside=channel.id)
        for text in channel.use_when or filter(None, [channel.purpose]):
            yield Line("field", text, "Use when")
        if channel.offerings:
            yield Line("field", "; ".join(each.name for each in channel.offerings), "Offers")
        yield from _ways(channel)


def channel_lines(channel: Channel, catalogue: Catalogue, command: str = COMMAND) -> Iterator[Line]:
    """One channel in full."""
    yield Line("title", channel.name, aside=channel.id)
    if channel.purpose:
        yield Line("field", channel.purpose, "Purpose")
    if channel.aliases:
        yield Line("field", ", ".join(channel.aliases), "Also")
    yield from (Line("field", text, "Use when") for text in channel.use_when)
    yield from (Line("field", text, "Not when") for text in channel.not_when)
    for each in channel.offerings:
        yield Line("field", f"{each.name}: {each.what}" if each.what else each.name, "Offers")
        if each.note:
            yield Line("field", each.note, "Note")
    yield from _ways(channel)
    yield from _next(channel, catalogue, command)


def _candidate_name(candidate: Candidate, catalogue: Catalogue) -> str:
    channel, offering = _named(candidate, catalogue)
    return f"{channel.name}: {offering.name}" if offering else channel.name


def _named(candidate: Candidate, catalogue: Catalogue) -> tuple[Channel, Offering | None]:
    """The channel and offering whose ids a candidate holds; off-topic is no candidate here."""
    channel = catalogue.channel(candidate.channel or "")
    offering = (each for each in channel.offerings if each.id == candidate.offering)
    return channel, next(offering, None)


def check_lines(checked: Checked) -> Iterator[Line]:
    """Each finding, and what it comes to."""
    for each in checked.findings:
        at = each.problem
        told = f"{at.trail}: {at.message}" if at.trail else at.message
        place = f"{at.file}:{at.line}:{at.column}"
        yield Line("finding", f"{each.code} {told}", place, aside=at.hint)
    found = counted(len(checked.findings), "warning") if checked.findings else "nothing found"
    reviewed = f", {checked.reviewed:,} reviewed" if checked.reviewed else ""
    total = f"{checked.source}: {found}{reviewed} in {counted(checked.triggers, 'trigger')}"
    yield Line("head", checked.refusal or total)


def plain(lines: Iterable[Line]) -> str:
    """The lines for a pipe: one each, never wrapped, ASCII but for the words of others."""
    return "".join(_plain(line) + "\n" for line in lines)


def _plain(line: Line) -> str:
    text = f"{line.text} ({line.aside})" if line.aside else line.text
    if line.role == "step":
        return f"{line.label}. {text}"
    if line.role == "bar":
        return f"{'#' * round(line.share * BAR):.<{BAR}} {percent(line.share):>5}  {text}"
    if line.role == "point":
        return f"  {text}"
    return f"{line.label}: {text}" if line.label else text


def error_text(error: SellerHelpError) -> str:
    """An error for people: each problem on its line; one located problem says all by itself."""
    lines = [one_line(str(problem)) for problem in error.problems]
    if len(lines) != 1:
        lines.append(f"seller-help: {one_line(error.message)}")
    if error.hint:
        lines.append(f"hint: {one_line(error.hint)}")
    return "\n".join(lines) + "\n"
