"""Tables with a heat map drawn by Rich, on a terminal and as a picture; the bar of a long run."""

from __future__ import annotations

import io
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Protocol, TextIO

from rich import box
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn
from rich.table import Table as RichTable
from rich.text import Text

if TYPE_CHECKING:
    from .as_measures import Table
    from .streams import Screen

PICTURE = 88
"""Columns of a picture."""
_FONT = re.compile(r"@font-face \{.*?\}\s*", re.DOTALL)


def draw_tables(tables: Iterable[Table], screen: Screen) -> str:
    """The tables as a terminal shows them."""
    console = Console(
        file=io.StringIO(),
        color_system="256" if screen.color else None,
        force_terminal=screen.color,
        no_color=False,
        width=screen.width or PICTURE,
        legacy_windows=False,
        _environ={},
    )
    with console.capture() as drawn:
        for table in tables:
            console.print(Text(table.title, "bold"), _drawn(table, glyphs=screen.glyphs))
            console.print()
    return drawn.get()


def picture(tables: Iterable[Table], title: str) -> str:
    """The tables as an SVG picture; it asks for no font of the network."""
    console = Console(
        file=io.StringIO(), record=True, width=PICTURE, legacy_windows=False, _environ={}
    )
    for table in tables:
        console.print(Text(table.title, "bold"), _drawn(table, glyphs=True))
        console.print()
    return _FONT.sub("", console.export_svg(title=title, unique_id="seller-help"))


def _drawn(table: Table, *, glyphs: bool) -> RichTable:
    """Text only, never markup; a heat map's cells are the darker the more of their row they are."""
    drawn = RichTable(
        box=box.SIMPLE_HEAD if glyphs else box.ASCII2,
        pad_edge=False,
    )
    for at, name in enumerate(table.head):
        drawn.add_column(Text(name), justify="right" if at else "left")
    for at, (first, *cells) in enumerate(table.rows):
        styles = [""] * len(cells)
        if table.heat:
            places = enumerate(table.heat[at])
            styles = [_heat(heat, right=place == table.right[at]) for place, heat in places]
        drawn.add_row(Text(first), *map(Text, cells, styles))
    return drawn


def _heat(heat: float, *, right: bool) -> str:
    """What is right is green, what is wrong red: in more than one way, as some see no colour."""
    if heat == 0:
        return "dim"
    # From the dark end of the 256 colours' cube: white text can be read on all of them.
    level = 2 if heat >= 0.5 else 1
    red, green = (0, level) if right else (level, 0)
    return f"{'bold ' if right else ''}white on color({16 + 36 * red + 6 * green})"


class Bar(Protocol):
    """How far a run is."""

    def __call__(self, done: int, records: int) -> None:
        """Show how much is done, in the total's measure, and how many records that is."""


@contextmanager
def progress(stream: TextIO, total: int | None) -> Iterator[Bar]:
    """A bar on a terminal that is gone when the run is over; it starts no thread."""
    console = Console(file=stream, legacy_windows=False)
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
            shown.update(task, completed=done, records=records)
            shown.refresh()

        yield tell
