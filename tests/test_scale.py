"""The router on an existing engine: Dask, two worker processes, the answers of a single one."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seller_help import Router, load_catalogue

if TYPE_CHECKING:
    from seller_help import Decision

pytestmark = pytest.mark.scale
MESSAGES = Path(__file__).parent / "messages"


def texts(number: int) -> list[str]:
    """So many messages, none like the one before."""
    files = [each.read_text("utf-8") for each in sorted(MESSAGES.glob("*.jsonl"))]
    found = [json.loads(line)["text"] for line in "".join(files).splitlines()]
    return [f"{found[at % len(found)]} {at}" for at in range(number)]


def brief(decision: Decision) -> tuple[str | None, str | None, float, str]:
    """What a table keeps of an answer."""
    return decision.channel, decision.offering, decision.confidence, decision.reason


@pytest.mark.filterwarnings("default")  # the engine's own
def test_dask_routes_as_one_process_does() -> None:
    """100,000 messages through `bag.map_partitions(router.route_many)`, as docs/scale.md has it."""
    from dask import bag
    from distributed import Client, LocalCluster

    router, messages = Router(load_catalogue()), texts(100_000)
    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster),
    ):
        parts = bag.from_sequence(messages, npartitions=8)
        found = parts.map_partitions(router.route_many).map(brief).compute()
    assert found == [brief(each) for each in router.route_many(messages)]


def test_pandas_adds_columns() -> None:
    """A frame gains the columns of docs/scale.md, row for row."""
    pandas = pytest.importorskip("pandas")
    router, messages = Router(load_catalogue()), texts(1000)
    frame = pandas.DataFrame({"text": messages}, index=range(5000, 6000))
    columns = ["channel", "offering", "confidence", "reason"]
    frame[columns] = [brief(each) for each in router.route_many(frame["text"])]
    assert frame["confidence"].tolist() == [each.confidence for each in router.route_many(messages)]
    assert frame.loc[5003, "text"] == messages[3]
