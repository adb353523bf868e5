# ruff: noqa: INP001, T201, S603 (scripts are no package; they print, and run the program)
"""Measures whole processes: how long a seller waits for an answer, beside what it is made of.

    python3 -m venv /tmp/wheel && /tmp/wheel/bin/pip install .
    /tmp/wheel/bin/python benchmarks/startup.py [PAIRS]

It measures the seller-help that is installed beside the Python that runs it (an installed one: its
bytecode and its catalogue are compiled). The two processes of each line run in turn, 31 pairs
unless said otherwise, and the ratio is the median of the pairs' ratios: a busy machine slows both.
"""

from __future__ import annotations

import json
import os
import pty
import shutil
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from statistics import median
from subprocess import DEVNULL, Popen
from typing import NamedTuple

import seller_help
from seller_help.reading import Fields, Items, parse

PACKAGE = Path(seller_help.__file__).parent
TOOL = Path(sys.executable).with_name("seller-help")
ROUTE = (str(TOOL), "route", "payout failed")
IMPORTS = (sys.executable, "-c", "import typer, yaml, rapidfuzz.fuzz")
NOTHING = (sys.executable, "-c", "pass")


class Process(NamedTuple):
    """A process to be measured."""

    command: Sequence[str]
    terminal: bool = False
    cache: str = ""

    def seconds(self) -> float:
        """Run it once."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if not name.startswith(("PYTHON", "SELLER_HELP", "NO_COLOR", "FORCE_COLOR"))
        }
        env = {**kept, "TERM": "xterm-256color", "COLUMNS": "80"}
        if self.cache:
            env["XDG_CACHE_HOME"] = self.cache
        return self._on_terminal(env) if self.terminal else self._in_pipe(env)

    def _in_pipe(self, env: dict[str, str]) -> float:
        started = time.perf_counter()
        with Popen(self.command, env=env, stdin=DEVNULL, stdout=DEVNULL) as process:
            code = process.wait()
        took = time.perf_counter() - started
        if code:
            raise SystemExit(f"{' '.join(self.command)}: exit code {code}")
        return took

    def _on_terminal(self, env: dict[str, str]) -> float:
        ours, theirs = pty.openpty()
        started = time.perf_counter()
        with Popen(self.command, env=env, stdin=DEVNULL, stdout=theirs) as process:
            process.wait()
        took = time.perf_counter() - started
        shown = os.read(ours, 65536)
        os.close(ours)
        os.close(theirs)
        if b"\x1b[" not in shown:
            raise SystemExit("no colour: Rich was not measured")
        return took


def compare(what: str, one: Process, other: Process, pairs: int, target: float) -> None:
    """Run both in turn and print the median of the pairs' ratios beside its target."""
    one.seconds(), other.seconds()
    times: list[tuple[float, float]] = []
    for number in range(pairs):
        if number % 2:
            second, first = other.seconds(), one.seconds()
        else:
            first, second = one.seconds(), other.seconds()
        times.append((first, second))
    ratio = median(first / second for first, second in times)
    ours, theirs = (median(column) * 1000 for column in zip(*times, strict=True))
    verdict = "met" if ratio <= target else "MISSED"
    print(f"| {what} | {ours:.0f} ms | {theirs:.0f} ms | {ratio:.2f} | {target:.2f} | {verdict} |")


def tenth(source: Path, target: Path) -> None:
    """Copy a catalogue with every tenth phrase of its phrase files."""
    shutil.copytree(source, target)
    for file in (target / "phrases").glob("*.yaml"):
        topics, _ = parse(file.read_bytes(), file.name)
        if not isinstance(topics, Fields):
            raise SystemExit(f"{file} is no phrase file")
        kept = [(topic, texts[::10]) for topic, texts in topics if isinstance(texts, Items)]
        lines = (f"{_quoted(topic)}: [{', '.join(map(_quoted, texts))}]\n" for topic, texts in kept)
        file.write_text("".join(lines), "utf-8")


def _quoted(text: object) -> str:
    return json.dumps(text, ensure_ascii=False)


def own_catalogues(folder: Path, pairs: int) -> None:
    """The first and the later runs with a catalogue of one's own, and with a tenth of it."""
    (folder / "all").mkdir()
    for name in ("channels.yaml", "words.yaml"):
        shutil.copy(PACKAGE / name, folder / "all")
    shutil.copytree(PACKAGE / "phrases", folder / "all" / "phrases")
    tenth(folder / "all", folder / "tenth")
    processes = {}
    cold = {}
    for size in ("all", "tenth"):
        catalogue = str(folder / size / "channels.yaml")
        command = (str(TOOL), "--catalogue", catalogue, *ROUTE[1:], "--json")
        processes[size] = Process(command, cache=str(folder / "cache"))
        cold[size] = processes[size].seconds()
        triggers = len(seller_help.load_catalogue(catalogue).triggers)
        print(f"first run of a catalogue of {triggers:,} triggers: {cold[size]:.1f} s")
    head = "| what | it takes | beside | ratio | target | |\n|---|---|---|---|---|---|"
    print(f"\n{head}")
    what = "a catalogue of one's own, all triggers, beside a tenth of them"
    compare(what, processes["all"], processes["tenth"], pairs, 1.2)


def main() -> None:
    """Print the table of docs/performance.md."""
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 31
    if not (TOOL.exists() and (PACKAGE / "channels.bin").exists()):
        raise SystemExit("install the wheel first: see the top of this file")
    imports, nothing = Process(IMPORTS), Process(NOTHING)
    with tempfile.TemporaryDirectory() as folder:
        own_catalogues(Path(folder), pairs)
    json_route = Process((*ROUTE, "--json"))
    compare("`route --json`, beside importing its libraries", json_route, imports, pairs, 1.25)
    compare("`route` on a terminal", Process(ROUTE, terminal=True), imports, pairs, 1.6)
    compare("`--version`, beside `pass`", Process((str(TOOL), "--version")), nothing, pairs, 2.0)


if __name__ == "__main__":
    main()
