"""The same lines drawn for a terminal: wrapped, aligned, with weight and a little colour.

The only module that imports Rich. No text meets Rich's markup: all of it goes in as `Text`.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from .as_text import BAR, bar
from .lines import ARROW, Line, percent

if TYPE_CHECKING:
    from .streams import Screen

# Weight carries the meaning: what a glance should catch is bold. Colour only repeats it; green,
# magenta and red are those that can be read on a light and on a dark background.
TONES = {"sure": "bold green", "unsure": "bold magenta", "none": "bold red", "": "dim"}
UNBOUNDED = 1_000_000
"""The width of a pipe: nothing is wrapped there."""
GLUE = "\ue000"
"""Stands for a space that no row may end with, while text is wrapped."""


def draw(lines: Sequence[Line], screen: Screen) -> str:
    """The lines as a terminal shows them."""
    width = screen.width or UNBOUNDED
    console = Console(
        color_system="standard" if screen.color else None,
        force_terminal=screen.color,
        no_color=False,  # NO_COLOR is decided already, and more strictly than Rich would
        width=width,
        legacy_windows=False,
        _environ={},
    )
    labels = max((len(line.label) for line in lines), default=0)
    with console.capture() as drawn:
        before = Line("gap")
        for line in lines:
            if before.tone and line.role != "gap":
                console.print()
            repeated = line.label == before.label
            prefix = _prefix(line, labels, repeated, screen.glyphs)
            for row in _rows(prefix, _body(line), console):
                console.print(row, soft_wrap=True)
            before = line
    return drawn.get()


def _prefix(line: Line, labels: int, repeated: bool, glyphs: bool) -> Text:
    """What stands left of the text: a label, the number of a step, a bar."""
    if line.role == "bar":
        return _meter(line.share, glyphs) + Text(f" {percent(line.share):>5}  ")
    if line.role == "step":
        return Text.assemble((f"{line.label:>{labels}}  ", "dim"))
    if line.role in ("field", "way"):
        return Text.assemble((f"{'' if repeated else line.label:<{labels}}  ", "dim"))
    return Text("  " if line.role == "point" else "")


def _meter(share: float, glyphs: bool) -> Text:
    full, rest = ("\u2501", "\u2500") if glyphs else ("#", ".")
    whole = bar(share, BAR, full, rest)
    return Text.assemble((whole.rstrip(rest), "bold"), (rest * whole.count(rest), "dim"))


def _body(line: Line) -> Text:
    if line.role == "way":
        text = _way(line.text.split(ARROW))
    elif line.role == "finding":
        code, _, told = line.text.partition(" ")
        tone = TONES["none" if code[0] == "E" else "unsure"]
        text = Text.assemble((f"{line.label}:", "dim"), " ", (code, tone), " ", told)
    elif line.role in ("title", "head", "bar"):
        text = Text(line.text, TONES["none"] if line.tone == "none" else "bold")
    else:
        text = Text(line.text)
    if not line.aside:
        return text
    aside = f"({line.aside})".replace(" ", GLUE if line.role == "title" else " ")
    return Text.assemble(text, " ", (aside, TONES[line.tone]))


def _way(steps: Sequence[str]) -> Text:
    """A way that breaks between steps and never within one."""
    glued = [(step.replace(" ", GLUE), "bold") for step in steps]
    return Text.assemble(
        glued[0], *(part for step in glued[1:] for part in ((f" >{GLUE}", "dim"), step))
    )


def _rows(prefix: Text, body: Text, console: Console) -> Iterator[Text]:
    """Prefix and text, wrapped; later rows begin where the text did."""
    indent = prefix.cell_len
    for number, row in enumerate(body.wrap(console, max(console.width - indent, 8))):
        row.rstrip()
        row.plain = row.plain.replace(GLUE, " ")
        yield (prefix if number == 0 else Text(" " * indent)) + row
