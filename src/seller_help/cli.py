"""The commands: parse, ask the core, choose the view, give the exit code."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable
from typing import TYPE_CHECKING, Annotated, NamedTuple

import typer

from . import __version__
from .errors import SellerHelpError
from .mistakes import Commands, cure, unknown_channel
from .streams import Color, read_input, repaired, screen

if TYPE_CHECKING:
    from .catalogue import Catalogue, Channel
    from .lines import Line

EXAMPLES = """\
Which support channel solves a problem, and the way to it.

\b
  seller-help route "payout failed"
  seller-help path chat
  seller-help list --json
"""

EXIT_CODES = """\
\b
Exit codes:
  0   answered
  1   no channel fits the message
  2   wrong use
  3   bad catalogue
  4   cannot read or write
  70  a fault of the program itself
  130 Ctrl-C
  141 the reader closed the pipe

\b
Environment: SELLER_HELP_CATALOGUE (a catalogue file), NO_COLOR, FORCE_COLOR,
SELLER_HELP_DEBUG (show where a fault of the program is).
"""


class Answer(NamedTuple):
    """What a command has to say: on standard output, as exit code, and on standard error."""

    text: str = ""
    code: int = 0
    notes: tuple[str, ...] = ()


class Options(NamedTuple):
    """The options before the command."""

    catalogue: str | None
    color: Color


app = typer.Typer(
    cls=Commands,
    help=EXAMPLES,
    epilog=EXIT_CODES,
    add_completion=False,
    rich_markup_mode=None,  # colour even in a pipe where GITHUB_ACTIONS is set, and 80 ms
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]


def run(argv: list[str]) -> Answer:
    """Answer a command line; what is wrong with it is a `SellerHelpError` too."""
    try:
        # Explicit args: on Windows Typer would otherwise expand * and ~ within quoted messages.
        result = app(args=argv, prog_name="seller-help", standalone_mode=False)
    except Exception as error:
        if not hasattr(error, "format_message"):  # Typer's errors have no common public base
            raise
        raise SellerHelpError(error.format_message(), "usage", cure(error, argv)) from None
    return result if isinstance(result, Answer) else Answer()


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"seller-help {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    ctx: typer.Context,
    catalogue: Annotated[
        str | None, typer.Option(metavar="FILE", help="Use this catalogue, not the shipped one.")
    ] = None,
    color: Annotated[Color, typer.Option(help="Colour: on a terminal, always or never.")] = "auto",
    version: Annotated[
        bool,
        typer.Option("--version", "-V", is_eager=True, callback=_version, help="Show the version."),
    ] = False,
) -> None:
    ctx.obj = Options(catalogue, color)


@app.command()
def route(
    ctx: typer.Context,
    message: Annotated[
        list[str],
        typer.Argument(
            metavar="MESSAGE...", help="The problem in your words; - reads it from standard input."
        ),
    ],
    json: Json = False,
    explain: Annotated[
        bool,
        typer.Option("--explain", help="Show the evidence for each channel (JSON always has it)."),
    ] = False,
) -> Answer:
    """Name the channel for a problem, how sure and why, and the way to it.

    \b
      seller-help route "payout failed"
      seller-help route --explain -- "-5 balance after refund"
    """
    from .router import MAX_LENGTH, Router

    text, notes = _message(message)
    catalogue = _catalogue(ctx)
    decision = Router(catalogue).route(text)
    code = 0 if decision.channel else 1
    if json:  # it says all that the notes say, and leaves standard error to errors
        from .as_json import route_json

        return Answer(route_json(decision, catalogue), code)
    from .lines import route_lines

    if decision.cut:
        notes += (f"long message: only its first {MAX_LENGTH} characters count",)
    return Answer(_shown(ctx, route_lines(decision, catalogue, explain)), code, notes)


@app.command()
def path(
    ctx: typer.Context,
    channel: Annotated[
        list[str],
        typer.Argument(
            metavar="CHANNEL", help="A channel: its id, its name or another name for it."
        ),
    ],
    json: Json = False,
) -> Answer:
    """Show the way to a channel, step by step.

    \b
      seller-help path chat
      seller-help path "help center" --json
    """
    found = _channel(_catalogue(ctx), channel)
    if json:
        from .as_json import path_json

        return Answer(path_json(found))
    from .lines import path_lines

    return Answer(_shown(ctx, path_lines(found)))


@app.command("list")
def list_(
    ctx: typer.Context,
    channel: Annotated[
        list[str] | None, typer.Argument(metavar="CHANNEL", help="One channel, shown in full.")
    ] = None,
    json: Json = False,
) -> Answer:
    """Show the channels: when to use each, and what each offers.

    \b
      seller-help list
      seller-help list community
    """
    catalogue = _catalogue(ctx)
    channels = (_channel(catalogue, channel),) if channel else catalogue.channels
    if json:
        from .as_json import list_json

        return Answer(list_json(catalogue, channels))
    from .lines import channel_lines, list_lines

    return Answer(
        _shown(ctx, channel_lines(channels[0], catalogue) if channel else list_lines(channels))
    )


def _catalogue(ctx: typer.Context) -> Catalogue:
    from .store import load_catalogue

    return load_catalogue(ctx.obj.catalogue)


def _message(words: list[str]) -> tuple[str, tuple[str, ...]]:
    """The message to route, and what to say about how it was read."""
    text = read_input() if words == ["-"] else " ".join(words)
    sound = repaired(text)
    return sound, () if sound == text else (
        "not all of the message is UTF-8: \\ufffd stands there",
    )


def _channel(catalogue: Catalogue, words: list[str]) -> Channel:
    name = " ".join(words)
    found = catalogue.find(name)
    if found is None:
        raise unknown_channel(catalogue, name)
    return found


def _shown(ctx: typer.Context, lines: Iterable[Line]) -> str:
    """The lines as standard output can show them; Rich is loaded for a terminal only."""
    seen = screen(ctx.obj.color, sys.stdout, os.environ)
    if seen is None:
        from .as_text import plain

        return plain(lines)
    from .as_terminal import draw

    return draw(list(lines), seen)
