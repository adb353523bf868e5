"""A talk at a prompt: messages in, answers out, until somebody leaves. It knows no terminal."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .decision import Decision

GREETING = "What is wrong? (? for why, Enter leaves)\n"  # 40 columns, as a narrow terminal has
NOTHING_YET = "Ask first: ? explains the last answer.\n"
ONCE_MORE = "\nCtrl-C again leaves.\n"


def converse(
    read: Callable[[], str],
    write: Callable[[str], None],
    route: Callable[[str], Decision],
    show: Callable[[Decision, bool], str],
) -> None:
    """Answer each line that `read` gives; `show` puts a decision into words, with evidence or not.

    An empty line or the end of the input ends it. An interrupt while `read` waits throws the line
    away; the next one, with no line between them, is raised: KeyboardInterrupt.
    """
    write(GREETING)
    last: Decision | None = None
    interrupted = False
    while True:
        try:
            line = read().strip()
        except EOFError:
            write("\n")
            return
        except KeyboardInterrupt:
            write("\n" if interrupted else ONCE_MORE)
            if interrupted:
                raise
            interrupted = True
            continue
        if not line:
            return
        interrupted = False
        why = line == "?"
        if not why:
            last = route(line)
        write(NOTHING_YET if last is None else f"{show(last, why)}\n")
