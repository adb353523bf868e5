"""The look on a terminal: what holds at every width, for every answer and for any text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import TYPE_CHECKING, get_args

import pytest
from command import ESCAPES, on_terminal, run
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from seller_help.as_measures import Table
from seller_help.as_picture import draw_tables
from seller_help.as_terminal import draw
from seller_help.lines import (
    Line,
    Role,
    Tone,
    channel_lines,
    list_lines,
    one_line,
    path_lines,
    plain,
    route_lines,
)
from seller_help.streams import NARROWEST, PIPE, WIDEST, Screen, fitted

if TYPE_CHECKING:
    from seller_help.catalogue import Catalogue
    from seller_help.router import Router

WIDTHS = range(NARROWEST, WIDEST + 1)
MESSAGES = ("payout failed", "shipping label", "what is the weather in houston", "", "tax question")
LONG = 16
"""A word that is longer than this may stick out; beside a label there is not more room."""
RULES = re.compile("[-#.|+\u2500\u2501]+")
# U+E000 is for private use: as_terminal.py has one
WORDS = st.text(st.characters(codec="utf-8", exclude_characters="\ue000"), max_size=30)
LINES = st.lists(
    st.builds(
        Line,
        role=st.sampled_from(get_args(Role)),
        text=st.lists(WORDS, max_size=12).map(" ".join),
        label=st.sampled_from(["", "Why", "Use when"]),
        aside=WORDS,
        share=st.floats(0, 1),
        tone=st.sampled_from(get_args(Tone)),
    ),
    max_size=6,
)


def screen(width: int, *, color: bool = False, glyphs: bool = True) -> Screen:
    """A terminal of this width."""
    return Screen(color=color, width=width, glyphs=glyphs)


@pytest.fixture(scope="module")
def answers(router: Router) -> list[list[Line]]:
    """What every command for people can say about the shipped catalogue."""
    catalogue: Catalogue = router.catalogue
    decisions = [router.route(message) for message in MESSAGES]
    routed = [
        route_lines(each, catalogue, explain) for each in decisions for explain in (False, True)
    ]
    paths = [list(path_lines(each)) for each in catalogue.channels]
    full = [list(channel_lines(each, catalogue)) for each in catalogue.channels]
    return [*routed, *paths, *full, list(list_lines(catalogue.channels))]


def words(shown: str) -> list[str]:
    """The words of a text, without rules and bars and what follows a label."""
    return [
        word.rstrip(":.") for word in ESCAPES.sub("", shown).split() if not RULES.fullmatch(word)
    ]


def labelled_once(lines: list[Line]) -> Iterator[Line]:
    """The lines as a terminal shows them: a label that comes again is left out."""
    before = ""
    for line in lines:
        repeated = line.role in ("field", "way") and line.label == before
        yield Line(line.role, line.text, "" if repeated else line.label, line.aside, line.share)
        before = line.label


def too_wide(shown: str, width: int) -> list[str]:
    """The rows that are wider than the terminal, though no long word makes them so."""
    rows = [row for row in ESCAPES.sub("", shown).split("\n") if cell_len(row) > width]
    return [row for row in rows if cell_len(row.split()[-1]) <= LONG]


def test_every_width_shows_the_same_words(answers: list[list[Line]]) -> None:
    """The words of a pipe in their order, and no row wider than the terminal."""
    for lines in answers:
        said = words(plain(labelled_once(lines)))
        for width in WIDTHS:
            shown = draw(lines, screen(width))
            assert words(shown) == said, width
            assert not too_wide(shown, width)
            assert "\x1b" not in shown


def test_a_way_breaks_between_steps(answers: list[list[Line]]) -> None:
    """Half a button's name is no button."""
    steps = {
        step
        for lines in answers
        for each in lines
        if each.role == "way"
        for step in each.text.split(" > ")
    }
    for lines in answers:
        rows = draw(lines, screen(40)).splitlines()
        ways = " > ".join(each.text for each in lines if each.role == "way")
        assert all(any(step in row for row in rows) for step in steps if step in ways)


def test_colour_repeats_what_words_say(answers: list[list[Line]]) -> None:
    """Three colours that most backgrounds bear, no word dim, and the same rows without colour."""
    for lines in answers:
        shown = draw(lines, screen(80, color=True))
        assert ESCAPES.sub("", shown) == draw(lines, screen(80))
        codes = {code for each in re.findall(r"\x1b\[([\d;]*)m", shown) for code in each.split(";")}
        assert codes <= {"0", "1", "2", "31", "32", "35"}
        assert not re.search(r"\x1b\[2m[^\x1b]*\w", shown)


def test_signs_that_are_missing_are_replaced(answers: list[list[Line]]) -> None:
    """A terminal without line drawing gets ASCII."""
    for lines in answers:
        assert draw(lines, screen(80, glyphs=False)).isascii()


@given(LINES, st.integers(NARROWEST, 250), st.booleans(), st.booleans())
def test_any_text_can_be_drawn(lines: list[Line], width: int, color: bool, glyphs: bool) -> None:
    """Nothing in it acts on the terminal, nothing of it is lost, nothing is taken for markup."""
    shown = ESCAPES.sub("", draw(lines, screen(width, color=color, glyphs=glyphs)))
    acting = {each for each in shown if unicodedata.category(each) in ("Cc", "Cs")}
    assert acting <= {"\n"}
    for line in lines:
        if line.role != "gap":
            assert "".join(line.text.split()) in "".join(shown.split())


TABLES = (
    Table(
        "Right channel (rows) and answer (columns)",
        ("", *(f"channel-{at}" for at in range(8))),
        tuple(  # every other row mostly right, the others mostly called the first
            (f"channel-{at}", *("90" if to == at * (at % 2) else "1" for to in range(8)))
            for at in range(8)
        ),
        heat=True,
    ),
    Table("Only answers", ("from", "taken", "right"), (("0.50", "1.000", "[/bold]"),)),
)


@pytest.mark.parametrize("glyphs", [True, False])
@pytest.mark.parametrize("width", WIDTHS)
def test_no_figure_of_a_table_is_cut(width: int, glyphs: bool) -> None:
    """Where the columns do not fit side by side the cells stand below one another."""
    shown = draw_tables(TABLES, screen(width, glyphs=glyphs))
    for table in TABLES:
        assert not set(words(draw_tables([table], PIPE))) - set(words(shown))
    assert max(map(len, shown.splitlines())) <= width
    assert shown.isascii() or glyphs


def test_a_heat_map_needs_no_colours_of_the_terminal() -> None:
    """White on the blue and red of the 256 colours; the right answers are bold besides."""
    shown = draw_tables(TABLES[:1], screen(100, color=True))
    assert "\x1b[1;38;5;231;48;5;20m" in shown
    assert "\x1b[38;5;231;48;5;160m" in shown
    assert "\x1b[31m" not in shown


@given(st.lists(WORDS, max_size=20).map(" ".join).map(one_line), st.integers(NARROWEST, WIDEST))
def test_errors_are_wrapped_between_words(text: str, width: int) -> None:
    """Errors and notes on a terminal: the same words, no row wider unless a word is."""
    shown = fitted(text, width)
    assert shown.split() == text.split()
    assert all(len(row) <= width or len(row.split()) <= 2 for row in shown.split("\n"))


@pytest.mark.parametrize(
    "arguments",
    [
        *((), ("--help",), ("route", "--help"), ("rout", "x"), ("path", "chta"), ("completion",)),
        *(("--catalogue", "nowhere", "list"), ("list", "community"), ("batch", "nowhere.csv")),
    ],
    ids=" ".join,
)
def test_forty_columns_are_enough(arguments: tuple[str, ...]) -> None:
    """Every command, its help and its errors; the terminal has no word to break."""
    shown, _ = on_terminal(*arguments, columns=40)
    piped = run(*arguments)
    assert not too_wide(shown, 40)
    if "--help" not in arguments and "list" not in arguments:  # help is shortened, labels left out
        assert shown.split() == (piped.stdout + piped.stderr).split()
