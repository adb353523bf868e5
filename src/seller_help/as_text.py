"""The lines as plain text, for a pipe and for a reader of screens."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from .lines import Line, one_line, percent

if TYPE_CHECKING:
    from .errors import SellerHelpError

BAR = 12  # signs of a bar that shows a share


def plain(lines: Iterable[Line]) -> str:
    """The lines for a pipe: one each, never wrapped, ASCII but for the words of others."""
    return "".join(_plain(line) + "\n" for line in lines)


def _plain(line: Line) -> str:
    text = f"{line.text} ({line.aside})" if line.aside else line.text
    if line.role == "step":
        return f"{line.label}. {text}"
    if line.role == "bar":
        return f"{'#' * round(line.share * BAR):.<{BAR}} {percent(line.share):>5}  {text}"
    if line.role == "point":
        return f"  {text}"
    return f"{line.label}: {text}" if line.label else text


def error_text(error: SellerHelpError) -> str:
    """An error for people: each problem on its line; one located problem says all by itself."""
    lines = [one_line(str(problem)) for problem in error.problems]
    if len(lines) != 1:
        lines.append(f"seller-help: {one_line(str(error))}")
    if error.hint:
        lines.append(f"hint: {one_line(error.hint)}")
    return "\n".join(lines) + "\n"


def fitted(text: str, width: int) -> str:
    """The text in rows of whole words, no wider than this; what belongs to a line is set in."""
    from textwrap import TextWrapper

    wrapper = TextWrapper(
        width, subsequent_indent="  ", break_long_words=False, break_on_hyphens=False
    )
    glued = text.replace(" %", "\0%")  # a number stays with its percent sign
    return "\n".join(map(wrapper.fill, glued.split("\n"))).replace("\0", " ")
