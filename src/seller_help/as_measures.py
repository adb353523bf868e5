"""Measures in tables: what a batch came to, and how good the answers to labelled messages are."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from .catalogue import NONE
from .lines import GAP, Line, counted, one_line, percent

if TYPE_CHECKING:
    from .batch import Tally
    from .catalogue import Catalogue
    from .decision import Evidence
    from .evaluation import Change, Miss, Report

Cell = str | int | float | None
MISSES = 50  # so many misses are told, the surest first; JSON has them all


@dataclass(frozen=True)
class Table:
    """A table of clean text; the first column is set to the left, the others to the right."""

    title: str
    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    heat: bool = False
    """The cells are counts: how much each is of its row can be shown. The diagonal is right."""


def summary(tally: Tally, catalogue: Catalogue, seconds: float, limit: int) -> tuple[str, ...]:
    """What a batch came to, a line each."""
    rate = f" in {seconds:.1f} s, {tally.records / seconds:,.0f} a second"
    lines = [counted(tally.records, "message") + (rate if tally.records >= 1000 else "")]
    read = tally.records - tally.errors
    if read:
        ids = [*(channel.id for channel in catalogue.channels), None]
        shares = (f"{each or NONE} {percent(tally.channels[each] / read)}" for each in ids)
        lines.append(f"{', '.join(shares)}; unsure: {percent(tally.unsure / read)}")
    if tally.cut:
        lines.append(f"{counted(tally.cut, 'long message')}: the first {limit:,} characters count")
    if tally.errors:
        first = one_line(tally.first_error)
        lines.append(f"{counted(tally.errors, 'record')} with an error, the first: {first}")
    return tuple(lines)


def tables(report: Report) -> Iterator[Table]:
    """All measures of a report, for people."""
    yield _table("Answers", ("", "share"), _overall(report))
    yield _table(
        "Channels",
        ("", "messages", "precision", "recall", "F1"),
        ((it.label or NONE, it.messages, it.precision, it.recall, it.f1) for it in report.labels),
    )
    labels = [it.label for it in report.labels]
    counts = {(it.label, it.answer): it.messages for it in report.confusion}
    yield _table(
        "Right channel (rows) and answer (columns)",
        ("", *(label or NONE for label in labels)),
        ((right or NONE, *(counts[right, it] for it in labels)) for right in labels),
        heat=True,
    )
    yield _table(
        "Confidence and what was right",
        ("confidence", "messages", "said", "right"),
        (
            (f"{it.lower:.1f} to {it.upper:.1f}", it.messages, it.confidence, it.accuracy)
            for it in report.calibration
            if it.messages
        ),
    )
    steps = [(f"{it.threshold:.2f}", it.share, it.accuracy) for it in report.coverage]
    yield _table(
        "Only answers from a confidence on",
        ("from", "taken", "right"),
        [*steps, ("sure", report.sure.share, report.sure.accuracy)],
    )


def _table(
    title: str, head: tuple[str, ...], rows: Iterable[tuple[Cell, ...]], *, heat: bool = False
) -> Table:
    return Table(title, head, tuple(tuple(map(_cell, row)) for row in rows), heat)


def _cell(value: Cell) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


def _overall(report: Report) -> Iterator[tuple[str, float | None]]:
    yield f"right, of {counted(report.messages, 'message')}", report.accuracy
    yield "right or also accepted", report.acceptable
    yield "mean F1 of the channels and none", report.macro_f1
    yield "offering right, where the channel is", report.offering
    yield "right one first or second", report.first_two
    yield "a channel's message called off-topic", report.called_off_topic
    yield "calibration error", report.calibration_error


def misses(report: Report) -> Iterator[Line]:
    """The wrong answers, the surest first, each with the evidence that misled."""
    if not report.misses:
        return
    yield Line("head", counted(len(report.misses), "wrong answer"))
    surest = sorted(report.misses, key=lambda each: -each.confidence)
    for miss in surest[:MISSES]:
        yield GAP
        yield from _miss(miss)
    if len(surest) > MISSES:
        yield GAP
        yield Line("head", f"{len(surest) - MISSES} more; --json has them all")


def changes(report: Report) -> Iterator[Line]:
    """What is otherwise than in the base: the accuracy, and each message that goes elsewhere."""
    found = report.compared
    if found is None:
        return
    if report.misses:
        yield GAP
    by = "" if found.difference is None else f"{found.difference:+.3f}"
    told = f"Right before: {_cell(found.accuracy)}, now: {_cell(report.accuracy)}"
    yield Line("head", told, aside=by)
    for name, meaning, group in (
        ("Gained", "wrong before, right now", found.gained),
        ("Lost", "right before, wrong now", found.lost),
        ("Changed", "wrong before and now", found.changed),
    ):
        yield GAP
        yield Line("head", f"{name}: {len(group):,}", aside=meaning)
        for change in group[:MISSES]:
            yield from _change(change)
        if len(group) > MISSES:
            yield Line("point", f"{len(group) - MISSES:,} more; --json has them all")


def _change(change: Change) -> Iterator[Line]:
    right, before, answer = (
        each or NONE for each in (change.message.channel, change.before, change.answer)
    )
    aside = "" if right in (before, answer) else f", right is {right}"
    told = f"{change.message.id}: {answer}, before {before}"
    yield Line("head", told, aside=percent(change.confidence) + aside)
    yield Line("field", change.message.text, "Text")


def _miss(miss: Miss) -> Iterator[Line]:
    second = ", right one second" if miss.second else ""
    accepted = ", also accepted" if miss.acceptable else ""
    told = f"{miss.message.id}: {miss.message.channel or NONE}, not {miss.answer or NONE}"
    yield Line("head", told, aside=f"{percent(miss.confidence)}{second}{accepted}")
    yield Line("field", miss.message.text, "Text")
    for name, evidence in (("Misled", miss.misled), ("Spoke", miss.spoke)):
        if evidence:
            yield Line("field", "; ".join(map(_thing, evidence)), name)


def _thing(evidence: Evidence) -> str:
    like = "like " if evidence.kind == "trigger" else ""
    return f'{like}"{evidence.text}" {percent(evidence.strength)}'
