"""The commands: parse, ask the core, choose the view, give the exit code."""

from __future__ import annotations

import gc
import os
import sys
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal, NamedTuple

import typer

from . import __version__
from .errors import SellerHelpError
from .mistakes import Commands, called, channel_named, cure
from .streams import PIPE, Color, as_file, columns, read_input, repaired, screen, tell

if TYPE_CHECKING:
    from .catalogue import Catalogue
    from .decision import Decision
    from .evaluation import Report
    from .lines import Line

USAGE = """\
Which support channel solves a problem, and the way to it.

  seller-help route "payout failed"
  seller-help path chat
  seller-help list --json
  seller-help ask
"""

EXIT_CODES = """\
\b
Exit codes:
  0   answered
  1   no channel fits, surely or
      perhaps; batch: a record has
      an error; evaluate:
      fewer are right than asked;
      check --strict: a warning
  2   wrong use
  3   bad catalogue
  4   cannot read or write
  70  a fault of the program itself
  130 Ctrl-C
  141 the reader closed the pipe

Environment: SELLER_HELP_CATALOGUE (a catalogue file), NO_COLOR, FORCE_COLOR,
SELLER_HELP_DEBUG (show where a fault of the program is).
"""


_WORDING = (
    ("\n\t", " "),  # it lists choices in rows
    ("valid int range", "whole number"),
    ("valid float range", "number"),
)
"""What Typer says, and what we say instead."""
_MANY = 2_000  # triggers; learning fewer takes no time that anybody notices


class Answer(NamedTuple):
    """What a command has to say: on standard output, as exit code, and on standard error."""

    text: str = ""
    code: int = 0
    notes: tuple[str, ...] = ()


app = typer.Typer(
    cls=Commands,
    help=USAGE.replace("\n\n", "\n\n\b\n"),
    epilog=EXIT_CODES,
    add_completion=False,
    rich_markup_mode=None,  # colour even in a pipe where GITHUB_ACTIONS is set, and 80 ms
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object.")]
TextField = Annotated[str, typer.Option(metavar="NAME", help="The column or key with the message.")]


def run(argv: list[str]) -> Answer:
    """Answer a command line; what is wrong with it is a `SellerHelpError` too."""
    width = columns(sys.stdout) if sys.stdout.isatty() else 80
    try:
        # Explicit args: on Windows Typer would otherwise expand * and ~ within quoted messages.
        result = app(
            args=argv,
            prog_name="seller-help",
            standalone_mode=False,
            terminal_width=width if width < 52 else None,  # by itself, Typer's help takes 50
        )
    except Exception as error:
        if not hasattr(error, "format_message"):  # Typer's errors have no common public base
            raise
        told = error.format_message()
        for by_typer, by_us in _WORDING:
            told = told.replace(by_typer, by_us)
        raise SellerHelpError(told, "usage", cure(error, argv)) from None
    return result if isinstance(result, Answer) else Answer(code=result or 0)  # Typer's own exits


def _version(ctx: typer.Context, wanted: bool) -> None:
    if wanted and not ctx.resilient_parsing:  # so is a line parsed that is not complete
        typer.echo(f"seller-help {__version__}")
        raise typer.Exit


def _words(ctx: typer.Context, incomplete: str) -> list[tuple[str, str]]:
    """What a word that names a channel may become."""
    from .completing import channel_words
    from .store import load_catalogue

    named = ctx.find_root().params.get("catalogue")  # as it is typed: no shell has read it yet
    source = Path(os.path.expandvars(named)).expanduser() if named else None
    return channel_words(load_catalogue(source), incomplete)


@app.callback()
def _options(
    ctx: typer.Context,
    catalogue: Annotated[
        str | None, typer.Option(metavar="FILE", help="Use this catalogue, not the shipped one.")
    ] = None,
    color: Annotated[
        Color, typer.Option(metavar="WHEN", help="Colour: auto (on a terminal), always or never.")
    ] = "auto",
    version: Annotated[
        bool,
        typer.Option("--version", "-V", is_eager=True, callback=_version, help="Show the version."),
    ] = False,
) -> None:
    ctx.obj = ctx.params
    if sys.stderr is not None and sys.stderr.isatty():
        from .store import before_learning

        before_learning.append(_say_that_it_learns)


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
    """Name the channel for a problem, why, and the way to it.

    \b
      seller-help route "payout failed"
      seller-help route -- "-5 balance"
    """
    from .router import Router

    typed = read_input() if message == ["-"] else " ".join(message)
    catalogue = _catalogue(ctx)
    decision = Router(catalogue).route(repaired(typed))
    code = 0 if decision.channel else 1
    if json:  # it says all that the notes say, and leaves standard error to errors
        from .as_json import route_json

        return Answer(route_json(decision, catalogue), code)
    from .lines import route_lines

    lines = route_lines(decision, catalogue, explain, _command(ctx))
    return Answer(_shown(ctx, lines), code, _notes(decision, typed))


@app.command()
def ask(ctx: typer.Context) -> Answer:
    """Answer messages one after another at a prompt; keep none.

    There, ? shows the evidence for the last answer; an empty line or quit leaves.

    \b
      seller-help ask
      seller-help --catalogue own.yaml ask
    """
    from .asking import converse, take_terminal
    from .lines import route_lines
    from .router import Router

    gc.enable()  # it is off for single answers
    take_terminal()
    router = Router(_catalogue(ctx))

    def route(line: str) -> Decision:
        decision = router.route(repaired(line))
        for note in _notes(decision, line):
            tell(f"seller-help: {note}\n")
        return decision

    def show(last: Decision, why: bool) -> str:
        return _shown(ctx, route_lines(last, router.catalogue, why, _command(ctx)))

    converse(route, show)
    return Answer()


@app.command()
def path(
    ctx: typer.Context,
    channel: Annotated[
        list[str],
        typer.Argument(
            metavar="CHANNEL",
            help="A channel: its id, its name or another name for it.",
            autocompletion=_words,
        ),
    ],
    json: Json = False,
) -> Answer:
    """Show the way to a channel, step by step.

    \b
      seller-help path chat
      seller-help path "help center" --json
    """
    found = channel_named(_catalogue(ctx), " ".join(channel), _command(ctx))
    if json:
        from .as_json import path_json

        return Answer(path_json(found))
    from .lines import path_lines

    return Answer(_shown(ctx, path_lines(found)))


@app.command("list")
def list_(
    ctx: typer.Context,
    channel: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="CHANNEL", help="One channel, shown in full.", autocompletion=_words
        ),
    ] = None,
    json: Json = False,
) -> Answer:
    """Show the channels: when to use each, and what each offers.

    \b
      seller-help list
      seller-help list community
    """
    catalogue = _catalogue(ctx)
    one = channel_named(catalogue, " ".join(channel), _command(ctx)) if channel else None
    if json:
        from .as_json import list_json

        return Answer(list_json(catalogue, (one,) if one else catalogue.channels))
    from .lines import channel_lines, list_lines

    lines = channel_lines(one, catalogue, _command(ctx)) if one else list_lines(catalogue.channels)
    return Answer(_shown(ctx, lines))


@app.command("catalogue")
def catalogue_(
    ctx: typer.Context,
    path: Annotated[bool, typer.Option("--path", help="Print only where it lies.")] = False,
) -> Answer:
    """Print the catalogue in use, one file to begin your own with.

    \b
      seller-help catalogue > mine.yaml
      seller-help --catalogue mine.yaml route "payout failed"
    """
    from .catalogue import find_catalogue

    source = find_catalogue(ctx.obj["catalogue"])
    if path:
        return Answer(as_file(f"{source.absolute()}\n"))
    from .joining import joined

    return Answer(as_file(joined(source)))


@app.command()
def batch(
    ctx: typer.Context,
    source: Annotated[
        str,
        typer.Argument(metavar="INPUT", help="A CSV, JSONL or text file; - reads standard input."),
    ],
    output: Annotated[
        Path | None,
        typer.Option("--output", "-o", metavar="FILE", help="Write here at the end (else stdout)."),
    ] = None,
    form: Annotated[
        Literal["csv", "jsonl", "lines"] | None,
        typer.Option("--format", metavar="FORM", help="csv, jsonl or lines; else the suffix says."),
    ] = None,
    text_field: TextField = "text",
    workers: Annotated[
        int, typer.Option(min=0, max=60, metavar="N", help="Processes that route; 0: one a core.")
    ] = 1,
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at the first record that cannot be read.")
    ] = False,
) -> Answer:
    """Route a file of messages; each comes out with its channel.

    \b
      seller-help batch messages.csv -o routed.csv
      tail -f messages.txt | seller-help batch -
    """
    from .batch import Job, route_all

    gc.enable()  # it is off for single answers
    target = None if output == Path("-") else output
    job = Job(source, target, form, text_field, workers, strict)
    return Answer("", *route_all(job, _catalogue(ctx)))


@app.command()
def evaluate(
    ctx: typer.Context,
    labelled: Annotated[
        Path,
        typer.Argument(
            metavar="LABELLED", help="A .csv or .jsonl file with the fields text and channel."
        ),
    ],
    json: Json = False,
    text_field: TextField = "text",
    min_accuracy: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, metavar="SHARE", help="Exit with 1 if fewer of the answers are right."
        ),
    ] = None,
    base: Annotated[
        str | None,
        typer.Option(metavar="OLD.yaml", help="Compare with the answers of this other catalogue."),
    ] = None,
    report: Annotated[
        Path | None, typer.Option(metavar="FILE.svg", help="Write the tables as an SVG picture.")
    ] = None,
) -> Answer:
    """Measure the answers to messages whose right channel is known.

    \b
      seller-help evaluate labelled.csv
      seller-help evaluate labelled.jsonl --min-accuracy 0.9
      seller-help --catalogue mine.yaml evaluate labelled.csv --base old.yaml
    """
    from .batch import measured

    gc.enable()
    found = measured(labelled, text_field, _catalogue(ctx), base, report)
    short = min_accuracy is not None and not (found.accuracy or 0.0) >= min_accuracy  # nan too
    if json:
        from .as_json import evaluation_json

        return Answer(evaluation_json(found), int(short))
    note = f"accuracy {found.accuracy or 0:.4f} is below {min_accuracy}"
    return Answer(_measures(ctx, found), int(short), (note,) if short else ())


@app.command()
def check(
    ctx: typer.Context,
    file: Annotated[
        str | None, typer.Argument(metavar="FILE", help="A catalogue file; else the one in use.")
    ] = None,
    json: Json = False,
    strict: Annotated[
        bool, typer.Option("--strict", help="Exit with 1 if there is a warning.")
    ] = False,
) -> Answer:
    """Find what is wrong or doubtful in a catalogue, line by line.

    \b
      seller-help check
      seller-help check mine.yaml --strict
    """
    from .catalogue import find_catalogue
    from .checking import check as look

    gc.enable()
    checked = look(find_catalogue(ctx.obj["catalogue"] if file is None else file))
    code = 3 if checked.refusal else int(strict and bool(checked.findings))
    if json:
        from .as_json import check_json

        return Answer(check_json(checked), code)
    from .lines import check_lines

    return Answer(_shown(ctx, check_lines(checked)), code)


@app.command()
def completion(
    ctx: typer.Context,
    shell: Annotated[
        Literal["bash", "zsh", "fish", "powershell"],
        typer.Argument(metavar="SHELL", help="bash, zsh, fish or powershell."),
    ],
) -> Answer:
    """Print the script with which your shell completes with Tab.

    Commands, options, channels of the catalogue in use, and files. No file is
    changed: give it to the shell, in its start-up file if it is to stay.

    \b
      seller-help completion fish | source
      seller-help completion powershell | Out-String | Invoke-Expression
      source <(seller-help completion bash)
    """
    from .completing import LINE, SCRIPTS, candidates

    line = os.environ.get(LINE)
    if line is None:
        return Answer(SCRIPTS[shell])
    return Answer(candidates(ctx.find_root().command, shell, line))


def _say_that_it_learns(catalogue: Catalogue) -> None:
    """Tell whoever waits at a terminal what for."""
    from .lines import one_line

    count = len(catalogue.triggers)
    if count >= _MANY:
        name = one_line(Path(catalogue.source).name)
        tell(f"seller-help: learning {count:,} triggers of {name}, once ...\n")


def _command(ctx: typer.Context) -> str:
    return called(ctx.obj["catalogue"])


def _catalogue(ctx: typer.Context) -> Catalogue:
    from .store import load_catalogue

    return load_catalogue(ctx.obj["catalogue"])


def _notes(decision: Decision, typed: str) -> tuple[str, ...]:
    """What to say about how a message was read."""
    from .router import MAX_LENGTH

    notes = {
        "not all of the message is UTF-8: \\ufffd stands there": decision.message != typed,
        f"long message: only its first {MAX_LENGTH} characters count": decision.cut,
    }
    return tuple(note for note, holds in notes.items() if holds)


def _measures(ctx: typer.Context, report: Report) -> str:
    """The tables of a report, and what went wrong, as standard output can show them."""
    from .as_measures import changes, misses, tables
    from .as_picture import draw_tables

    shown = draw_tables(tables(report), screen(ctx.obj["color"]))
    return shown + _shown(ctx, [*misses(report), *changes(report)])


def _shown(ctx: typer.Context, lines: Iterable[Line]) -> str:
    """The lines as standard output can show them; Rich is loaded for a terminal only."""
    seen = screen(ctx.obj["color"])
    if seen == PIPE:
        from .lines import plain

        return plain(lines)
    from .as_terminal import draw

    return draw(list(lines), seen)
