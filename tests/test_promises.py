"""What SECURITY.md promises, in processes of their own that are watched from within."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import unicodedata
from collections.abc import Callable
from pathlib import Path

import pytest
from command import ANSWERS, EXAMPLES, environment, run
from test_catalogue_files import HOSTILE
from test_hostile import ACTING

from seller_help.router import MAX_LENGTH

WATCH = """if 1:
    import atexit, os, sys
    WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC | os.O_APPEND
    PREFIXES = ("socket.", "subprocess.", "urllib.", "http.", "ftplib.", "smtplib.", "ctypes.",
                "shutil.", "pickle.", "os.")
    SEEN = []
    def hook(event, args):
        if event == "open":
            name, mode, flags = args
            if flags & WRITING or set(mode or "") & set("wax+"):
                SEEN.append(f"writes {name}")
        elif event in ("os.mkdir", "os.rename", "os.remove", "os.rmdir"):
            SEEN.append(f"writes {args[0]}")
        elif event.startswith(PREFIXES) and event not in ("os.listdir", "os.scandir"):
            SEEN.append(event)
    writer = int(sys.argv.pop(1))
    def told():
        status = open("/proc/self/status").read() if os.path.exists("/proc/self/status") else ""
        memory = status.partition("VmHWM:")[2].split()[:1] or ["0"]
        os.write(writer, "\\n".join([memory[0], *SEEN]).encode())
    atexit.register(told)
    sys.dont_write_bytecode = True
    sys.addaudithook(hook)
    from seller_help.main import main
    main()
"""
OWN = """\
channels:
- {id: a, name: A, triggers: [payout failed, fees are wrong]}
- {id: b, name: B, triggers: [parcel lost, package damaged]}
"""


class Watched:
    """A run of seller-help: what it answered and what it did."""

    def __init__(self, *arguments: str, stdin: bytes = b"", **env: str) -> None:
        reader, writer = os.pipe()
        done = subprocess.run(
            [sys.executable, "-c", WATCH, str(writer), *arguments],
            input=stdin,
            env=environment(**env),
            pass_fds=[writer],
            capture_output=True,
            check=False,
            timeout=60,  # who waits for ever is ended
        )
        os.close(writer)
        with os.fdopen(reader) as pipe:
            kibibytes, *self.deeds = pipe.read().splitlines()
        self.mebibytes = int(kibibytes) / 1024
        self.code, self.out, self.err = done.returncode, done.stdout, done.stderr.decode()


EVERY = [
    *map(list, ANSWERS),
    ["route", "--explain", "payuot failed"],
    ["route", "-"],
    ["batch", "-"],
    ["path", "chta"],
    ["ask"],
    ["--color", "always", "list"],
    ["--catalogue", "missing.yaml", "list"],
    ["nonsense"],
]


@pytest.mark.parametrize("arguments", EVERY, ids=" ".join)
def test_it_opens_no_socket_writes_no_file_and_starts_no_program(arguments: list[str]) -> None:
    """With the shipped catalogue, whatever is asked: it reads, and it answers."""
    cache = os.environ["XDG_CACHE_HOME"]  # for the catalogue that `check` is given
    deeds = Watched(*arguments, stdin=b"payout failed").deeds
    assert [deed for deed in deeds if not deed.startswith(f"writes {cache}")] == []


def test_only_the_cache_is_written(tmp_path: Path, write: Callable[..., Path]) -> None:
    """The first run with a catalogue of one's own keeps what it learned; the second, nothing."""
    own = write(OWN)
    cache = tmp_path / "cache"
    arguments = ("--catalogue", str(own), "route", "payout failed")
    first = Watched(*arguments, XDG_CACHE_HOME=str(cache))
    assert first.code == 0
    assert {deed.startswith(f"writes {cache}") for deed in first.deeds} == {True}
    second = Watched(*arguments, XDG_CACHE_HOME=str(cache))
    assert (second.out, second.deeds) == (first.out, [])
    assert len([each for each in tmp_path.rglob("*") if each.is_file()]) == 2


@pytest.mark.parametrize(
    "arguments",
    [
        ["batch", "-", "--format", "lines", "-o"],
        ["evaluate", str(EXAMPLES / "labelled.csv"), "--report"],
    ],
)
def test_only_the_named_file_is_written(arguments: list[str], tmp_path: Path) -> None:
    """`-o` and `--report` write there, by a file beside it that is gone at the end."""
    done = Watched(*arguments, str(tmp_path / "out.svg"), stdin=b"payout failed")
    assert done.code == 0
    assert {deed.startswith(f"writes {tmp_path}/") for deed in done.deeds} == {True}
    assert [each.name for each in tmp_path.iterdir()] == ["out.svg"]


@pytest.mark.parametrize(
    "text",
    [
        "!!python/object/apply:os.system ['touch here']",
        "!!python/name:os.system",
        "!!python/object/new:subprocess.Popen [[touch, here]]",
        "{__import__('os').system('touch here')}",
        "$(touch here)",
        "`touch here`",
    ],
)
def test_a_catalogue_runs_no_code(
    text: str, write: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever stands in it is text, or refused."""
    for quoted in (text, f"'{text.replace(chr(39), chr(39) * 2)}'"):
        own = write(OWN.replace("payout failed", quoted))
        monkeypatch.chdir(own.parent)
        for command in (["list"], ["route", "touch here"]):
            done = Watched("--catalogue", own.name, *command)
            assert done.code in (0, 1, 3)
            assert {deed.startswith("writes /") for deed in done.deeds} <= {True}
    assert not Path("here").exists()


@pytest.mark.parametrize("name", HOSTILE)
@pytest.mark.parametrize("as_json", [False, True])
def test_a_hostile_catalogue(name: str, as_json: bool, tmp_path: Path) -> None:
    """Exit 3, located problems, within 100 MiB (a tenth more on another machine)."""
    (tmp_path / "c.yaml").write_bytes(HOSTILE[name][0])
    arguments = ["--catalogue", str(tmp_path / "c.yaml"), "list", *(["--json"] * as_json)]
    done = Watched(*arguments)
    assert (done.code, done.out, done.deeds) == (3, b"", [])
    if as_json:
        error = json.loads(done.err)["error"]
        assert error["code"] == "bad-catalogue"
        assert all(each["line"] >= 1 for each in error["problems"])
    else:
        assert done.err.startswith(f"{tmp_path}/{HOSTILE[name][1]}")
    assert "Traceback" not in done.err
    assert done.mebibytes < 110


@pytest.mark.parametrize("what", ["FIFO", "/dev/zero", "/dev/stdin", "directory", "dangling", ""])
def test_what_is_no_catalogue(what: str, tmp_path: Path) -> None:
    """Nothing is waited for: one line that says where and why, exit 3."""
    path = tmp_path / "c.yaml"
    if what == "FIFO":
        os.mkfifo(path)
    elif what == "directory":
        path.mkdir()
    elif what:
        path.symlink_to(what)
    done = Watched("--catalogue", str(path), "route", "payout")
    assert (done.code, done.out) == (3, b"")
    assert done.err.startswith(f"{path}:1:1: {path} cannot be read: ")
    assert done.err.count("\n") == 1
    assert done.mebibytes < 110


LONG = {
    "1 MB of words": b"payout failed " * 75_000,
    "1 MB in one word": b"a" * 1_000_000,
    "1 MB of NUL": b"\0" * 1_000_000,
    "1 MB of line ends": b"\n" * 1_000_000,
    "1 MB that is no UTF-8": b"\xff" * 1_000_000,
    "1 MB of emoji": "\U0001f600".encode() * 250_000,
    "1 MB of accents": b"e" + "\u0301".encode() * 500_000,
    "1 MB of signs": b"?!" * 500_000,
}


@pytest.mark.parametrize("name", LONG)
def test_a_message_of_a_megabyte(name: str) -> None:
    """It is read up to a bound, and both views say that it was cut."""
    done = Watched("route", "-", stdin=LONG[name])
    assert done.code in (0, 1)
    assert f"only its first {MAX_LENGTH} characters count" in done.err
    assert not ACTING.search(done.out.decode() + done.err)
    assert done.mebibytes < 110
    assert json.loads(run("route", "-", "--json", stdin=LONG[name]).stdout)["cut"] is True


@pytest.mark.parametrize("text", ["r\u00e9sum\u00e9 payout failed", "PAYOUT failed!", "caf\u00e9"])
def test_forms_of_letters_are_one(text: str) -> None:
    """Decomposed and full-width letters get the answer of the plain ones."""

    def answer(message: str) -> str:
        told = json.loads(run("route", "--json", message).stdout)
        return json.dumps({**told, "message": ""})

    wide = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in text)
    forms = {unicodedata.normalize(form, text) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert {answer(form) for form in (text, wide, *forms)} == {answer(text)}


@pytest.mark.parametrize("message", ["-5 balance", "--json", "-", "--", "-h"])
def test_a_message_that_begins_with_a_dash(message: str) -> None:
    """After `--` it is a message (but `-` alone), and so it is from standard input."""
    piped = json.loads(run("route", "--json", "-", stdin=message.encode()).stdout)
    assert piped["message"] == message
    if message != "-":
        assert json.loads(run("route", "--json", "--", message).stdout) == piped
    if message == "-5 balance":
        refused = run("route", message)
        assert refused.returncode == 2
        assert f'use: seller-help route -- "{message}"' in refused.stderr


FAILING = [
    (["route"], "usage", 2),
    (["route", "--nope", "x"], "usage", 2),
    (["nonsense"], "usage", 2),
    ([], "usage", 2),
    (["path", "chta"], "unknown-channel", 2),
    (["list", "\x1b[31m\u202e"], "unknown-channel", 2),
    (["--catalogue", "/", "list"], "bad-catalogue", 3),
    (["--catalogue", "\x1b[31m\n.yaml", "list"], "bad-catalogue", 3),
    (["--color", "blue", "list"], "usage", 2),
    (["completion", "tcsh"], "usage", 2),
    (["catalogue", "more"], "usage", 2),
    (["evaluate", "missing.jsonl"], "cannot-read", 4),
    (["evaluate", "/"], "cannot-read", 4),
    (["batch"], "usage", 2),
    (["check", "one.yaml", "two.yaml"], "usage", 2),
]


@pytest.mark.parametrize(("arguments", "code", "number"), FAILING, ids=str)
def test_errors_are_json_too(arguments: list[str], code: str, number: int) -> None:
    """One object on standard error, nothing on standard output, the same exit code."""
    done = run(*arguments, "--json")
    assert (done.returncode, done.stdout) == (number, "")
    error = json.loads(done.stderr, parse_constant=pytest.fail)["error"]
    assert error["code"] == code
    assert error["message"]
    assert isinstance(error["hint"], str)
    assert done.stderr.isascii()
    assert not ACTING.search("".join(map(str, error.values())))
    if arguments:
        assert run(*arguments).returncode == number
