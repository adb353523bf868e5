"""The same lines drawn for a terminal: wrapped, aligned, with weight and a little colour.

No text meets Rich's markup: all of it goes in as `Text`.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from rich.console import Console
from rich.text import Text

from .lines import ARROW, BAR, GAP, Line, percent

if TYPE_CHECKING:
    from .streams import Screen

# Weight carries the meaning: what the first glance should catch is bold. Colour only repeats what
# the words say; green, magenta and red can be read on a light and on a dark background. Only signs
# are dim, never words: dim words are hard to read on many a light background.
TONES = {"sure": "bold green", "unsure": "bold magenta", "none": "bold red", "": ""}
UNBOUNDED = 1_000_000  # the width of a pipe: nothing is wrapped there
NARROW = 60  # columns below which bars are short, and evidence does not stand beside them
SHORT = 12  # characters of an aside that stays in one piece
GLUE = "\ue000"  # stands for a space that no row may end with, while text is wrapped


def console_of(screen: Screen) -> Console:
    """What draws for this screen, whatever the environment says."""
    return Console(
        color_system="256" if screen.color else None,
        force_terminal=screen.color,
        no_color=False,  # NO_COLOR is decided already, and more strictly than Rich would
        width=screen.width or UNBOUNDED,
        legacy_windows=False,
        _environ={},
    )


def draw(lines: Sequence[Line], screen: Screen) -> str:
    """The lines as a terminal shows them."""
    console = console_of(screen)
    labels = max((len(line.label) for line in lines), default=0)
    with console.capture() as drawn:
        for (before, line), (_, after) in pairwise(pairwise([GAP, *lines, GAP])):
            beside = line.label and line.label in (before.label, after.label)
            prefix = _prefix(line, labels, console.width, screen.glyphs)
            if beside and before.label == line.label:
                prefix = Text(" " * prefix.cell_len)  # one label for all that it stands for
            hangs = line.role in ("point", "finding") or (beside and line.role == "field")
            for row in _rows(prefix, line, console, 2 if hangs else 0):
                console.print(row, soft_wrap=True)
            if line.role == "title" and screen.width and after.role == "field" and not line.tone:
                console.print(Text(("\u2500" if screen.glyphs else "-") * screen.width, "dim"))
    return drawn.get()


def _prefix(line: Line, labels: int, width: int, glyphs: bool) -> Text:
    """What stands left of the text: a label, the number of a step, a bar."""
    narrow = width < NARROW
    meter = BAR // 2 if narrow else BAR
    if line.role == "bar":
        return _meter(line.share, meter, glyphs) + Text(f" {percent(line.share):>5}  ")
    if line.role == "step":
        return Text(f"{line.label:>{labels}}  ")
    if line.role in ("field", "way"):
        return Text(f"{line.label:<{labels}}  ")
    return Text(" " * (2 if narrow else meter + 8) if line.role == "point" else "")


def _meter(share: float, width: int, glyphs: bool) -> Text:
    full, rest = ("\u2501", "\u2500") if glyphs else ("#", ".")
    count = round(share * width)
    return Text.assemble((full * count, "bold"), (rest * (width - count), "dim"))


def _rows(prefix: Text, line: Line, console: Console, hang: int) -> Iterator[Text]:
    """Prefix and text, wrapped; later rows begin where the text did, or a little further right."""
    indent = prefix.cell_len
    room = console.width - indent - hang
    body = _body(line, room)
    for number, row in enumerate(_wrapped(body, room, console)):
        row.rstrip()
        row.plain = row.plain.replace(GLUE, " ")
        yield (prefix if number == 0 else Text(" " * (indent + hang))) + row


def _wrapped(body: Text, room: int, console: Console) -> Iterable[Text]:
    """Rows of whole words; what has no spaces (Chinese, Japanese) may break anywhere."""
    if body.cell_len > len(body):
        return body.wrap(console, room)
    breaks, begin, end = [], 0, 0
    for word in re.finditer(r"\S+", body.plain):
        if word.end() - begin > room and end > begin:
            breaks.append(begin := word.start())
        end = word.end()
    return body.divide(breaks)


def _body(line: Line, room: int) -> Text:
    if line.role == "way":
        text = _way(line.text.split(ARROW), room)
    elif line.role == "finding":
        code, blank, told = line.text.partition(" ")
        tone = TONES["none" if code.startswith("E") else "unsure"]
        text = Text.assemble(f"{line.label}: ", (code, tone), blank, _glued(told))
    else:
        style = "bold" if line.role in ("title", "head", "bar") else ""
        text = Text(_glued(line.text), TONES["none"] if line.tone == "none" else style)
    if not line.aside:
        return text
    aside = _glued(f"({line.aside})")
    short = aside.replace(" ", GLUE) if len(aside) <= SHORT else aside
    return Text.assemble(text, " ", (short, TONES[line.tone]))


def _glued(text: str) -> str:
    """A number stays with its percent sign."""
    return text.replace(" %", f"{GLUE}%")


def _way(steps: Sequence[str], room: int) -> Text:
    """A way that breaks between steps, and within one only if that is longer than a row."""
    sep = (f" >{GLUE}", "dim")
    glued = [step.replace(" ", GLUE) if len(step) + 2 <= room else step for step in steps]
    parts = [part for step in glued for part in (sep, (step, "bold"))]
    return Text.assemble(*parts[1:])
