"""The hardened entry: signals and streams first, one write at the end, one boundary for errors."""

from __future__ import annotations

import errno
import gc
import os
import signal
import sys

from seller_help import TYPE_CHECKING, __version__

if TYPE_CHECKING:
    from typing import NoReturn

# Everything else is imported where it is needed: `--version` must not wait for it.

CTRL_C = 130
_UNWRITTEN = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EIO, errno.EBADF)
"""What only a write is refused for."""


def main() -> NoReturn:
    """Answer the command line and leave with its exit code."""
    _set_signals()
    gc.disable()  # one answer makes no garbage worth a search: 6 ms of a start
    code = _run(sys.argv[1:])
    gc.freeze()  # or the end of the process would search after all: 10 ms
    sys.exit(code)


def _set_signals() -> None:
    """Let a closed pipe and Ctrl-C end the program silently, also while it is still importing."""
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    # A parent that ignores Ctrl-C (nohup, a job in the background) means it: leave that as it is.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)


def _run(argv: list[str]) -> int:
    as_json = "--json" in argv[: argv.index("--") if "--" in argv else None]
    try:
        for stream in (sys.stdout, sys.stderr):
            if stream is not None and hasattr(stream, "reconfigure"):
                stream.reconfigure(errors="backslashreplace")
        return _answer(argv)
    except KeyboardInterrupt:
        return CTRL_C
    except BrokenPipeError:
        from seller_help.streams import CLOSED_PIPE, silence

        silence(sys.stdout)
        return CLOSED_PIPE
    except Exception as error:
        if os.environ.get("SELLER_HELP_DEBUG"):
            raise
        return _fail(error, as_json)


def _answer(argv: list[str]) -> int:
    if sys.stdout is None:  # closed by the caller; Python would drop the answer and report success
        raise OSError(errno.EBADF, "standard output is closed")
    if argv[:1] in (["--version"], ["-V"]):
        sys.stdout.write(f"seller-help {__version__}\n")
        sys.stdout.flush()
        return 0
    from seller_help.cli import USAGE, run
    from seller_help.mistakes import HELP
    from seller_help.streams import tell

    if not argv:
        tell(f"{USAGE}\n{HELP}\n")
        return 2
    answer = run(argv)
    for note in answer.notes:
        tell(f"seller-help: {note}\n")
    sys.stdout.write(answer.text)
    sys.stdout.flush()
    return answer.code


def _fail(error: Exception, as_json: bool) -> int:
    """Say what went wrong, as people or programs read it, and give the exit code."""
    from seller_help.errors import SellerHelpError
    from seller_help.streams import complain, silence, tell

    if isinstance(error, OSError):
        what = "cannot write" if error.errno in _UNWRITTEN else "the system refuses"
        error = SellerHelpError(f"{what}: {error.strerror or error}", "cannot-write")
    elif not isinstance(error, SellerHelpError):
        message = f"fault of the program: {type(error).__name__}: {error}"
        error = SellerHelpError(
            message, "internal", "SELLER_HELP_DEBUG=1 shows where; please report it"
        )
    if error.code == "cannot-write":
        silence(sys.stdout)
    if as_json:
        from seller_help.as_json import error_json

        complain(error_json(error))
    else:
        from seller_help.lines import error_text

        tell(error_text(error))
    return error.exit_code
