"""What is wrong with a command line, and how to put it right."""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING, Any

from typer.core import TyperGroup

from .errors import SellerHelpError

if TYPE_CHECKING:
    from .catalogue import Catalogue, Channel

HELP = "seller-help --help shows commands and options"
ECHOED = 60  # characters of somebody's text that an error repeats


class Commands(TyperGroup):
    """The group of commands, with a cure for a mistyped and for a forgotten command."""

    def resolve_command(self, ctx: Any, args: list[str]) -> Any:
        """Find the command, or say what was probably meant; no guess is ever run."""
        if args[0] in self.commands or args[0].startswith("-"):
            return super().resolve_command(ctx, args)
        from difflib import get_close_matches

        near = tuple(get_close_matches(args[0].casefold(), self.commands))
        meant = f"did you mean {' or '.join(near)}? " if near else ""
        command = called(ctx.params.get("catalogue"))
        hint = f"{meant}to route a message: {_as_message(command, args)}"
        asked = f"--{args[0].casefold()}" in ctx.help_option_names
        if asked and set(args[1:]) <= self.commands.keys():
            hint = HELP
        raise SellerHelpError(
            f"no such command {_short(args[0])!r}", "usage", hint, suggestions=near
        )


def called(catalogue: str | None) -> str:
    """How the program is called so that it takes the catalogue that was named, if one was."""
    return f"seller-help --catalogue {shlex.quote(catalogue)}" if catalogue else "seller-help"


def cure(error: Exception, argv: list[str]) -> str:
    """How to put right what Typer refused, as far as that can be told."""
    facts = vars(error)
    option = facts.get("option_name") if "possibilities" in facts else None  # no such option
    if option in ("--catalogue", "--color"):
        return f"{option} goes before the command: seller-help {option} ... COMMAND"
    group = getattr(facts.get("ctx"), "command", None)
    for name, command in group.commands.items() if isinstance(group, Commands) else ():
        if any(option in each.opts for each in command.params):
            return f"{option} goes after the command, such as: seller-help {name} {option} ..."
    root = facts["ctx"].find_root() if facts.get("ctx") else None
    program = called(root.params.get("catalogue") if root else None)
    if option and not facts["possibilities"] and "route" in argv:
        return f"use: {_as_message(program, argv[argv.index('route') + 1 :])}"
    if getattr(facts.get("param"), "name", "") == "message" and "route" in argv:
        return f'{program} route "MESSAGE"; {program} route - reads standard input'
    return HELP


def channel_named(catalogue: Catalogue, name: str, command: str) -> Channel:
    """The channel of this name; those that nearly have it are asked for, never taken."""
    found = catalogue.find(name)
    if found is not None:
        return found
    from difflib import get_close_matches

    from .catalogue import names, plain_name

    known = {plain_name(each): one.id for one in catalogue.channels for _, each in names(one)}
    close = get_close_matches(plain_name(name[:ECHOED]), known, cutoff=0.7)
    near = tuple(dict.fromkeys(known[each] for each in close))
    hint = f"did you mean {' or '.join(near)}?" if near else f"{command} list shows the channels"
    raise SellerHelpError(f"no channel {_short(name)!r}", "unknown-channel", hint, suggestions=near)


def _as_message(command: str, words: list[str]) -> str:
    text = _short(" ".join(each for each in words if each not in ("--json", "--explain")))
    quoted = shlex.quote(text) if set(text) & set('"$`\\!') else f'"{text}"'
    return f"{command} route {'-- ' if text.startswith('-') else ''}{quoted}"


def _short(text: str) -> str:
    return text if len(text) <= ECHOED else text[:ECHOED] + "..."
