# ruff: noqa: INP001, T201, S603 (scripts are no package; they print, and run Python)
"""Measures the router within one process: messages a second, a long message, learning, memory.

    python benchmarks/speed.py

The messages are those of tests/messages, one by one: with a new router, which meets each word for
the first time; again, the middle one of five rounds; and with the evidence for each channel.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from statistics import median

import checkout

from seller_help import Router, load_catalogue
from seller_help.catalogue import find_catalogue
from seller_help.loading import read_catalogue
from seller_help.store import compile_catalogue, weights_of

MEMORY = """if 1:
    import sys
    sys.path.insert(0, sys.argv[1])
    from seller_help import Router, load_catalogue
    router = Router(load_catalogue())
    for number in range(int(sys.argv[2])):
        router.route(f"payout {number} failed").candidates
    print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
"""
ROUNDS = 5


def messages() -> list[str]:
    """Every labelled message."""
    files = sorted((checkout.ROOT / "tests" / "messages").glob("*.jsonl"))
    lines = (line for file in files for line in file.read_text("utf-8").splitlines())
    return [json.loads(line)["text"] for line in lines]


def seconds(work: Callable[[], object]) -> float:
    """The middle one of some rounds."""
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return median(times)


def memory(count: int, **env: str) -> str:
    """The most memory of a process that routes so many messages."""
    command = [sys.executable, "-c", MEMORY, str(checkout.ROOT / "src"), str(count)]
    done = subprocess.run(
        command, env={**os.environ, **env}, capture_output=True, text=True, check=True
    )
    return f"{int(done.stdout) / 1024:.0f} MiB"


def main() -> None:
    """Print the table of docs/performance.md."""
    weights_of(load_catalogue())  # compiled from here on
    texts = messages()
    router = Router(load_catalogue())
    long = " ".join(" ".join(texts).split()[:1000])
    started = time.perf_counter()
    for text in texts:
        router.route(text)
    first = time.perf_counter() - started
    many = seconds(lambda: [router.route(text).channel for text in texts])
    explained = seconds(lambda: [router.route(text).candidates for text in texts])
    started = time.perf_counter()
    catalogue = read_catalogue(find_catalogue())
    read = time.perf_counter() - started
    compile_catalogue(catalogue)
    learned = time.perf_counter() - started - read
    rows = {
        f"messages a second, {len(texts):,} for the first time": f"{len(texts) / first:,.0f}",
        "the same once their words are known": f"{len(texts) / many:,.0f}",
        "the same with the evidence for each channel": f"{len(texts) / explained:,.0f}",
        "a message of 1,000 words": f"{1000 * seconds(lambda: router.route(long)):.1f} ms",
        f"reading the YAML of {len(catalogue.triggers):,} triggers": f"{read:.1f} s",
        "learning from them, once": f"{learned:.1f} s",
        "memory of a process that learns, and can keep nothing": memory(
            1, XDG_CACHE_HOME=os.devnull
        ),
        "memory of a process after one message": memory(1),
        "memory of a process after a thousand": memory(1000),
    }
    print("| what | |\n|---|---|")
    for what, figure in rows.items():
        print(f"| {what} | {figure} |")


if __name__ == "__main__":
    main()
