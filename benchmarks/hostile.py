# ruff: noqa: INP001, T201, S603 (scripts are no package; they print, and run Python)
"""Measures what SECURITY.md promises of hostile files: refused within a second.

    python benchmarks/hostile.py

Each hostile catalogue of tests/test_catalogue_files.py is read by a process of its own, and each
message of a megabyte of tests/test_promises.py is routed by one: processor time, start and all. The
exit code is 1 if one takes more. (The tests count steps and memory, which no busy machine changes.)
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import checkout

sys.path.insert(0, str(checkout.ROOT / "tests"))
from test_catalogue_files import HOSTILE
from test_promises import LONG

SECONDS = 1.0


def seconds(*arguments: str, stdin: bytes = b"") -> float:
    """The processor time of a process."""
    before = os.times()
    subprocess.run(
        [sys.executable, "-m", "seller_help", *arguments],
        env={**os.environ, "PYTHONPATH": str(checkout.ROOT / "src")},
        input=stdin,
        capture_output=True,
        check=False,
    )
    after = os.times()
    return sum(after[2:4]) - sum(before[2:4])


def rows() -> Iterator[tuple[str, float]]:
    """What was tried, and what it took."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "c.yaml"
        for name, (raw, _) in HOSTILE.items():
            path.write_bytes(raw)
            yield f"catalogue: {name}", seconds("--catalogue", str(path), "list")
    seconds("route", "payout failed")  # compiled from here on
    for name, raw in LONG.items():
        yield f"message: {name}", seconds("route", "-", stdin=raw)


def main() -> None:
    """Print the table."""
    print("| what | seconds |\n|---|---:|")
    slowest = 0.0
    for what, took in rows():
        slowest = max(slowest, took)
        print(f"| {what} | {took:.2f} |")
    sys.exit(slowest > SECONDS)


if __name__ == "__main__":
    main()
