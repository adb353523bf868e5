"""The router on an existing engine: Dask, two worker processes, the answers of a single one."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command import environment

from seller_help import Router, load_catalogue

if TYPE_CHECKING:
    from seller_help import Decision

pytestmark = pytest.mark.scale
MESSAGES = Path(__file__).parent / "messages"
PAGE = Path(__file__).parents[1] / "docs" / "scale.md"


def texts(number: int) -> list[str]:
    """So many messages, each on one line, none like the one before."""
    files = [each.read_text("utf-8") for each in sorted(MESSAGES.glob("*.jsonl"))]
    found = [json.loads(line)["text"] for line in "".join(files).splitlines()]
    return [" ".join(f"{found[at % len(found)]} {at}".split()) for at in range(number)]


def brief(decision: Decision) -> tuple[str | None, str | None, float, str]:
    """What a table keeps of an answer."""
    return decision.channel, decision.offering, decision.confidence, decision.reason


def test_dask_routes_as_one_process_does(tmp_path: Path) -> None:
    """The script of docs/scale.md, over 100,000 messages, in a directory of its own.

    Run as its reader runs it, and not from here: the workers could not import this module, and
    Dask would wait for them for ever.
    """
    messages = texts(100_000)
    for at, part in enumerate(range(0, len(messages), 12_500)):
        lines = "\n".join(messages[part : part + 12_500])
        (tmp_path / f"messages-{at}.txt").write_text(lines, "utf-8")
    script = re.search(r"```python\n(import json\n.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    assert script
    (tmp_path / "script.py").write_text(script[1], "utf-8")
    with subprocess.Popen(
        [sys.executable, "script.py"],
        cwd=tmp_path,
        env=environment(),
        stderr=subprocess.PIPE,
        start_new_session=True,
    ) as process:
        try:
            _, err = process.communicate(timeout=600)
        finally:
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)  # the workers too
    assert process.returncode == 0, err.decode()
    found = [each.read_text("utf-8") for each in sorted(tmp_path.glob("routed-*.jsonl"))]
    answers = [tuple(json.loads(line).values()) for line in "\n".join(found).split("\n") if line]
    router = Router(load_catalogue())
    assert answers == [brief(each) for each in router.route_many(messages)]


def test_pandas_adds_columns() -> None:
    """A frame gains the columns of docs/scale.md, row for row."""
    pandas = pytest.importorskip("pandas")
    router, messages = Router(load_catalogue()), texts(1000)
    frame = pandas.DataFrame({"text": [*messages, None]}, index=range(5000, 6001))
    columns = ["channel", "offering", "confidence", "reason"]
    frame[columns] = [brief(each) for each in router.route_many(frame["text"].fillna(""))]
    answers = [*router.route_many(messages), router.route("")]
    assert frame["confidence"].tolist() == [each.confidence for each in answers]
    assert frame.loc[5003, "text"] == messages[3]
