# ruff: noqa: INP001, T201 (a folder of scripts is no package; a script prints)
"""Measures the router on tests/messages and prints the tables of docs/evaluation.md.

python benchmarks/quality.py                     the measures, robustness
python benchmarks/quality.py --misses            the misses too, with the evidence that misled
python benchmarks/quality.py --baselines         known methods beside it (pip install '.[bench]')
python benchmarks/quality.py --ablation          each part's worth, by leaving it out
python benchmarks/quality.py --write-misses      rewrites tests/messages/known-misses.txt
python benchmarks/quality.py --write-page        puts the tables it printed into the page
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from functools import partial
from importlib.metadata import PackageNotFoundError, version
from itertools import product
from typing import TYPE_CHECKING

import checkout
import tables
from ablation import VARIANTS, maimed
from distortions import SAME, mistyped

from seller_help.catalogue import NONE
from seller_help.evaluation import Miss, Report, evaluate, measure
from seller_help.labelled import Labelled, read_labelled
from seller_help.router import Router
from seller_help.store import load_catalogue
from seller_help.text import roots_of, words_of

if TYPE_CHECKING:
    from seller_help.catalogue import Catalogue

MESSAGES = checkout.ROOT / "tests" / "messages"
MISSES = MESSAGES / "known-misses.txt"
FRAMES = MESSAGES / "frames.json"
PAGE = checkout.ROOT / "docs" / "evaluation.md"
FILES = (
    "sellers-1",
    "sellers-2",
    "sellers-3",
    "fresh-long",
    "fresh-none",
    "everyday",
    "others",
    "stories",
    "phones",
    "borders",
    "two-matters",
    "inbox",
    "probes",
    "languages",
    "languages-2",
    "languages-3",
    "languages-4",
    "short",
    "fresh-short",
    "short-2",
    "short-3",
    "posts-1",
    "posts-2",
    "posts-3",
    "posts-4",
    "posts-5",
    "posts-6",
    "posts-7",
    "posts-8",
    "fresh-posts",
    "fresh-final",
)
UNREAD = (
    "posts-2",
    "posts-4",
    "posts-6",
    "posts-8",
    "fresh-final",
    "inbox",
    "short-2",
    "short-3",
    "languages",
    "languages-2",
    "languages-3",
    "languages-4",
    "everyday",
    "others",
    "two-matters",
)
"""Nobody reads these: their messages are never shown."""
SETS = {
    "long, unread": ("fresh-final", "inbox"),
    "posts, unread": ("posts-2", "posts-4", "posts-6", "posts-8"),
    "languages": ("languages", "languages-2", "languages-3", "languages-4"),
    "posts": tuple(f"posts-{number}" for number in range(1, 9)),
    "short, unread": ("short-2", "short-3"),
    "probes": ("probes",),
    "all files": FILES,
}
"""What methods and variants are compared on."""
SEEDS = range(3)

Tables = dict[str, str]
Messages = dict[str, list[Labelled]]


def main() -> None:
    """Print what is asked for."""
    wanted = _arguments()
    router = Router(load_catalogue(checkout.ROOT / "channels.yaml"))
    messages = _read(router.catalogue)
    reports = {file: evaluate(router, messages[file]) for file in FILES}
    pooled = {name: evaluate(router, _pooled(messages, name)) for name in SETS}
    every = pooled["all files"]
    found: Tables = {
        "run": _run(router),
        "quality": tables.quality({**reports, "all files": every}),
        "targets": tables.targets(reports),
        "labels": tables.labels(every),
        "confusion": tables.confusion(every),
        "confusion of posts": tables.confusion(pooled["posts"]),
        "calibration": tables.calibration(every, pooled["posts"]),
        "coverage": tables.coverage(every, pooled["posts"]),
        "frames": _frames(router),
        "robustness": _robustness(router, messages),
        "overlap": _overlap(router, messages),
    }
    for name, table in found.items():
        _show(name, table)
    if wanted.baselines:
        found["baselines"] = _show("baselines", _baselines(pooled))
    if wanted.ablation:
        found["ablation"] = _show("ablation", _ablation(every.accuracy))
    if wanted.misses:
        for file, report in reports.items():
            print("", *_told(file, report.misses), sep="\n")
    if wanted.write_misses:
        MISSES.write_text(_list(reports), "utf-8")
    if wanted.write_page:
        PAGE.write_text(_filled(PAGE.read_text("utf-8"), found), "utf-8")


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    for name in ("misses", "baselines", "ablation", "write-misses", "write-page"):
        parser.add_argument(f"--{name}", action="store_true")
    return parser.parse_args()


def _show(name: str, table: str) -> str:
    print(f"\n{name}\n\n{table}", flush=True)
    return table


def _read(catalogue: Catalogue) -> Messages:
    return {file: read_labelled(MESSAGES / f"{file}.jsonl", catalogue) for file in FILES}


def _pooled(messages: Messages, name: str) -> list[Labelled]:
    return [message for file in SETS[name] for message in messages[file]]


def _run(router: Router) -> str:
    """When and with what; a figure without these cannot be compared."""
    names = ("rapidfuzz", "scikit-learn")
    parts = [f"Python {sys.version.split()[0]}", *(f"{name} {_version(name)}" for name in names)]
    size, settings = len(router.catalogue.triggers), router.catalogue.settings
    return (
        f"Measured on {date.today():%Y-%m-%d}, {size:,} triggers, sure from {settings.sure}, "  # noqa: DTZ011 (of this machine)
        f"off-topic from {settings.off_topic}, caution {settings.caution}; {', '.join(parts)}."
    )


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _right(
    router: Router, messages: Iterable[Labelled], change: Callable[[Labelled], str]
) -> float:
    """The accuracy on changed messages."""
    pairs = [(each.channel, router.route(change(each)).channel) for each in messages]
    return sum(right == answer for right, answer in pairs) / len(pairs)


def _as_is(message: Labelled) -> str:
    return message.text


def _mistyped(message: Labelled, seed: int) -> str:
    return mistyped(message.text, f"{message.id} {seed}")


def _courteous(message: Labelled) -> str:
    return SAME["courtesies"](message.text)


def _robustness(router: Router, messages: Messages) -> str:
    rows = []
    for file, some in {**messages, "all files": _pooled(messages, "all files")}.items():
        was = [router.route(each.text).channel for each in some]
        accuracy = _right(router, some, _as_is)
        typed = [_right(router, some, partial(_mistyped, seed=seed)) for seed in SEEDS]
        loss = accuracy - sum(typed) / len(typed)
        same = []
        for change in SAME.values():
            now = [router.route(change(each.text)).channel for each in some]
            equal = sum(a == b for a, b in zip(was, now, strict=True))
            same.append(tables.share(equal / len(some)))
        rows.append([file, f"{100 * loss:+.1f}", *same])
    return tables.table(["", "points lost by typos", *(f"same: {name}" for name in SAME)], rows)


def _frames(router: Router) -> str:
    """How plain sentences fare: each frame with each of its topics, but those that are triggers."""
    triggers = {_roots(each.text) for each in router.catalogue.triggers}
    rows: dict[str, list[tuple[bool, bool]]] = {}
    for group in json.loads(FRAMES.read_text("utf-8")):
        kind = "unread" if group.get("unread") else "read"
        name = f"{group['channel']}, {'other languages' if 'language' in group else 'English'}"
        for frame, topic in product(group["frames"], group["topics"] or [""]):
            sentence = frame.replace("{}", topic)
            if _roots(sentence) in triggers:
                continue
            found = router.route(sentence)
            wrong = (found.channel or NONE) != group["channel"]
            surely = wrong and found.confidence >= router.catalogue.settings.sure
            for row in (name, "all"):
                rows.setdefault(f"{row}, {kind}", []).append((wrong, surely))
    names = sorted(rows, key=lambda row: (row.endswith("unread"), row))
    shares = (
        [tables.share(sum(each) / len(each)) for each in zip(*rows[row], strict=True)]
        for row in names
    )
    return tables.table(
        ["", "sentences", "wrong", "surely wrong"],
        ([row, f"{len(rows[row]):,}", *each] for row, each in zip(names, shares, strict=True)),
    )


def _overlap(router: Router, messages: Messages) -> str:
    """How much of the messages stands in the triggers, word for word."""
    triggers = [_roots(each.text) for each in router.catalogue.triggers]
    lengths = (4, 5, 6)
    runs = {size: {run for roots in triggers for run in _runs(roots, size)} for size in lengths}
    rows = []
    for file, some in messages.items():
        texts = [_roots(each.text) for each in some]
        shares = [
            sum(not runs[size].isdisjoint(_runs(roots, size)) for roots in texts) / len(some)
            for size in lengths
        ]
        rows.append([file, *map(tables.share, shares)])
    return tables.table(["", *(f"{size} words in a row" for size in lengths)], rows)


def _roots(text: str) -> tuple[str, ...]:
    return tuple(roots_of(words_of(text)))


def _runs(roots: tuple[str, ...], size: int) -> Iterator[tuple[str, ...]]:
    return (roots[at : at + size] for at in range(len(roots) - size + 1))


def _baselines(ours: dict[str, Report]) -> str:
    from rivals import RIVALS

    found = {f"seller-help, {name}": report for name, report in ours.items()}
    with ProcessPoolExecutor(os.cpu_count()) as pool:
        for rival, reports in zip(RIVALS, pool.map(_rival, RIVALS), strict=True):
            found |= {f"{rival}, {name}": report for name, report in reports.items()}
    return tables.quality(found)


def _rival(name: str) -> dict[str, Report]:
    from rivals import RIVALS

    rival = RIVALS[name](load_catalogue(checkout.ROOT / "channels.yaml"))
    messages = _read(rival.catalogue)
    answers = {}
    for file, some in messages.items():
        answers[file] = list(rival.route_many(each.text for each in some))
    return {
        part: measure(
            rival.catalogue,
            _pooled(messages, part),
            (answer for file in files for answer in answers[file]),
        )
        for part, files in SETS.items()
    }


def _ablation(accuracy: float | None) -> str:
    # One task for each process: a variant's patches must not reach the next one.
    with ProcessPoolExecutor(os.cpu_count(), max_tasks_per_child=1) as pool:
        found = dict(zip(VARIANTS, pool.map(_variant, VARIANTS), strict=True))
    whole = found["everything"]
    if whole[len(SETS) - 1] != accuracy:
        raise SystemExit("the catalogue or the code has changed meanwhile: start again")
    rows = []
    for name, got in found.items():
        itself = name == "everything"
        gaps = zip(got, whole, strict=True)
        rows.append([name, *(_against(now, was, itself=itself) for now, was in gaps)])
    return tables.table(["accuracy", *SETS, "all, mistyped", "all, courtesies"], rows)


def _variant(name: str) -> list[float]:
    """The accuracy of one variant on each of `SETS`, and on all files changed in two ways."""
    catalogue = load_catalogue(checkout.ROOT / "channels.yaml")
    router, messages = maimed(name, catalogue), _read(catalogue)
    every = _pooled(messages, "all files")
    plain = [_right(router, _pooled(messages, each), _as_is) for each in SETS]
    changes = (partial(_mistyped, seed=SEEDS[0]), _courteous)
    return [*plain, *(_right(router, every, change) for change in changes)]


def _against(now: float, whole: float, *, itself: bool) -> str:
    return tables.share(now) if itself else f"{100 * (now - whole):+.1f}"


def _told(file: str, misses: Iterable[Miss]) -> Iterator[str]:
    """Each miss in three lines: the message, what misled, what spoke for the right label."""
    for each in misses:
        message = each.message
        text = "(kept unread)" if file in UNREAD else message.text
        second = ", right one second" if each.second else ""
        labels = f"{message.channel or NONE} -> {each.answer or NONE} {each.confidence:.2f}{second}"
        yield f"{file} {message.id}: {labels}: {text}"
        if file not in UNREAD:
            for name, evidence in (("misled", each.misled), ("spoke", each.spoke)):
                parts = (f"{one.kind} '{one.text}' {one.strength:.2f}" for one in evidence)
                yield f"    {name}: {'; '.join(parts)}"


def _list(reports: dict[str, Report]) -> str:
    """The known misses as a file: file and id of each."""
    head = (
        "# Messages that the router is known to get wrong: file and id, one a line.\n"
        "# tests/test_quality.py holds this list to the truth, both ways. To write it anew:\n"
        "#     python benchmarks/quality.py --write-misses\n"
    )
    lines = (f"{file} {miss.message.id}\n" for file in FILES for miss in reports[file].misses)
    return head + "".join(lines)


def _filled(page: str, found: Tables) -> str:
    """The page with each table between its marks; tables that were not asked for stay."""
    for name, table in found.items():
        start, end = f"<!-- {name} -->", f"<!-- end of {name} -->"
        before, mark, rest = page.partition(start)
        if not mark or end not in rest:
            raise SystemExit(f"{PAGE} has no place for '{name}': {start} ... {end}")
        page = f"{before}{start}\n{table}\n{end}{rest.partition(end)[2]}"
    return page


if __name__ == "__main__":
    main()
