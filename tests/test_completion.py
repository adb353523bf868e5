"""Completion, by the protocol of the scripts and in real shells with a real Tab key."""

from __future__ import annotations

import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
from command import ESCAPES, Terminal, run, tool
from conftest import TINY
from test_hostile import ACTING, TEXTS
from test_layers import loaded

from seller_help.completing import LINE, SCRIPTS, Shell, channel_words
from seller_help.store import load_catalogue

IDS = ["help-center", "chat", "community"]
HOSTILE = """\
channels:
- id: one
  name: $(touch touched)
  aliases: ['`touch touched`', '; touch touched;', "one'\\"touch touched", '* ~ {a,b} !!']
  triggers: [payout failed, fees are wrong]
- {id: two, name: "Naïve\\n désk \\U0001f600", aliases: [oné bureau], triggers: [parcel lost]}
"""


def offered(line: str, shell: str = "bash", **more: Any) -> list[str]:
    """What a script is given for a command line up to the cursor."""
    done = run("completion", shell, env={LINE: line, **more.pop("env", {})}, **more)
    assert (done.returncode, done.stderr) == (0, "")
    return done.stdout.splitlines()


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("seller-help path ", IDS),
        ("seller-help list c", ["chat", "community"]),
        ("seller-help --color never path h", ["help-center"]),
        ("seller-help path live-c", ["live-chat"]),
        ("seller-help path 'he", ["help-center"]),
        ('seller-help path "he', ["help-center"]),
        ("seller-help path -- com", ["community"]),
        ("seller-help rou", ["route"]),
        ("seller-help route --e", ["--explain"]),
        ("seller-help --color ", ["auto", "always", "never"]),
        ("seller-help --color=al", ["always"]),
        ("seller-help batch --format j", ["jsonl"]),
        ("seller-help completion ", list(get_args(Shell))),
        ("seller-help --version pa", ["path"]),
        ("seller-help --help pa", ["path"]),
        ("seller-help batch ", []),
        ("seller-help --catalogue ", []),
        ("seller-help path zz", []),
        ("seller-help --nope pa", ["path"]),
    ],
)
def test_what_is_offered(line: str, expected: list[str]) -> None:
    """Commands, options, their values and channels; nothing where the shell has to find files."""
    assert offered(line) == expected


def test_each_shell_is_told_in_its_way() -> None:
    """The channel's name stands beside its id; fish and PowerShell take the word as a whole."""
    for shell, shown in (("zsh", "chat:Chat Support"), ("fish", "chat\tChat Support")):
        assert offered("seller-help path ch", shell) == [shown]
    for shell, shown in (("zsh", "always"), ("fish", "--color=always")):
        assert offered("seller-help --color=al", shell) == [shown]
    assert offered("seller-help path `h", "powershell") == ["help-center\tHelp Center"]
    assert offered(r"seller-help --catalogue C:\own.yaml li", "powershell")[0][:5] == "list\t"


def test_channels_are_of_the_catalogue_in_use(write: Callable[..., Path]) -> None:
    """The one on the line, also as no shell has read it yet, or the one of the environment."""
    own = write(TINY)
    home = {"HOME": str(own.parent), "PLACE": str(own.parent)}
    for named in (str(own), f"'{own}'", f"~/{own.name}", f"$PLACE/{own.name}"):
        for option in ("--catalogue ", "--catalogue="):
            line = f"seller-help {option}{named} path "
            assert offered(line, env=home) == ["money", "parcels"]
    assert offered("seller-help path ", env={"SELLER_HELP_CATALOGUE": str(own)}) == [
        "money",
        "parcels",
    ]


def test_no_candidate_needs_quotes(write: Callable[..., Path]) -> None:
    """Whatever a channel is called, what is offered is one word on which no shell acts."""
    catalogue = load_catalogue(write(HOSTILE))
    starts = ["", *map(chr, range(33, 127)), "oné"]
    words = {word for start in starts for word, _ in channel_words(catalogue, start)}
    assert words == {"one", "two", "oné-bureau"}
    assert all(re.fullmatch(r"\w+(-\w+)*", word) for word in words)
    shown = offered(f"seller-help --catalogue {catalogue.source} path ", "zsh")
    assert shown == ["one:$(touch touched)", "two:Naïve désk \U0001f600"]


@pytest.mark.parametrize("name", TEXTS)
def test_hostile_lines(name: str) -> None:
    """Any line has an answer or none; a traceback or an acting character it never has."""
    text = TEXTS[name][:30_000].encode("utf-8", "surrogateescape").replace(b"\0", b"")
    for before in (b"seller-help path ", b"seller-help --catalogue="):
        line = (before + text).decode("utf-8", "surrogateescape")
        done = run("completion", "zsh", env={LINE: line})
        assert done.returncode in (0, 2, 3)
        assert "Traceback" not in done.stderr
        assert not ACTING.search(done.stdout + done.stderr)


def test_it_costs_no_more_than_a_path(write: Callable[..., Path], tmp_path: Path) -> None:
    """It loads what `path` does and itself; it learns nothing and writes nothing."""
    for option in ((), ("--catalogue", str(write(TINY)))):
        env = {LINE: " ".join(["seller-help", *option, "path", "c"])}
        env["XDG_CACHE_HOME"] = str(tmp_path / "cache")
        path = loaded(*option, "path", "money" if option else "chat", env=env)
        more = loaded("completion", "zsh", env=env) - path
        assert {name for name in more if "seller_help" in name} == {"seller_help.completing"}
        assert not more - {"seller_help.completing", *BESIDE}
    assert not (tmp_path / "cache").exists()


BESIDE = {"ntpath", "genericpath"}


@pytest.mark.parametrize("shell", get_args(Shell))
def test_the_script_is_printed_and_no_file_is_touched(shell: Shell, tmp_path: Path) -> None:
    """What to do with it is the reader's decision."""
    done = run("completion", shell, env={"HOME": str(tmp_path)}, cwd=tmp_path)
    assert (done.returncode, done.stdout, done.stderr) == (0, SCRIPTS[shell], "")
    assert list(tmp_path.iterdir()) == []


def test_an_unknown_shell() -> None:
    """Is wrong use, and those that are known are named."""
    done = run("completion", "tcsh")
    assert (done.returncode, done.stdout) == (2, "")
    for shell in get_args(Shell):
        assert shell in done.stderr
    assert "hint: " in done.stderr


START = {
    "bash": (["bash", "--norc", "--noprofile", "-i"], "source <(seller-help completion bash)"),
    "zsh": (["zsh", "-f", "-i"], "source <(seller-help completion zsh)"),
    "fish": (["fish", "--no-config", "-i"], "seller-help completion fish | source"),
}


class Typist:
    """Somebody at a shell in which completion is switched on."""

    def __init__(self, shell: Terminal) -> None:
        self.shell = shell

    def run(self, keys: str) -> str:
        """What is shown for keys and the Enter behind them, until the shell is ready again."""
        self.shell.type(f"{keys}\necho re''ady\n")
        shown = ESCAPES.sub("", self.shell.wait_for("ready\r\n"))
        return re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", " ", shown)  # zsh moves about and wipes


@pytest.fixture(params=[*START])
def typist(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Typist]:
    """In a directory with a hostile catalogue and a file of messages."""
    command, switch_on = START[request.param]
    if not shutil.which(command[0]):
        pytest.skip(f"no {command[0]} here")
    here = tmp_path / "here"
    here.mkdir()
    (here / "own.yaml").write_text(HOSTILE, "utf-8")
    (here / "broken.yaml").write_text("channels: none", "utf-8")
    (here / "sellers.txt").write_text("payout failed\n", "utf-8")
    env = {"PATH": f"{tool(tmp_path)}{os.pathsep}{os.environ['PATH']}", "HOME": str(tmp_path)}
    with Terminal(*command, columns=200, env=env, cwd=here) as shell:
        typist = Typist(shell)
        typist.run(switch_on)
        yield typist
        assert not (here / "touched").exists()


def test_tab_completes_a_channel(typist: Typist) -> None:
    """And Enter runs what stands there then."""
    assert "Chat Support (chat)" in typist.run("seller-help path ch\t")


def test_tab_shows_the_channels(typist: Typist) -> None:
    """Where there is more than one."""
    typist.shell.type("seller-help path c\t\t")
    typist.shell.wait_for("chat")
    typist.shell.wait_for("community")


def test_tab_completes_commands_options_and_files(typist: Typist) -> None:
    """A whole line with hardly a word typed."""
    assert "id,text" not in typist.run("seller-help ba\tsell\t")
    assert "chat" in typist.run("seller-help --col\tne\tbat\tsel\t --for\tli\t")


def test_tab_with_a_hostile_catalogue(typist: Typist) -> None:
    """Its ids are offered, and nothing in it is run."""
    typist.shell.type("seller-help --catalogue own.yaml path \t\t")
    typist.shell.wait_for("one")
    typist.shell.wait_for("two")
    typist.run("\x15")
    assert "no channel" not in typist.run("seller-help --cat\town\tpath tw\t")
    for start in ("touch", "$", "`", "one'"):
        typist.run(f"seller-help --catalogue own.yaml path {start}\t\t\x03")


def test_tab_never_shows_an_error(typist: Typist) -> None:
    """A broken catalogue, or a line that makes no sense, offers nothing and says nothing."""
    for line in ("seller-help --catalogue broken.yaml path ", "seller-help rout x"):
        shown = typist.run(f"{line}\t\t\x15")
        assert "broken.yaml:1" not in shown
        assert "hint" not in shown
