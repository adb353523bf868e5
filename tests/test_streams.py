"""Streams and signals, in processes of their own: nothing lost, nothing silent, no traceback.

A process that a signal ended has minus the signal as its code here; a shell shows 128 more than
the signal: 141 for a closed pipe, 130 for Ctrl-C.
"""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import time
from pathlib import Path
from typing import Any

import pytest
import typer.main
from command import ANSWERS, COMMAND, ESCAPES, NAMES, environment, on_terminal, run, start

from seller_help.cli import app

ROUTE = ("route", "payout failed")
FULL = Path("/dev/full")


def test_every_command_is_tried() -> None:
    """Whoever adds a command adds it to `ANSWERS` in command.py, and its --json if it has one."""
    commands = typer.main.get_command(app).commands  # type: ignore[attr-defined]
    assert set(NAMES) == set(commands)
    with_json = {
        name for name, each in commands.items() if any(one.name == "json" for one in each.params)
    }
    assert {line[0] for line in ANSWERS if "--json" in line} == with_json


def closed_pipe() -> int:
    """The writing end of a pipe that nobody reads."""
    reader, writer = os.pipe()
    os.close(reader)
    return writer


def ignore_closed_pipes() -> None:
    """What a careless parent (Python itself, for one) leaves to its children."""
    signal.signal(signal.SIGPIPE, signal.SIG_IGN)


def ignore_ctrl_c() -> None:
    """What nohup and `&` leave to their children."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@pytest.mark.parametrize("careless", [False, True])
@pytest.mark.parametrize("arguments", ANSWERS, ids=" ".join)
def test_closed_pipe(arguments: tuple[str, ...], careless: bool) -> None:
    """A reader that has left ends the program silently, also under a parent that ignores that."""
    more: dict[str, Any] = {}
    if careless:
        more = {"preexec_fn": ignore_closed_pipes, "restore_signals": False}
    writer = closed_pipe()
    done = run(*arguments, stdout=writer, **more)
    os.close(writer)
    # batch has to hear of a worker's closed pipe, and so ends by itself
    ended = 141 if arguments[0] == "batch" else -signal.SIGPIPE
    assert (done.returncode, done.stderr) == (ended, "")


def test_closed_pipe_in_a_shell() -> None:
    """A shell reads it as 141."""
    writer = closed_pipe()
    script = f'"$@" >&{writer}; exit $?'
    done = subprocess.run(
        ["bash", "-c", script, "bash", *COMMAND, "list"],
        env=environment(),
        pass_fds=[writer],
        check=False,
    )
    os.close(writer)
    assert done.returncode == 141


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize("arguments", ANSWERS, ids=" ".join)
def test_full_disk(arguments: tuple[str, ...]) -> None:
    """An answer that could not be written is no success: one line, exit 4."""
    with FULL.open("wb") as full:
        done = run(*arguments, stdout=full)
    assert done.returncode == 4
    assert done.stderr.count("\n") == 1 or json.loads(done.stderr)["error"]["code"]
    assert "cannot write: No space left" in done.stderr


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
def test_nowhere_left_to_complain() -> None:
    """With standard error full too the exit code is all that can be said, and it is right."""
    with FULL.open("wb") as full:
        assert run("list", stdout=full, stderr=full).returncode == 4
        assert run("path", "chta", stderr=full).returncode == 2
        assert run(stderr=full).returncode == 2


def with_closed(stream: int, *arguments: str) -> subprocess.CompletedProcess[str]:
    """What happens where the caller has closed a stream."""
    script = f'exec "$@" {stream}>&-' if stream else 'exec "$@" <&-'
    return subprocess.run(
        ["bash", "-c", script, "bash", *COMMAND, *arguments],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("arguments", ANSWERS, ids=" ".join)
def test_closed_standard_output(arguments: tuple[str, ...]) -> None:
    """Python alone would lose the answer and report success."""
    done = with_closed(1, *arguments)
    assert done.returncode == 4
    assert "standard output is closed" in done.stderr


def test_closed_standard_error() -> None:
    """Nobody listens to complaints: the answers and exit codes are the same."""
    assert with_closed(2, "list").stdout == run("list").stdout
    assert with_closed(2, "path", "chta").returncode == 2


def test_closed_standard_input() -> None:
    """Only `-` reads it, so only `-` minds."""
    assert with_closed(0, *ROUTE).returncode == 0
    done = with_closed(0, "route", "-")
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == "seller-help: cannot read: standard input is closed\n"


def test_unreadable_standard_input(tmp_path: Path) -> None:
    """What cannot be read is said in one line; a directory Python itself refuses, with 1."""
    write_only = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT)
    done = run("route", "-", stdin=write_only)
    os.close(write_only)
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1)


def test_standard_input_is_read_only_for_a_dash() -> None:
    """A pipe that never ends (a CI job's, for one) holds up no command that did not ask for it."""
    for arguments in ANSWERS:
        with start(*arguments, stdout=subprocess.DEVNULL) as process:
            assert process.wait(timeout=30) == 0


def test_message_from_standard_input() -> None:
    """`-` reads the message; its line end is none of it."""
    piped = json.loads(run("route", "-", "--json", stdin=b"payout failed\n").stdout)
    assert piped == json.loads(run(*ROUTE, "--json").stdout)


def test_invalid_utf8_is_replaced_and_said() -> None:
    """Bytes that are no UTF-8 become U+FFFD, with a warning, from an argument as from a pipe."""
    for done in (
        run("route", "-", stdin=b"payout \xff failed"),
        run("route", b"payout \xff failed"),
    ):
        assert done.returncode == 0
        assert "not all of the message is UTF-8" in done.stderr
    routed = json.loads(run("route", b"payout \xff failed", "--json").stdout)
    assert routed["message"] == "payout \ufffd failed"


def test_endless_standard_input() -> None:
    """A message is read up to a bound; the rest is left, and that is said."""
    with Path("/dev/zero").open("rb") as zero:
        done = run("route", "-", stdin=zero)
    assert done.returncode in (0, 1)
    assert "long message" in done.stderr
    assert "UTF-8" not in run("route", "-", stdin=b"a" + "é".encode() * 100_000).stderr


def test_ctrl_c() -> None:
    """Ctrl-C ends it silently, as the signal does (130 in a shell)."""
    ours, theirs = pty.openpty()
    with start("route", "-", stdin=theirs) as process:
        assert b"Ctrl-D" in process.stderr.readline()  # it waits for the message now
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=30)
    os.close(ours)
    os.close(theirs)
    assert (process.returncode, out, err) == (-signal.SIGINT, b"", b"")


def test_ctrl_c_that_the_parent_ignores() -> None:
    """A job in the background or under nohup is not ended by Ctrl-C."""
    with start("route", "-", preexec_fn=ignore_ctrl_c) as process:
        time.sleep(0.5)
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(b"payout failed", timeout=30)
    assert process.returncode == 0
    assert out.startswith(b"Chat Support")


def many_triggers(folder: Path, count: int) -> Path:
    """A catalogue that takes a while to learn."""
    path = folder / "mine.yaml"
    texts = "".join(f"  - {n:b} parcel {n:o} lost {n}\n" for n in range(count))
    path.write_text(f"channels:\n- id: a\n  name: A\n  triggers:\n{texts}", "utf-8")
    return path


def test_ctrl_c_while_it_learns(tmp_path: Path) -> None:
    """The terminal says what it waits for; Ctrl-C ends it, and nothing stays behind."""
    path, cache = many_triggers(tmp_path, 40_000), tmp_path / "cache"
    ours, theirs = pty.openpty()
    arguments = ("--catalogue", str(path), "route", "x")
    env = {"XDG_CACHE_HOME": str(cache)}
    with start(*arguments, stdin=theirs, stderr=theirs, env=env) as process:
        os.close(theirs)
        assert os.read(ours, 1000).startswith(b"seller-help: learning 40,000 triggers of mine.yaml")
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    os.close(ours)
    assert (process.returncode, out) == (-signal.SIGINT, b"")
    assert not cache.exists()


def test_only_a_terminal_is_told_that_it_learns(tmp_path: Path) -> None:
    """And only once: in a pipe, and from the second time on, there is nothing but the answer."""
    path = many_triggers(tmp_path, 2_000)
    arguments = ("--catalogue", str(path), "route", "parcel lost")
    env = {"XDG_CACHE_HOME": str(tmp_path / "one")}
    assert run(*arguments, env=env).stderr == ""
    assert "learning" not in on_terminal(*arguments, env=env)[0]
    env = {"XDG_CACHE_HOME": str(tmp_path / "other")}
    shown, _ = on_terminal(*arguments, columns=40, env=env)
    told = "seller-help: learning 2,000 triggers of\n  mine.yaml, once ...\nA "
    assert ESCAPES.sub("", shown).startswith(told)


@pytest.mark.parametrize(
    ("env", "option", "colored"),
    [
        ({}, "auto", True),
        ({"NO_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": ""}, "auto", True),
        ({"TERM": "dumb"}, "auto", False),
        ({"FORCE_COLOR": "0"}, "auto", False),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, "auto", False),
        ({"NO_COLOR": "1"}, "always", True),
        ({}, "never", False),
    ],
)
def test_color_on_a_terminal(env: dict[str, str], option: str, colored: bool) -> None:
    """Option, NO_COLOR, FORCE_COLOR, terminal, in this order; none means not one escape byte."""
    shown, code = on_terminal("--color", option, *ROUTE, env=env)
    assert code == 0
    assert ("\x1b" in shown) == colored


@pytest.mark.parametrize(
    ("env", "option", "colored"),
    [
        ({}, "auto", False),
        ({"GITHUB_ACTIONS": "true", "CI": "true"}, "auto", False),
        ({"FORCE_COLOR": "1"}, "auto", True),
        ({"CLICOLOR_FORCE": "1"}, "auto", True),
        ({"FORCE_COLOR": "1", "NO_COLOR": "1"}, "auto", False),
        ({"FORCE_COLOR": "1"}, "never", False),
        ({}, "always", True),
    ],
)
def test_color_in_a_pipe(env: dict[str, str], option: str, colored: bool) -> None:
    """No escape byte unless somebody asked for it, and no wrapping even then."""
    done = run("--color", option, *ROUTE, env=env)
    assert ("\x1b" in done.stdout) == colored
    assert "Contact TikTok > Chat with us" in ESCAPES.sub("", done.stdout)
    assert "\x1b" not in run("--color", option, "--help", env=env).stdout


def words(shown: str) -> list[str]:
    """The words of an answer, without what a view adds: escapes, bars, and marks after a label."""
    bare = re.sub("[#.\u2501\u2500]{6,}", "", ESCAPES.sub("", shown))
    return [word for each in bare.split() if (word := each.rstrip(":."))]


@pytest.mark.parametrize("columns", [40, 80, 200])
@pytest.mark.parametrize("arguments", [ROUTE, (*ROUTE, "--explain"), ("path", "chat")])
def test_a_terminal_shows_the_same_words(arguments: tuple[str, ...], columns: int) -> None:
    """Whatever its width a terminal says what a pipe says, and no row is longer than it is wide."""
    shown, code = on_terminal(*arguments, columns=columns)
    assert code == 0
    assert words(shown) == words(run(*arguments).stdout)
    assert max(map(len, ESCAPES.sub("", shown).splitlines())) <= columns


@pytest.mark.parametrize("columns", ["0", "-1", "1", "5000000", "many", ""])
def test_silly_columns(columns: str) -> None:
    """COLUMNS may say anything: nothing is lost, nothing explodes."""
    shown, code = on_terminal(*ROUTE, env={"COLUMNS": columns})
    assert code == 0
    assert "".join(words(shown)) == "".join(words(run(*ROUTE).stdout))
    assert run(*ROUTE, env={"COLUMNS": columns}).stdout == run(*ROUTE).stdout
    assert len(run("--help", env={"COLUMNS": columns}).stdout) < 10_000


@pytest.mark.parametrize("encoding", ["ascii", "cp1252", "latin-1"])
def test_narrow_encodings(encoding: str, tmp_path: Path) -> None:
    """What the encoding has no sign for is shown by its number; nothing crashes."""
    catalogue = tmp_path / "desks.yaml"
    catalogue.write_text(
        "channels:\n- id: one\n  name: Caf\u00e9 \u2192 \U0001f600\n  triggers: [broken lamp]\n"
        "- id: two\n  name: Two\n  triggers: [wet floor]\n",
        encoding="utf-8",
    )
    env = {"PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"}
    done = run("--catalogue", str(catalogue), "list", env=env)
    assert done.returncode == 0
    assert "\\u2192 \\U0001f600" in done.stdout
    assert run("path", "\U0001f600", env=env).returncode == 2
    shown, code = on_terminal(*ROUTE, "--explain", env=env)
    assert code == 0
    assert "#" in shown
