"""The router is as good as it was: floors for each file of messages, and every known miss."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seller_help.evaluation import Report, evaluate
from seller_help.labelled import Labelled, read_labelled
from seller_help.router import Router
from seller_help.store import load_catalogue
from seller_help.text import roots_of, words_of

if TYPE_CHECKING:
    from seller_help.catalogue import Catalogue

ROOT = Path(__file__).parents[1]
MESSAGES = Path(__file__).with_name("messages")
REWRITE = "python benchmarks/quality.py --write-misses --write-page"
FLOORS: dict[str, tuple[float, float | None]] = {
    "sellers-1": (0.95, 0.90),
    "sellers-2": (0.98, 0.95),
    "sellers-3": (0.91, 0.85),
    "fresh-long": (0.97, 0.88),
    "fresh-none": (0.94, 0.93),
    "everyday": (0.79, 0.79),
    "others": (0.88, 0.84),
    "stories": (0.93, 0.84),
    "phones": (0.91, 0.82),
    "borders": (0.91, 0.83),
    "two-matters": (0.78, 0.88),
    "inbox": (0.93, 0.83),
    "probes": (0.88, 0.83),
    "languages": (0.88, 0.80),
    "languages-2": (0.89, 0.82),
    "languages-3": (0.93, 0.90),
    "languages-4": (0.85, 0.81),
    "short": (0.98, 0.90),
    "fresh-short": (0.97, 0.95),
    "short-2": (0.97, 0.95),
    "short-3": (0.95, 0.86),
    "posts-1": (0.85, None),
    "posts-2": (0.70, 0.40),
    "posts-3": (0.82, 0.64),
    "posts-4": (0.76, 0.62),
    "posts-5": (0.77, None),
    "posts-6": (0.70, None),
    "posts-7": (0.76, 0.68),
    "posts-8": (0.69, 0.51),
    "fresh-posts": (0.95, 0.84),
    "fresh-final": (0.93, 0.93),
}
"""Of each file: the accuracy and the recall of off-topic that must be reached. A little below what
was reached (docs/evaluation.md), so that a new phrase that costs one message may still come in.
The five off-topic posts of `posts-1` are too few for a floor."""
OWN_WORDS = 5
"""Two people may well write the same four words; from here on it counts as a copy."""


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The catalogue of this checkout."""
    return load_catalogue(ROOT / "channels.yaml")


@pytest.fixture(scope="session")
def messages(catalogue: Catalogue) -> dict[str, list[Labelled]]:
    """All labelled messages, by file."""
    files = sorted(MESSAGES.glob("*.jsonl"))
    return {file.stem: read_labelled(file, catalogue) for file in files}


@pytest.fixture(scope="session")
def reports(catalogue: Catalogue, messages: dict[str, list[Labelled]]) -> dict[str, Report]:
    """Each file's measures; a message is routed once in a session."""
    router = Router(catalogue)
    return {file: evaluate(router, some) for file, some in messages.items()}


@cache
def known_misses() -> list[tuple[str, str]]:
    """File and id of the messages that are known to go wrong."""
    lines = MESSAGES.joinpath("known-misses.txt").read_text("utf-8").splitlines()
    parts = (line.split() for line in lines if line and not line.startswith("#"))
    return [(file, name) for file, name in parts]


def test_every_file_has_floors(messages: dict[str, list[Labelled]]) -> None:
    """A new file of messages gets its floors with it, and no two messages of it have one id."""
    assert messages.keys() == FLOORS.keys()
    for file, some in messages.items():
        assert len({each.id for each in some}) == len(some), file


@pytest.mark.parametrize("file", FLOORS)
def test_accuracy_stays_above_its_floor(file: str, reports: dict[str, Report]) -> None:
    """The share of right answers in each file."""
    assert (reports[file].accuracy or 0.0) >= FLOORS[file][0]


@pytest.mark.parametrize(
    ("file", "floor"), [(file, floor) for file, (_, floor) in FLOORS.items() if floor]
)
def test_off_topic_is_told_as_often_as_it_was(
    file: str, floor: float, reports: dict[str, Report]
) -> None:
    """The share of off-topic messages that are called so."""
    assert (reports[file].labels[-1].recall or 0.0) >= floor


def test_no_channel_is_recommended_without_a_reason(
    catalogue: Catalogue, messages: dict[str, list[Labelled]]
) -> None:
    """One word may be the whole message, and of a long story none may stand out."""
    router = Router(catalogue)
    texts = [each.text for some in messages.values() for each in some]
    decisions = [each for each in router.route_many(texts) if each.channel]
    assert decisions
    for decision in decisions:
        chosen = [each for each in decision.candidates if each.channel == decision.channel]
        assert chosen[0].evidence, decision.message


def test_known_misses_are_exactly_what_goes_wrong(reports: dict[str, Report]) -> None:
    """A message that goes wrong anew, or right at last, is seen by whoever changed something."""
    now = {(file, miss.message.id) for file, report in reports.items() for miss in report.misses}
    known = set(known_misses())
    assert len(known) == len(known_misses()), "a miss stands twice in known-misses.txt"
    assert now == known, (
        f"wrong now: {sorted(now - known)}; right now: {sorted(known - now)}. "
        f"If that is what you want, run `{REWRITE}` and look at the difference."
    )


@pytest.mark.parametrize("file", FLOORS)
def test_the_page_tells_the_figures_of_this_router(file: str, reports: dict[str, Report]) -> None:
    """docs/evaluation.md is measured again whenever an answer changes."""
    page = (ROOT / "docs" / "evaluation.md").read_text("utf-8")
    row = f"\n| {file} | {reports[file].messages} | {reports[file].accuracy:.3f} |"
    assert row in page, f"run `{REWRITE}`"


def test_no_labelled_message_stands_in_the_catalogue(
    catalogue: Catalogue, messages: dict[str, list[Labelled]]
) -> None:
    """A message that is also a trigger measures nothing; compared by the roots of its words."""
    triggers = {tuple(roots_of(words_of(each.text))) for each in catalogue.triggers}
    copied = [
        f"{file} {each.id}"
        for file, some in messages.items()
        for each in some
        if len(roots := tuple(roots_of(words_of(each.text)))) >= OWN_WORDS and roots in triggers
    ]
    assert not copied, f"take their triggers out of the catalogue: {copied}"
