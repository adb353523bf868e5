# ruff: noqa: INP001, T201, S603 (scripts are no package; they print, and run the program)
"""Measures many messages: this router beside known methods, batch, and how it grows.

    pip install '.[bench]' && python benchmarks/throughput.py [PART...]

The parts are `methods`, `batch` and `growth`; without a name, all of them. The messages are the
`USUAL` ones of tests/messages; the others are longer and harder. Each figure is the median of
several rounds, in which all that is compared takes its turn. Seconds are those of the processor,
but for `batch`: there they are those of a clock, from the start of the process to its end.
"""

from __future__ import annotations

import json
import os
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import cycle, islice
from multiprocessing import get_context
from pathlib import Path
from resource import RUSAGE_CHILDREN, RUSAGE_SELF, getrusage
from statistics import median
from unittest.mock import patch

import checkout
import tables

from seller_help.router import Router
from seller_help.store import load_catalogue

ROUNDS = 5
BATCH = 100_000
TRIGGERS = (100, 1_000, 10_000)
WORDS = (10, 100, 1_000)
SHIPPED = checkout.ROOT / "channels.yaml"
USUAL = ("sellers-1", "sellers-2", "sellers-3", "short", "posts-1", "posts-2")
"""905 messages, 15 words on average."""

Measured = tuple[float, float]
"""Messages a second, and the process's peak memory in MiB."""


def main() -> None:
    """Print the tables of the parts that were asked for."""
    parts = {"methods": _methods, "batch": _batch, "growth": _growth}
    Router(load_catalogue(SHIPPED))  # compiled from now on
    for name in sys.argv[1:] or parts:
        print(f"{parts[name]()}\n")


def _texts(*names: str) -> list[str]:
    folder = checkout.ROOT / "tests" / "messages"
    files = [folder / f"{name}.jsonl" for name in names] or sorted(folder.glob("*.jsonl"))
    lines = (line for each in files for line in each.read_text("utf-8").splitlines())
    return [json.loads(line)["text"] for line in lines]


def _alone(task: Callable[..., Measured], *arguments: object) -> Measured:
    """What a task measures in a process of its own."""
    # Not forked: a fork begins with its parent's peak.
    with ProcessPoolExecutor(1, get_context("spawn")) as pool:
        return pool.submit(task, *arguments).result()


def _timed(
    work: Callable[[str], object], texts: Sequence[str], before: Sequence[str] = ()
) -> Measured:
    for text in before:  # what is loaded and remembered at first is no message's price
        work(text)
    start = time.process_time()
    for text in texts:
        work(text)
    seconds = time.process_time() - start
    return len(texts) / seconds, getrusage(RUSAGE_SELF).ru_maxrss / 1024


def _ours() -> Measured:
    router = Router(load_catalogue(SHIPPED))
    first, second = _halves()
    return _timed(router.route, second, first)


def _halves() -> tuple[list[str], list[str]]:
    """The messages in two halves that have no message in common."""
    texts = _texts(*USUAL)
    random.Random(1).shuffle(texts)  # noqa: S311 - a sample
    return texts[::2], texts[1::2]


def _extract_one(scorer: str) -> Measured:
    from rapidfuzz import fuzz, process, utils

    triggers = [utils.default_process(each.text) for each in load_catalogue(SHIPPED).triggers]
    measure = getattr(fuzz, scorer)

    def work(text: str) -> object:
        return process.extractOne(utils.default_process(text), triggers, scorer=measure)

    first, second = _halves()
    return _timed(work, second[:150], first[:5])


def _regression() -> Measured:
    from rivals import Regression

    rival = Regression(load_catalogue(SHIPPED))
    first, second = _halves()
    return _timed(lambda text: list(rival.route_many([text])), second[:500], first[:100])


METHODS: dict[str, tuple[Callable[..., Measured], tuple[str, ...]]] = {
    "seller-help": (_ours, ()),
    "rapidfuzz extractOne, WRatio": (_extract_one, ("WRatio",)),
    "rapidfuzz extractOne, token_set_ratio": (_extract_one, ("token_set_ratio",)),
    "TF-IDF, logistic regression, one by one": (_regression, ()),
}


def _methods() -> str:
    found: dict[str, list[Measured]] = {name: [] for name in METHODS}
    for number in range(ROUNDS):
        for name, (task, arguments) in METHODS.items():
            if task is not _regression or number < 3:  # half a minute each time
                found[name].append(_alone(task, *arguments))
    ours = median(speed for speed, _ in found["seller-help"])
    rows = []
    for name, rounds in found.items():
        speed, memory = (median(each) for each in zip(*rounds, strict=True))
        rows.append([name, f"{speed:,.0f}", f"{ours / speed:,.1f}", f"{memory:.0f}"])
    return tables.table(["", "messages a second", "seller-help is faster by", "MiB"], rows)


def _batch() -> str:
    kinds = {"usual": _texts(*USUAL), "all": _texts()}
    runs = (("usual", 1), ("usual", 2), ("all", 1))
    found: dict[tuple[str, int], list[Measured]] = {run: [] for run in runs}
    with tempfile.TemporaryDirectory() as folder:
        sources = {kind: Path(folder) / f"{kind}.jsonl" for kind in kinds}
        for kind, texts in kinds.items():
            lines = (json.dumps({"id": at, "text": text}) for at, text in enumerate(_drawn(texts)))
            sources[kind].write_text("\n".join(lines), "utf-8")
        for _ in range(ROUNDS):
            for (kind, workers), rounds in found.items():
                rounds.append(_alone(_run_batch, sources[kind], workers))
    rows = []
    for (kind, workers), rounds in found.items():
        speed, memory = (median(each) for each in zip(*rounds, strict=True))
        pairs = zip(rounds, found["usual", 1], strict=True)
        times = median(this[0] / one[0] for this, one in pairs)
        words = sum(len(text.split()) for text in kinds[kind]) / len(kinds[kind])
        name = f"batch --workers {workers}, of {words:.0f} words"
        rows.append([name, f"{speed:,.0f}", f"{times:.2f}", f"{memory:.0f}"])
    return tables.table([f"{BATCH:,} messages", "a second", "times", "MiB, largest process"], rows)


def _drawn(texts: Sequence[str]) -> Iterator[str]:
    draw = random.Random(1)  # noqa: S311 - a sample
    return (draw.choice(texts) for _ in range(BATCH))


def _run_batch(source: Path, workers: int) -> Measured:
    """The whole process, its start too."""
    command = [sys.executable, "-m", "seller_help", "--catalogue", str(SHIPPED), "batch"]
    target = source.with_name("routed.jsonl")
    start = time.perf_counter()
    subprocess.run(
        [*command, str(source), "--workers", str(workers), "-o", str(target)],
        env={**os.environ, "PYTHONPATH": str(checkout.ROOT / "src")},
        capture_output=True,
        check=True,
    )
    seconds = time.perf_counter() - start
    return BATCH / seconds, getrusage(RUSAGE_CHILDREN).ru_maxrss / 1024


def _growth() -> str:
    triggers = [each.text for each in load_catalogue(SHIPPED).triggers]
    random.Random(1).shuffle(triggers)  # noqa: S311 - a sample
    rows = [_grown(3, triggers[:number]) for number in TRIGGERS]
    rows.append(_grown(150, triggers[:15_000]))
    head = ["triggers", "channels", "learning, s", "warm load, ms", "message, ms"]
    longer = [[f"{words:,}", f"{_by_length(words):.3f}"] for words in WORDS]
    return f"{tables.table(head, rows)}\n\n{tables.table(['words', 'message, ms'], longer)}"


def _grown(channels: int, triggers: list[str]) -> list[str]:
    with tempfile.TemporaryDirectory() as folder, patch.dict(os.environ, XDG_CACHE_HOME=folder):
        path = Path(folder) / "grown.yaml"
        path.write_text(_catalogue(channels, triggers), "utf-8")
        start = time.process_time()
        router = Router(load_catalogue(path))
        learning = time.process_time() - start
        loads = []
        for _ in range(ROUNDS):
            start = time.process_time()
            router = Router(load_catalogue(path))
            loads.append(time.process_time() - start)
        speed = _timed(router.route, *_halves())[0]
    sizes = [f"{len(triggers):,}", str(channels), f"{learning:.2f}"]
    return [*sizes, f"{1000 * median(loads):.1f}", f"{1000 / speed:.3f}"]


def _catalogue(channels: int, triggers: list[str]) -> str:
    """A catalogue of so many channels with about as many triggers each."""
    parts = ["channels:"]
    for at in range(channels):
        parts.append(f"- {{id: c{at}, name: Channel {at}, triggers: [")
        parts += (f"{json.dumps(each)}," for each in triggers[at::channels])
        parts.append("]}")
    return "\n".join(parts)


def _by_length(words: int) -> float:
    """Milliseconds for a message of so many words."""
    pool: Iterable[str] = (word for text in _texts() for word in text.split())
    running = cycle(list(pool))
    texts = [" ".join(islice(running, words))[:10_000] for _ in range(20_000 // words)]
    router = Router(load_catalogue(SHIPPED))
    return 1000 / median(_timed(router.route, texts)[0] for _ in range(ROUNDS))


if __name__ == "__main__":
    main()
