"""The prompt, on a terminal of its own: typed at and read as a seller does."""

from __future__ import annotations

import os
import select
import signal
import termios
from collections.abc import Iterator
from pathlib import Path

import pytest
from command import COMMAND, ESCAPES, Terminal, on_terminal, run
from test_hostile import ACTING, TEXTS

from seller_help.asking import GREETING, NOTHING_YET

PROMPT = "\n> "
ASK = (*COMMAND, "ask")


@pytest.fixture
def asked() -> Iterator[Terminal]:
    """A session that waits for the first message."""
    with Terminal(*ASK) as terminal:
        terminal.wait_for(f"{GREETING.strip()}\r{PROMPT}")
        yield terminal


def answer(terminal: Terminal, line: str | bytes) -> str:
    """What is shown for a line, until the next prompt."""
    terminal.type(line + b"\n" if isinstance(line, bytes) else f"{line}\n")
    return terminal.wait_for(f"\r{PROMPT}")


def test_answers_are_those_of_route(asked: Terminal) -> None:
    """The same view, and with ? the one of --explain, of the last answer; more than one matter."""
    for message in ("payout failed", "webinars for sellers", "weather in houston"):
        assert on_terminal("route", message)[0] in answer(asked, message)
        assert on_terminal("route", "--explain", message)[0] in answer(asked, "?")
    assert on_terminal("route", "--explain", "weather in houston")[0] in answer(asked, " ? ")


def test_what_it_says_by_itself_fits_forty_columns() -> None:
    """The narrowest terminals that people have."""
    told = GREETING + NOTHING_YET
    assert max(map(len, told.splitlines())) <= 40


def test_a_question_mark_before_any_message(asked: Terminal) -> None:
    """Says what it is for."""
    assert NOTHING_YET in answer(asked, "?")


@pytest.mark.parametrize("key", ["\n", "  \n", "\x04"])
def test_an_empty_line_or_ctrl_d_leaves(asked: Terminal, key: str) -> None:
    """The session is a success, whatever the answers; the shell's prompt gets a line of its own."""
    answer(asked, "weather in houston")
    asked.type(key)
    shown, code = asked.rest()
    assert code == 0
    assert shown.endswith("\n")


@pytest.mark.parametrize("word", ["quit", "EXIT", "q"])
def test_who_wants_to_leave_may_say_so(asked: Terminal, word: str) -> None:
    """In the words that other prompts have taught; none of them is a message."""
    asked.type(f"{word}\n")
    shown, code = asked.rest()
    assert (code, "Way" in shown) == (0, False)


def test_bytes_that_are_no_text_are_told(asked: Terminal) -> None:
    """As `route -` tells it."""
    assert "not all of the message is UTF-8" in answer(asked, b"\xff\xfe payout failed")


def test_ctrl_c_leaves(asked: Terminal) -> None:
    """With 130, as everywhere, also in the middle of a line."""
    asked.type("what is the weath")
    asked.wait_for("weath")
    asked.interrupt()
    shown, code = asked.rest()
    assert code == 130
    assert "Traceback" not in shown
    assert shown.endswith("\n")


def test_ctrl_c_that_the_parent_ignores() -> None:
    """Stays ignored, as for every command."""
    ignoring = ("bash", "-c", 'trap "" INT; "$@"', "bash")
    with Terminal(*ignoring, *ASK) as terminal:
        terminal.wait_for(PROMPT)
        os.killpg(terminal.process.pid, signal.SIGINT)
        assert "Chat Support" in answer(terminal, "payout failed")


def test_lines_are_edited_and_remembered(asked: Terminal) -> None:
    """Where readline is there: keys move the cursor, and earlier lines come back."""
    pytest.importorskip("readline")
    expected = on_terminal("route", "payout failed")[0]
    assert expected in answer(asked, "failed\x01payout \x05")
    answer(asked, "weather in houston")
    assert expected in answer(asked, "\x1b[A\x1b[A")


def test_a_pasted_letter_is_one_message(asked: Terminal) -> None:
    """A terminal marks what is pasted; its empty lines do not leave."""
    pytest.importorskip("readline")
    pasted = "\x1b[200~hi team,\n\nmy payout failed\n\nthanks\x1b[201~"
    assert "Chat Support" in answer(asked, pasted)


def test_nothing_is_stored(tmp_path: Path) -> None:
    """No history, no log: a home that was empty stays empty."""
    with Terminal(*ASK, env={"HOME": str(tmp_path)}, cwd=tmp_path) as terminal:
        terminal.wait_for(PROMPT)
        answer(terminal, "payout failed")
        terminal.type("\n")
        assert terminal.rest()[1] == 0
    assert list(tmp_path.iterdir()) == []


def test_what_is_pasted_behind_the_end_is_no_command() -> None:
    """Where a paste is not marked, its empty line leaves; the shell never sees the rest."""
    with Terminal(*ASK, env={"TERM": "dumb"}) as terminal:
        terminal.wait_for(PROMPT)
        terminal.type("hi team\n\nrm -rf ~\n")
        assert terminal.rest()[1] == 0
        assert not select.select([terminal.theirs], [], [], 0)[0]


@pytest.mark.parametrize("env", [{}, {"NO_COLOR": "1"}, {"TERM": "dumb"}], ids=str)
def test_a_narrow_and_a_plain_terminal(env: dict[str, str]) -> None:
    """No row is longer than 40 columns; no colour where none is wanted, no escape on a dumb one."""
    with Terminal(*ASK, columns=40, env=env) as terminal:
        shown = terminal.wait_for(PROMPT)
        terminal.type("payout failed\n")
        shown += terminal.wait_for(PROMPT)
        terminal.type("?\n")
        shown += terminal.wait_for(PROMPT)
        terminal.type("\n")
        last, code = terminal.rest()
    assert code == 0
    assert ("\x1b[1m" in shown) == (not env)
    assert "\x1b" not in shown + last or env != {"TERM": "dumb"}
    plain = ESCAPES.sub("", shown).replace("\x1b[?2004h", "").replace("\x1b[?2004l\r", "")
    assert max(map(len, plain.splitlines())) <= 40


KEYS = {
    **{code: f"\x16{chr(code)}" for code in (*range(1, 32), 127)},  # after Ctrl-V a key is text
    **dict.fromkeys((3, 10, 13, 17, 19, 26, 28), " "),  # signals, line ends, stop and go
}


@pytest.mark.parametrize("env", [{}, {"PYTHONUTF8": "0", "LC_ALL": "C.UTF-8"}], ids=str)
@pytest.mark.parametrize("term", ["dumb", "xterm"])
def test_hostile_lines(term: str, env: dict[str, str]) -> None:
    """Whatever is typed has an answer; nothing of it acts, and nothing ends the session."""
    with Terminal(*ASK, env={"TERM": term, **env}) as terminal:
        terminal.wait_for(PROMPT)
        mode = termios.tcgetattr(terminal.theirs)
        mode[3] &= ~termios.ECHO  # what the terminal itself shows of the keys is not of us
        termios.tcsetattr(terminal.theirs, termios.TCSANOW, mode)
        for text in filter(str.strip, TEXTS.values()):
            keys = text[:1_000].translate(KEYS)
            shown = answer(terminal, keys.encode("utf-8", "surrogateescape"))
            assert "Traceback" not in shown
            assert term != "dumb" or not ACTING.search(shown)
        terminal.type("\n")
        assert terminal.rest()[1] == 0


def test_without_a_terminal_it_says_what_to_use() -> None:
    """One line and a hint, exit 2: neither end may be a pipe."""
    refused = run("ask", stdin=b"payout failed\n")
    assert (refused.returncode, refused.stdout) == (2, "")
    assert refused.stderr.startswith("seller-help: ask needs a terminal")
    assert "seller-help batch" in refused.stderr
    for stream in ("0<", "1>"):
        with Terminal("bash", "-c", f'"$@" {stream}/dev/null', "bash", *ASK) as terminal:
            assert terminal.rest() == (refused.stderr, 2)


def test_closed_standard_error() -> None:
    """A prompt without it is refused too, as Python could not show one."""
    with Terminal("bash", "-c", '"$@" 2>&-', "bash", *ASK) as terminal:
        assert terminal.rest() == ("", 2)


def test_a_bad_catalogue_is_said_before_the_prompt() -> None:
    """As for every command."""
    with Terminal(*COMMAND, "--catalogue", "/nowhere.yaml", "ask") as terminal:
        shown, code = terminal.rest()
    assert code == 3
    assert GREETING not in shown
