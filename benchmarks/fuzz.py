# ruff: noqa: INP001, T201, S101 (scripts are no package; they print; a fuzz target asserts)
"""Coverage-guided fuzzing of the catalogue reader and the router.

    pip install '.[test,fuzz]' && python benchmarks/fuzz.py [SECONDS]

Each target runs for so many seconds (600 unless said otherwise). A finding ends it, is kept in a
file `fuzz-...` in the working directory, and makes the exit code 1.
"""

from __future__ import annotations

import importlib
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import checkout

sys.path.insert(0, str(checkout.ROOT / "tests"))
MESSAGES = checkout.ROOT / "tests" / "messages"
SIGNS = (
    *(
        "- ",
        ": ",
        "? ",
        "[",
        "]",
        "{",
        "}",
        "&a ",
        "*a",
        "!!str ",
        "| ",
        "> ",
        "'",
        '"',
        "#b",
        "\n",
    ),
    *("\t", "\0", "\x1b", "\x85", "\u202e", "\ufeff", "<<: ", "\n---\n", "%YAML 1.1\n", "\\u0000"),
    *("channels:", "phrases:", "triggers:", "offerings:", "settings:", "words:", "spelling:"),
    *("payout", "refund", "n't", "not ", "0000", "\u0301", "\uff21", "\U0001f600", "\u4ed8", "pls"),
)
"""What the inputs are mixed with, beside what the fuzzer finds by itself."""


def reader() -> tuple[Callable[[bytes], object], list[bytes]]:
    """Bytes in the place of one of a catalogue's three files: problems, or a sound catalogue.

    The first byte says which file, and which of PyYAML's parsers reads it: mostly the one in C; the
    one in Python shows its branches to the fuzzer, but is ten times as slow then.
    """
    import test_catalogue_files as damage
    import yaml

    folder = Path(tempfile.mkdtemp())
    files = {"c.yaml": damage.SMALL, "p.yaml": damage.PHRASES, "w.yaml": damage.WORDS}
    names, parsers = list(files), (getattr(yaml, "CSafeLoader", yaml.SafeLoader), yaml.SafeLoader)

    def read(raw: bytes) -> None:
        choice = raw[0] if raw else 0
        setattr(yaml, "CSafeLoader", parsers[choice % 8 == 0])  # noqa: B010 - no stub knows it
        damage.verdict(folder, raw[1:], names[choice % 3])

    seeds = [bytes([at]) + files[names[at % 3]] for at in range(9)]
    hostile = [raw[:300] for raw, _ in damage.HOSTILE.values()]
    return read, [*seeds, *(bytes([at]) + raw for raw in hostile for at in (0, 1))]


def router() -> tuple[Callable[[bytes], object], list[bytes]]:
    """Any text: one decision that adds up, and views in which nothing acts."""
    from test_hostile import ACTING, TEXTS

    from seller_help import Router, load_catalogue
    from seller_help.as_json import route_json
    from seller_help.lines import plain, route_lines

    catalogue = load_catalogue()
    routes = Router(catalogue)

    def route(raw: bytes) -> None:
        text = raw.decode("utf-8", "surrogateescape")
        decision = routes.route(text)
        scores = [each.score for each in (*decision.candidates, decision.off_topic)]
        assert all(0 <= score <= 1 for score in (*scores, decision.confidence))
        assert abs(sum(scores) - 1) < 1e-9
        assert json.loads(route_json(decision, catalogue))["message"] == text
        assert not ACTING.search(plain(route_lines(decision, catalogue, explain=True)))

    lines = [line for file in sorted(MESSAGES.glob("*.jsonl")) for line in file.open("rb")]
    said = [json.loads(line)["text"] for line in lines[::20]]
    return route, [
        text[:4000].encode("utf-8", "surrogateescape") for text in (*TEXTS.values(), *said)
    ]


TARGETS = {"reader": reader, "router": router}
LONGEST = {"reader": 800, "router": 2000}
"""Bytes of an input. Longer ones are for tests/: here they would only cost executions."""


def fuzz(name: str, folder: str, *arguments: str) -> None:
    """Run one target in this process, which ends with it."""
    atheris: Any = importlib.import_module("atheris")
    with atheris.instrument_imports(include=["seller_help", "yaml"]):
        target, seeds = TARGETS[name]()
    for number, seed in enumerate(seeds):
        Path(folder, f"seed{number}").write_bytes(seed)
    atheris.Setup([name, folder, *arguments], target)
    atheris.Fuzz()


def run(name: str, seconds: int) -> bool:
    """Run one target in a process of its own, say how it went, and whether it went well."""
    with tempfile.TemporaryDirectory() as folder:
        words = Path(folder, "words")
        words.write_text("".join(map(_entry, SIGNS)))
        corpus = Path(folder, "corpus")
        corpus.mkdir()
        limits = (
            f"-max_len={LONGEST[name]}",
            "-timeout=10",
            "-rss_limit_mb=1500",
            "-print_final_stats=1",
        )
        more = (f"-max_total_time={seconds}", f"-dict={words}", f"-artifact_prefix=fuzz-{name}-")
        done = subprocess.run(  # noqa: S603 - itself
            [sys.executable, __file__, "--target", name, str(corpus), *limits, *more],
            env={**os.environ, "TMPDIR": folder},
            stderr=subprocess.PIPE,
            text=True,
            errors="replace",
            check=False,
        )
    count = re.search(r"number_of_executed_units: (\d+)", done.stderr)
    covered = re.findall(r"cov: (\d+)", done.stderr)
    branches = covered[-1] if covered else "?"
    verdict = "FINDING" if done.returncode else "no finding"
    executed = f"{int(count[1]):,}" if count else "?"
    print(f"{name}: {executed} executions in {seconds} s, {branches} branches, {verdict}")
    if done.returncode:
        print(done.stderr[-4000:])
    return done.returncode == 0


def _entry(sign: str) -> str:
    """A line of libFuzzer's dictionary."""
    return '"{}"\n'.format("".join(f"\\x{byte:02x}" for byte in sign.encode()))


def main() -> None:
    """Both targets, one after the other."""
    if sys.argv[1:2] == ["--target"]:
        fuzz(*sys.argv[2:])
    seconds = int(sys.argv[1]) if len(sys.argv) > 1 else 600
    fine = [run(name, seconds) for name in TARGETS]
    sys.exit(not all(fine))


if __name__ == "__main__":
    main()
