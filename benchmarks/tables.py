# ruff: noqa: INP001 (a folder of scripts is no package)
"""Measures as Markdown tables, as they stand in docs/evaluation.md."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import checkout  # noqa: F401 (this checkout's package, not an installed one)

from seller_help.catalogue import NONE
from seller_help.evaluation import Report

Measure = Callable[[Report], float | None]

MEASURES: dict[str, Measure] = {
    "accuracy": lambda report: report.accuracy,
    "acceptable": lambda report: report.acceptable,
    "recall of none": lambda report: report.labels[-1].recall,
    "called off-topic": lambda report: report.called_off_topic,
    "offering": lambda report: report.offering,
    "sure: right": lambda report: report.sure.accuracy,
    "sure: share": lambda report: report.sure.share,
    "first two": lambda report: report.first_two,
    "calibration error": lambda report: report.calibration_error,
}
LOWER = ("called off-topic", "calibration error")
"""Of these measures less is better."""
TARGETS: dict[str, tuple[float | None, float | None, float | None]] = {
    "accuracy": (0.91, 0.95, 0.75),
    "acceptable": (None, None, 0.87),
    "recall of none": (0.85, 0.95, 0.65),
    "called off-topic": (0.02, 0.02, 0.02),
    "offering": (0.85, 0.85, 0.85),
    "sure: right": (0.95, 0.95, 0.90),
    "sure: share": (0.70, 0.70, 0.50),
    "first two": (0.97, 0.98, 0.93),
    "calibration error": (0.05, 0.05, 0.05),
}
"""For long messages, short ones and real posts."""
JUDGED = (
    ("fresh-final", 0),
    ("inbox", 0),
    ("sellers-3", 0),
    ("short", 1),
    ("fresh-short", 1),
    ("short-2", 1),
    ("short-3", 1),
    ("posts-2", 2),
    ("posts-4", 2),
    ("posts-6", 2),
    ("posts-8", 2),
)
"""The files that are held against targets, and which of the three."""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """A Markdown table, its first column to the left, the others to the right."""
    rule = ["---", *("---:" for _ in head[1:])]
    return "\n".join(f"| {' | '.join(row)} |" for row in (head, rule, *rows))


def share(number: float | None) -> str:
    """A share with three places, or a dash if there is nothing to share."""
    return "-" if number is None else f"{number:.3f}"


def quality(reports: dict[str, Report]) -> str:
    """All measures, a row for each report."""
    rows = [
        [name, str(report.messages), *(share(measure(report)) for measure in MEASURES.values())]
        for name, report in reports.items()
    ]
    return table(["", "messages", *MEASURES], rows)


def targets(reports: dict[str, Report]) -> str:
    """Each measure beside its target; what is missed is bold, with the distance."""
    rows = []
    for name, wanted in TARGETS.items():
        row = [name]
        for file, kind in JUDGED:
            row.append(_held(MEASURES[name](reports[file]), wanted[kind], lower=name in LOWER))
        rows.append(row)
    return table(["reached / target", *(file for file, _ in JUDGED)], rows)


def _held(reached: float | None, target: float | None, *, lower: bool) -> str:
    if reached is None or target is None:
        return share(reached)
    short = (reached - target) if lower else (target - reached)
    shown = f"{reached:.3f} / {target:.2f}"
    return f"**{shown}, misses by {short:.3f}**" if short > 0 else shown


def labels(report: Report) -> str:
    """Precision, recall and F1 of each label."""
    rows = [
        [
            each.label or NONE,
            str(each.messages),
            share(each.precision),
            share(each.recall),
            share(each.f1),
        ]
        for each in report.labels
    ]
    rows.append(["mean", "", "", "", share(report.macro_f1)])
    return table(["", "messages", "precision", "recall", "F1"], rows)


def confusion(report: Report) -> str:
    """Rows: the right label; columns: the answer."""
    names = [each.label for each in report.labels]
    counts = {(each.label, each.answer): each.messages for each in report.confusion}
    rows = [[a or NONE, *(str(counts[a, b]) for b in names)] for a in names]
    return table(["right / answer", *(name or NONE for name in names)], rows)


def calibration(every: Report, posts: Report) -> str:
    """Each bin's confidence and accuracy; bins without a message are left out."""
    rows = []
    for all_of_it, real in zip(every.calibration, posts.calibration, strict=True):
        if all_of_it.messages:
            row = [f"{all_of_it.lower:.1f} to {all_of_it.upper:.1f}"]
            for one in (all_of_it, real):
                row += [str(one.messages), share(one.confidence), share(one.accuracy)]
            rows.append(row)
    part = ("messages", "said", "right")
    return table(["confidence", *(f"all: {p}" for p in part), *(f"posts: {p}" for p in part)], rows)


def coverage(every: Report, posts: Report) -> str:
    """How many answers are left at each threshold, and how many of them are right."""
    rows = [
        [f"{a.threshold:.2f}", share(a.share), share(a.accuracy), share(b.share), share(b.accuracy)]
        for a, b in zip(every.coverage, posts.coverage, strict=True)
    ]
    return table(["from", "all: share", "all: right", "posts: share", "posts: right"], rows)
