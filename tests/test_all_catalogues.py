"""Every catalogue in the repository: what holds for any of them; and the engine knows none."""

from __future__ import annotations

import ast
from collections import Counter, defaultdict
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from conftest import EXAMPLES

import seller_help
from seller_help.catalogue import find_catalogue, names
from seller_help.checking import check
from seller_help.evaluation import evaluate
from seller_help.labelled import read_labelled
from seller_help.loading import read_catalogue
from seller_help.reading import WHOLE
from seller_help.router import Router
from seller_help.store import load_catalogue
from seller_help.text import roots_of, words_of

if TYPE_CHECKING:
    from seller_help.catalogue import Trigger

Place = tuple[str | None, str | None]
LEAST = {"Larkboard support desks": 250, "TikTok Shop seller support": 500}
"""By a catalogue's title, how many triggers each of its places has at least."""
FLOORS = {
    ("desks", "messages"): (0.82, 0.67),
    ("desks", "messages-unread"): (0.80, 0.45),
}
"""Of an example's files of messages: the accuracy and the recall of off-topic that must be reached,
a little below what was reached."""


def by_place(router: Router) -> dict[Place, list[Trigger]]:
    """All triggers of a catalogue, by channel and offering."""
    places = defaultdict(list)
    for trigger in router.catalogue.triggers:
        places[trigger.channel, trigger.offering].append(trigger)
    return dict(places)


def test_every_channel_says_what_it_is_for_and_how_it_is_reached(any_router: Router) -> None:
    """And which one to try next; its offerings say what one gets."""
    for channel in any_router.catalogue.channels:
        assert channel.purpose, channel.id
        assert channel.use_when, channel.id
        assert channel.not_when, channel.id
        assert channel.access, channel.id
        assert channel.aliases, channel.id
        assert channel.next != channel.id
        assert channel.next in [each.id for each in any_router.catalogue.channels]
        assert len(channel.offerings) >= 2, channel.id
        assert all(each.what for each in channel.offerings), channel.id


def test_every_file_says_how_it_ends(any_router: Router) -> None:
    """So that none can be cut off on its way without a word; tests/test_catalogue_files.py cuts."""
    files = any_router.catalogue.files
    assert len(files) > 2
    assert [one for one in files if WHOLE not in one.read_text("utf-8").splitlines()[:2]] == []


def test_every_trigger_has_its_place(any_router: Router) -> None:
    """Offerings and off-topic have triggers, in hundreds; a channel by itself has none."""
    catalogue, places = any_router.catalogue, by_place(any_router)
    offerings = {(one.id, each.id) for one in catalogue.channels for each in one.offerings}
    assert set(places) == {*offerings, (None, None)}
    assert min(map(len, places.values())) >= LEAST[catalogue.title]


def test_every_trigger_can_be_read(any_router: Router) -> None:
    """Each has a word, is of one line, and short enough to be a phrase."""
    for trigger in any_router.catalogue.triggers:
        assert words_of(trigger.text), trigger
        assert trigger.text.isprintable(), trigger
        assert len(trigger.text) <= 200, trigger


def test_no_trigger_is_in_two_places(any_router: Router) -> None:
    """Not even with other punctuation."""
    read = Counter(tuple(words_of(trigger.text)) for trigger in any_router.catalogue.triggers)
    assert [" ".join(words) for words, count in read.items() if count > 1] == []


def test_triggers_route_to_their_own_channel(any_router: Router) -> None:
    """97 of 100, over the whole catalogue and of each offering; of off-topic, 95."""
    places = by_place(any_router)
    strays = {
        place: [one.text for one in triggers if any_router.route(one.text).channel != place[0]]
        for place, triggers in places.items()
    }
    assert sum(map(len, strays.values())) <= 0.03 * sum(map(len, places.values()))
    for place, triggers in places.items():
        floor = 0.97 if place[0] else 0.95
        assert len(strays[place]) <= (1 - floor) * len(triggers), (place, strays[place][:20])


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_check_finds_nothing_in_an_example(path: Path) -> None:
    """No error, and each warning was looked at: it is mended, or `reviewed` says why it stays."""
    assert [str(each.problem) for each in check(path).findings] == []


def test_every_example_has_floors() -> None:
    """A file of labelled messages beside an example's catalogue is held to what was reached."""
    files = {(file.parent.name, file.stem) for path in EXAMPLES for file in labelled(path)}
    assert files == FLOORS.keys()


def labelled(path: Path) -> list[Path]:
    """The files of labelled messages beside a catalogue."""
    return sorted(path.parent.glob("*.jsonl"))


@pytest.mark.parametrize(("folder", "file"), FLOORS)
def test_the_accuracy_of_an_example_stays_above_its_floor(folder: str, file: str) -> None:
    """The share of right answers, and of off-topic messages that are called so."""
    path = next(each for each in EXAMPLES if each.parent.name == folder)
    catalogue = load_catalogue(path)
    messages = read_labelled(path.with_name(f"{file}.jsonl"), catalogue)
    report = evaluate(Router(catalogue), messages)
    assert (report.accuracy or 0.0) >= FLOORS[folder, file][0]
    assert (report.labels[-1].recall or 0.0) >= FLOORS[folder, file][1]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.parent.name)
def test_no_labelled_message_is_a_trigger(path: Path) -> None:
    """Nor do five words of one stand in a row in a trigger: it would measure nothing."""
    catalogue = read_catalogue(path)
    triggers = [tuple(roots_of(words_of(each.text))) for each in catalogue.triggers]
    known = {*triggers, *(run for roots in triggers for run in runs(roots))}
    copied = []
    for file in labelled(path):
        for each in read_labelled(file, catalogue):
            roots = tuple(roots_of(words_of(each.text)))
            if known.intersection([roots, *runs(roots)]):
                copied.append(f"{file.name} {each.id}")
    assert copied == []


def runs(roots: tuple[str, ...]) -> list[tuple[str, ...]]:
    """All that stands in five neighbouring words."""
    return [roots[at : at + 5] for at in range(len(roots) - 4)]


PACKAGE = Path(seller_help.__file__).parent
SELLERS = ("tiktok", "tiko", "payout", "seller center", "larkboard")


def said(module: Path) -> set[str]:
    """A module's names and one-line texts; help and docstrings, which give examples, are longer."""
    found = set()
    for node in ast.walk(ast.parse(module.read_text("utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            found.add(node.value)
        elif isinstance(node, (ast.Name, ast.arg)):
            found.add(node.id if isinstance(node, ast.Name) else node.arg)
        elif isinstance(node, (ast.Attribute, ast.FunctionDef, ast.ClassDef)):
            found.add(node.attr if isinstance(node, ast.Attribute) else node.name)
    return {each.casefold() for each in found if "\n" not in each}


@pytest.mark.parametrize("module", sorted(PACKAGE.glob("*.py")), ids=lambda path: path.stem)
def test_the_engine_knows_no_seller(module: Path) -> None:
    """No word of a seller's trade stands in the code."""
    assert [text for text in said(module) if any(word in text for word in SELLERS)] == []


@pytest.mark.parametrize("path", [find_catalogue(), *EXAMPLES], ids=lambda path: path.parent.name)
def test_the_engine_knows_no_channel(path: Path) -> None:
    """No channel, offering or alias of a catalogue in the repository is a text in the code."""
    texts = {
        node.value.casefold()
        for module in PACKAGE.glob("*.py")
        for node in ast.walk(ast.parse(module.read_text("utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }
    channels = read_catalogue(path).channels
    called = {name for channel in channels for _, name in names(channel)}
    called |= {name for one in channels for each in one.offerings for name in (each.id, each.name)}
    assert {name.casefold() for name in called} & texts == set()
