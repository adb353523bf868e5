"""Hostile texts times commands: each has an answer in bounds, and none of them ever acts."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from command import ANSWERS, NAMES, on_terminal, run
from hypothesis import given
from hypothesis import strategies as st

from seller_help.lines import Line
from seller_help.streams import repaired

TEXTS = {
    "empty": "",
    "blanks": " \t  ",
    "line ends": "\n\r\n\u2028\u0085",
    "punctuation": "?!.,;:-()\"'",
    "one letter": "x",
    "digits": "404",
    "star": "*",
    "tilde": "~",
    "percent": "%PATH% $HOME `id`",
    "dash": "-5 balance",
    "long option": "--frobnicate",
    "markup": "[bold]payout[/bold] [/] [/back] [id=3] failed",
    "link": "[link=file:///etc/passwd]payout[/link]",
    "emoji name": "payout :smile: failed :warning:",
    "emoji": "payout \U0001f600 failed \U0001f468\u200d\U0001f469\u200d\U0001f467",
    "escape": "payout \x1b[31mfailed\x1b[0m \x1b]8;;http://x\x07y\x1b]8;;\x07",
    "controls": "".join(map(chr, range(1, 32))) + "\x7f payout failed",
    "c1": "payout \x9b31m failed \x85\x90",
    "bidi": "payout \u202edeliaf\u202c \u2066x\u2069 failed",
    "right to left": "\u05d4\u05ea\u05e9\u05dc\u05d5\u05dd \u0646\u0643\u0633",
    "decomposed": "re\u0301sume\u0301 payout failed",
    "full width": "\uff50\uff41\uff59\uff4f\uff55\uff54 failed",
    "zero width": "pay\u200bout\ufeff failed",
    "noncharacters": "payout \ufffe\uffff failed",
    "combining": "payout" + "\u0301" * 500,
    "bad bytes": "payout \udcff\udcfe failed",
    "json": '{"a": [1, NaN]} \\u0000 "quoted"',
    "format": "{0} {message!r} %s %(x)s",
    "path": "../../etc/passwd",
    "one long word": "a" * 30_000,
    "many words": "payout failed " * 8_000,
}
ACTING = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069]")


@pytest.mark.parametrize("command", NAMES)
@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text(command: str, name: str) -> None:
    """A documented exit code, no traceback and no acting character; JSON parses.

    As a message, the name of a channel or of a file, or where nothing may stand.
    """
    # not every text may stand in an argument: a terminal's surrogates are raw bytes there
    text = TEXTS[name].encode("utf-8", "surrogateescape")
    has_json = any(line[0] == command and "--json" in line for line in ANSWERS)
    for more in ([], ["--json"])[: 1 + has_json]:
        done = run(command, *more, "--", text)
        assert done.returncode in (0, 1, 2, 3, 4)
        assert "Traceback" not in done.stderr
        assert not ACTING.search(done.stdout + done.stderr)
        (done.stdout + done.stderr).encode("utf-8")
        if more:
            told = done.stdout or done.stderr
            assert told.isascii()
            assert json.loads(told, parse_constant=pytest.fail)


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_text_without_dashes(name: str) -> None:
    """Also where it may look like an option or a command: an answer or a hint."""
    text = TEXTS[name].encode("utf-8", "surrogateescape")
    for arguments in (["route", text], [text], ["--catalogue", text, "list"], ["--color", text]):
        done = run(*arguments)
        assert done.returncode in (0, 1, 2, 3)
        assert "Traceback" not in done.stderr
        assert not ACTING.search(done.stdout + done.stderr)


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_standard_input(name: str) -> None:
    """The same from a pipe, where NUL can stand too."""
    text = TEXTS[name].encode("utf-8", "surrogateescape") + b"\0"
    done = run("route", "-", "--explain", stdin=text)
    assert done.returncode in (0, 1)
    assert not ACTING.search(done.stdout + done.stderr)


@pytest.mark.parametrize("name", ["markup", "link", "emoji name"])
def test_brackets_and_colons_stay(name: str) -> None:
    """Nothing reads text from outside as markup, in a pipe or on a terminal."""
    asked = json.loads(run("route", "--json", TEXTS[name]).stdout)
    assert asked["message"] == TEXTS[name]
    for shown in (
        run("path", TEXTS[name]).stderr,
        on_terminal("path", TEXTS[name], columns=200)[0],
    ):
        assert TEXTS[name][:40] in shown


def test_hostile_messages_of_a_file(tmp_path: Path) -> None:
    """Each is answered and measured; what is shown of them does not act, and none is lost."""
    sound = [repaired(text) for text in TEXTS.values()]
    labelled = tmp_path / "labelled.jsonl"
    labelled.write_text(
        "".join(json.dumps({"text": text, "channel": "none"}) + "\n" for text in sound), "utf-8"
    )
    shown = run("evaluate", str(labelled))
    told = run("evaluate", str(labelled), "--json")
    assert (shown.returncode, told.returncode, shown.stderr, told.stderr) == (0, 0, "", "")
    assert not ACTING.search(shown.stdout + told.stdout)
    assert json.loads(told.stdout, parse_constant=pytest.fail)["messages"] == len(sound)
    routed = run("batch", str(labelled))
    assert routed.returncode == 0
    assert not ACTING.search(routed.stderr)
    assert [json.loads(line)["text"] for line in routed.stdout.splitlines()] == sound


def test_hostile_catalogue_text_on_a_terminal(tmp_path: Path) -> None:
    """A catalogue's words stay as they are too: brackets, emoji names, signs for Rich."""
    name = "[bold]Desk[/] [/back] :smile: [link=x]y[/link]"
    path = tmp_path / "desks.yaml"
    path.write_text(
        f"channels:\n- id: one\n  name: '{name}'\n  triggers: ['[red]lamp[/red] is broken']\n"
        f"  access: [{{steps: ['{name}', 'a > b']}}]\n"
        "- id: two\n  name: Two\n  triggers: [wet floor]\n",
        encoding="utf-8",
    )
    for command in (
        *(["list"], ["list", "one"], ["path", "one"], ["catalogue"]),
        ["route", "--explain", "red lamp is broken"],
    ):
        shown, code = on_terminal(
            "--catalogue", str(path), "--color", "never", *command, columns=99
        )
        assert code == 0, shown
        assert name in shown
        assert name in run("--catalogue", str(path), *command).stdout


@given(st.text(alphabet=st.characters(), max_size=60))
def test_no_line_holds_acting_text(text: str) -> None:
    """Whatever the text, what a view is given is one printable line."""
    line = Line("field", text, text, aside=text)
    for shown in (line.text, line.label, line.aside):
        assert not ACTING.search(shown)
        assert "\n" not in shown
        shown.encode("utf-8")


@given(st.text(alphabet=st.characters(), max_size=60))
def test_repaired_text_is_unicode(text: str) -> None:
    """Lone surrogates go, and nothing else changes."""
    sound = repaired(text)
    sound.encode("utf-8")
    if not re.search("[\ud800-\udfff]", text):
        assert sound == text
