"""Tables drawn by Rich, for a terminal, a pipe and a picture; the bar of a long run."""

from __future__ import annotations

import io
import math
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as RichTable
from rich.text import Text
from rich.theme import Theme

from .as_terminal import UNBOUNDED, console_of

if TYPE_CHECKING:
    from .as_measures import Table
    from .streams import Screen

PICTURE = 88  # columns of a picture
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def draw_tables(tables: Iterable[Table], screen: Screen) -> str:
    """The tables as a terminal or a pipe shows them."""
    console = console_of(screen)
    with console.capture() as drawn:
        _print(tables, console, glyphs=screen.glyphs)
    return drawn.get()


def picture(tables: Iterable[Table], title: str) -> str:
    """The tables as an SVG picture."""
    console = Console(
        file=io.StringIO(), record=True, width=PICTURE, legacy_windows=False, _environ={}
    )
    _print(tables, console, glyphs=True)
    return exported(console, title)


def exported(console: Console, title: str) -> str:
    """What was recorded as an SVG picture that asks for no font, least of all of the network."""
    svg = _FONT.sub("", console.export_svg(title=title, unique_id="seller-help"))
    return svg.replace("Fira Code, monospace", "monospace").rstrip() + "\n"


def _print(tables: Iterable[Table], console: Console, *, glyphs: bool) -> None:
    for table in tables:
        drawn = _drawn(table, glyphs=glyphs)
        needed = console.measure(drawn, options=console.options.update(max_width=UNBOUNDED))
        if needed.minimum > console.width:
            drawn = _narrow(table, glyphs=glyphs)
        console.print(Text(table.title, "bold"))
        console.print(drawn)
        console.print()


def _drawn(table: Table, *, glyphs: bool) -> RichTable:
    """Text only, never markup; each column is as wide as its longest word."""
    drawn = _ruled(glyphs=glyphs)
    for at, name in enumerate(table.head):
        drawn.add_column(Text(name), justify="right" if at else "left", no_wrap=bool(at))
    for first, cells in _cells(table):
        drawn.add_row(Text(first), *cells)
    return drawn


def _narrow(table: Table, *, glyphs: bool) -> RichTable:
    """The same for a terminal that is too narrow: a row's cells stand below one another."""
    drawn = _ruled(glyphs=glyphs)
    drawn.show_header = bool(table.head[0])
    drawn.add_column(Text(table.head[0]))
    drawn.add_column(justify="right")
    for first, cells in _cells(table):
        drawn.add_row(Text(first, "bold"))
        for name, cell in zip(table.head[1:], cells, strict=True):
            drawn.add_row(Text(f"  {name}"), cell)
    return drawn


def _ruled(*, glyphs: bool) -> RichTable:
    return RichTable(
        box=box.SIMPLE_HEAD if glyphs else None,
        show_edge=False,
        pad_edge=False,
        header_style="",
        border_style="dim",
    )


def _cells(table: Table) -> Iterator[tuple[str, list[Text]]]:
    """Each row: its name, and its other cells, in a heat map coloured by what they hold."""
    for at, (first, *cells) in enumerate(table.rows):
        if not table.heat:
            yield first, [Text(cell) for cell in cells]
            continue
        total = sum(map(int, cells)) or 1
        heats = (_heat(int(cell) / total, right=at == place) for place, cell in enumerate(cells))
        yield first, [Text(*each) for each in zip(cells, heats, strict=True)]


def _heat(heat: float, *, right: bool) -> str:
    """What is right is blue and bold, what is wrong is red: the brighter, the more of its row.

    White can be read on all these colours of the 256, which look the same on every terminal; and
    blue and red can be told apart by those who see no green.
    """
    if heat == 0:
        return "dim"
    level = math.ceil(heat * 4)
    return f"{'bold ' if right else ''}color(231) on color({16 + level * (1 if right else 36)})"


@contextmanager
def progress(stream: TextIO, total: int | None) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal that is gone when the run is over; it starts no thread.

    What it gives shows how much is done, in the measure of `total`, and how many records that is.
    """
    look = {"bar.complete": "magenta", "bar.back": "dim", "progress.remaining": "none"}
    console = Console(file=stream, legacy_windows=False, theme=Theme(look))
    columns = (BarColumn(), TextColumn("{task.percentage:>3.0f} %"), TimeRemainingColumn())
    with Progress(
        TextColumn("{task.fields[records]:,} messages"),
        *(columns if total else ()),
        console=console,
        auto_refresh=False,
        transient=True,
    ) as shown:
        task = shown.add_task("", total=total, records=0)

        def tell(done: int, records: int) -> None:
            shown.update(task, completed=done, records=records, refresh=True)

        yield tell
