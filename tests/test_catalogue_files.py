"""Hostile and damaged files: always a located problem or a correct catalogue, with bounded work.

The seconds and the memory that this comes to are measured by benchmarks/hostile.py.
"""

from __future__ import annotations

import os
import random
import subprocess
import sys
import tempfile
import tracemalloc
from collections.abc import Callable
from pathlib import Path

import pytest
from command import environment
from conftest import steps
from hypothesis import given, settings
from hypothesis import strategies as st

from seller_help.catalogue import find_catalogue
from seller_help.errors import SellerHelpError
from seller_help.lines import one_line
from seller_help.loading import read_catalogue
from seller_help.reading import MAX_BYTES, MAX_ENTRIES, MAX_FILES, WHOLE, parse

SMALL = b"""\
title: Caf\xc3\xa9
settings: {sure: 0.9}
channels:
  - id: chat
    name: "Chat"
    aliases: [live chat]
    access: [{steps: [Profile, 'Help']}]
    next: help
    triggers:
      - payout failed # often
      - 'refund #123'
    offerings:
      - {id: agent, name: Agent, phrases: p.yaml}
  - id: help
    name: Help
    purpose: |
      All else
    triggers: [rules]
off_topic: {triggers: [weather]}
words: w.yaml
"""
PHRASES = b"money:\n- where is it\n"
WORDS = b"spelling: {acct: account}\n"
HEAD = b"channels:\n- id: a\n  name: A\n  triggers:\n"


def verdict(folder: Path, raw: bytes, name: str = "c.yaml") -> str:
    """`ok`, or the first problem; anything else that is raised fails the test."""
    files = {"c.yaml": SMALL, "p.yaml": PHRASES, "w.yaml": WORDS, name: raw}
    for file, content in files.items():
        (folder / file).write_bytes(content)
    return outcome(folder / "c.yaml")


def outcome(path: Path) -> str:
    """`ok`, or the first problem."""
    try:
        catalogue = read_catalogue(path)
    except SellerHelpError as error:
        return first_problem(error).removeprefix(f"{path.parent}/")
    ids = [channel.id for channel in catalogue.channels]
    assert ids
    assert all(channel.name for channel in catalogue.channels)
    assert all(channel.next in ("", *ids) for channel in catalogue.channels)
    assert catalogue.first_stop in ids
    assert all(trigger.text for trigger in catalogue.triggers)
    assert len({trigger.text.casefold() for trigger in catalogue.triggers}) == len(
        catalogue.triggers
    )
    return "ok"


def first_problem(error: SellerHelpError) -> str:
    """The first problem, if all of them are as they should be."""
    assert error.code == "bad-catalogue"
    assert error.problems
    for problem in error.problems:
        assert problem.file
        assert problem.message
        assert min(problem.line, problem.column) >= 1
        assert one_line(str(problem)) == str(problem)
    return str(error.problems[0])


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda _: None, "no such file or directory"),
        (lambda path: path.mkdir(), "is a directory"),
        (os.mkfifo, "not a regular file"),
        (lambda path: path.symlink_to("/dev/zero"), "not a regular file"),
        (lambda path: path.symlink_to("nowhere"), "no such file or directory"),
        (lambda path: path.symlink_to(path.name), "too many levels of symbolic links"),
        (
            lambda path: path.write_bytes(b"a" * 30_000_000),
            "more than 7 MiB (in all files of a catalogue together)",
        ),
    ],
    ids=["none", "directory", "FIFO", "/dev/zero", "dangling link", "link to itself", "30 MB"],
)
@pytest.mark.parametrize("name", ["c.yaml", "p.yaml"])
def test_what_is_no_file_is_refused_at_once(
    tmp_path: Path, make: Callable[[Path], object], message: str, name: str
) -> None:
    """As catalogue or as a file that it names: one located line, and a bounded part taken in."""
    verdict(tmp_path, SMALL)
    (tmp_path / name).unlink()
    make(tmp_path / name)
    tracemalloc.start()
    found = outcome(tmp_path / "c.yaml")
    _, most = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most < MAX_BYTES + (1 << 20)
    at = "c.yaml:1:1: " if name == "c.yaml" else "c.yaml:13:43: channels[0] 'chat' > offerings[0]"
    assert found.startswith(at)
    assert f"{name} cannot be read: {message}" in found


def test_names_that_no_system_takes() -> None:
    """A NUL in a name and a name without end are files that cannot be read."""
    for name in ("a\0b", "a" * 5000):
        with pytest.raises(SellerHelpError) as caught:
            read_catalogue(Path(name))
        assert "cannot be read" in str(caught.value.problems[0])


def fill(pattern: bytes) -> bytes:
    """As much of it as a catalogue may have."""
    return (pattern * (MAX_BYTES // len(pattern) + 1))[:MAX_BYTES]


LAUGHS = b"a0: &a0 [x]\n" + b"".join(
    b"a%d: &a%d [%s]\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 30)
)
MERGE = b"a0: &a0 {x: y}\n" + b"".join(
    b"a%d: &a%d {<<: [%s]}\n" % (n, n, b",".join([b"*a%d" % (n - 1)] * 9)) for n in range(1, 9)
)
HOSTILE = {
    "alias bomb": (LAUGHS, "c.yaml:1:5: anchors (&) are not allowed"),
    "merge bomb": (MERGE, "c.yaml:1:5: anchors (&) are not allowed"),
    "100,000 deep": (b"[" * 100_000, "c.yaml:1:13: more than 12 levels deep"),
    "7 MiB deep": (fill(b"{"), "c.yaml:1:13: more than 12 levels deep"),
    "7 MiB of dashes": (fill(b"- "), "c.yaml:1:25: more than 12 levels deep"),
    "7 MiB of items": (fill(b"- a\n"), "c.yaml:139998:3: more than 140,000 entries"),
    "7 MiB of keys": (fill(b"a:\n"), "c.yaml:69999:3: more than 140,000 entries"),
    "7 MiB of spaces": (fill(b" "), "c.yaml:1:1: expected a mapping, found nothing"),
    "7 MiB of comments": (fill(b"#\n"), "c.yaml:1:1: expected a mapping, found nothing"),
    "7 MiB of one text": (fill(b"a"), "c.yaml:1:1: expected a mapping, found text"),
    "7 MiB in quotes": (b'"' + fill(b"\\e")[:-2], "c.yaml:1:1: the quote is never closed"),
    "7 MiB of lost texts": (fill(b"- a #b\n"), "c.yaml:1:4: the text ends before '#b'"),
    "7 MiB of entries too deep": (fill(b"- a\n  - b\n"), "c.yaml:2:3: the line belongs to"),
    "7 MiB of one entry too deep": (
        b"- a\n" + fill(b"  - b\n")[6:],
        "c.yaml:2:3: the line belongs to",
    ),
    "7 MiB of documents": (fill(b"---\n"), "c.yaml:2:1: a second document begins"),
    "too many triggers": (
        HEAD + b"".join(b"  - t%d\n" % n for n in range(210_000)),
        "c.yaml:139993:5: more than 140,000 entries (in all files of a catalogue together)",
    ),
    "one trigger 130,000 times": (
        HEAD + b"  - t\n" * 130_000,
        "c.yaml:6:5: channels[0] 'a' > triggers[1]: 't' stands already at",
    ),
    "130,000 triggers and a fault": (
        HEAD + b"".join(b"  - t%d\n" % n for n in range(130_000)) + b"nope: x\n",
        "c.yaml:130005:1: unknown field 'nope'",
    ),
    "130,000 triggers and a fault, in 7 MiB of four bytes a letter": (
        HEAD
        + b"".join(b"  - \xf0\x9f\x98\x80 %d\n" % n for n in range(130_000))
        + b"nope: x #"
        + b"c" * 3_900_000,
        "c.yaml:130005:1: unknown field 'nope'",
    ),
    "7 MiB of one text of four bytes a letter": (
        b"\xf0\x9f\x98\x80" + fill(b"a")[4:],
        "c.yaml:1:1: expected a mapping, found text",
    ),
    "channels that lead nowhere": (
        b"channels:\n"
        + b"".join(
            b"- {id: c%d, name: C%d, triggers: [t%d], next: x%d}\n" % (n, n, n, n)
            for n in range(11_000)
        ),
        "c.yaml:2:44: channels[0] 'c0' > next: no channel has the id 'x0'",
    ),
    "latin-1": (b"title: Caf\xe9\n", "c.yaml:1:11: byte 0xe9 is not UTF-8"),
    "UTF-16": (SMALL.decode().encode("utf-16"), "c.yaml:1:1: byte 0xff is not UTF-8"),
    "NUL": (SMALL.replace(b"rules", b"\0"), "c.yaml:18:16: unreadable character U+0000"),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_files_are_refused_with_bounded_work(tmp_path: Path, name: str) -> None:
    """Some calls for each entry that a catalogue may have, whatever stands in it."""
    raw, message = HOSTILE[name]
    found: list[str] = []
    assert steps(lambda: found.append(verdict(tmp_path, raw))) < 30 * MAX_ENTRIES
    assert found[0].startswith(message)


def test_the_limits_hold_for_all_files_together(tmp_path: Path) -> None:
    """Many phrase files have no more room than one, and there may not be too many of them."""
    offerings = "".join(
        f"  - {{id: o{n}, name: O, phrases: p{n}.yaml}}\n" for n in range(MAX_FILES)
    )
    catalogue = tmp_path / "c.yaml"
    catalogue.write_text(f"channels:\n- id: a\n  name: A\n  offerings:\n{offerings}", "utf-8")
    for n in range(MAX_FILES):
        phrases = "".join(f"- {n} {number}\n" for number in range(3000 if n < 50 else 1))
        (tmp_path / f"p{n}.yaml").write_text(f"t:\n{phrases}", "utf-8")
    with pytest.raises(SellerHelpError) as caught:
        read_catalogue(catalogue)
    (problem,) = caught.value.problems
    assert "more than 140,000 entries" in problem.message
    for n in range(50):
        (tmp_path / f"p{n}.yaml").write_text(f"t: ['{n}']\n", "utf-8")
    found = f"cannot be read: more than {MAX_FILES} files (in all files of a catalogue together)"
    assert outcome(catalogue).endswith(found)


def test_the_shipped_catalogue_could_be_a_third_larger(tmp_path: Path) -> None:
    """The limits are for hostile files: an owner never meets them, also with a single file."""
    shipped = read_catalogue(find_catalogue())
    every = [f"{n} {each.text}".replace("'", "''") for n in (1, 2) for each in shipped.triggers]
    texts = every[: 4 * len(shipped.triggers) // 3]
    path = tmp_path / "c.yaml"
    path.write_bytes(HEAD + "".join(f"  - '{text}'\n" for text in texts).encode())
    assert outcome(path) == "ok"
    assert path.stat().st_size < MAX_BYTES


def test_a_short_form_cannot_blow_up_a_message(tmp_path: Path) -> None:
    """What it stands for is short too: else ten thousand letters could become ten million."""
    found = verdict(tmp_path, b"spelling: {a: " + b"b " * 30 + b"}", "w.yaml")
    assert found == "w.yaml:1:15: spelling > a: text of more than 50 characters"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
@pytest.mark.parametrize(
    "name",
    [
        *("7 MiB of items", "7 MiB of lost texts", "alias bomb"),
        "7 MiB of one text of four bytes a letter",
    ],
)
def test_hostile_files_take_little_memory(tmp_path: Path, name: str) -> None:
    """The whole process stays below 110 MiB (100 are promised, 10 are for the machine)."""
    (tmp_path / "c.yaml").write_bytes(HOSTILE[name][0])
    code = """if 1:
        import sys, pathlib, seller_help, seller_help.loading as loading
        try: loading.read_catalogue(pathlib.Path(sys.argv[1]))
        except seller_help.SellerHelpError: pass
        print(open("/proc/self/status").read().split("VmHWM:")[1].split()[0])
    """
    command = [sys.executable, "-c", code, str(tmp_path / "c.yaml")]
    used = subprocess.run(
        command, env=environment(), capture_output=True, text=True, check=True
    ).stdout
    assert int(used) < 110 * 1024


@pytest.mark.parametrize(("name", "whole"), [("c.yaml", SMALL), ("p.yaml", PHRASES)])
def test_files_cut_off_at_every_byte(tmp_path: Path, name: str, whole: bytes) -> None:
    """Half a file is refused, or a whole catalogue by itself."""
    assert verdict(tmp_path, whole, name) == "ok"
    for end in range(len(whole)):
        verdict(tmp_path, whole[:end], name)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("before", [[], ["# yaml-language-server: $schema=x.json"]])
def test_a_file_that_says_how_it_ends(tmp_path: Path, before: list[str], end: str) -> None:
    """One that begins as the shipped one does is refused wherever it is cut off."""
    lines = [*before, WHOLE, *SMALL.decode().splitlines(), "...", ""]
    whole = end.join(lines).encode()
    assert verdict(tmp_path, whole) == "ok"
    assert verdict(tmp_path, whole + b"\n\n") == "ok"
    for at in range(len(whole.rstrip())):
        assert verdict(tmp_path, whole[:at]) != "ok", at
    found = verdict(tmp_path, whole[: -len(end)] + b".")
    last = 22 + len(before)
    cut = f"c.yaml:{last}:5: the file is cut off: its last line is not '...'"
    assert found.startswith(cut)
    found = verdict(tmp_path, whole + b"- a\n")
    assert found == f"c.yaml:{last + 1}:1: text after the line '...' (write it above that line)"


def cuts(raw: bytes) -> set[int]:
    """Where to cut a file: at every byte of a small one; else at line ends and by lot."""
    if len(raw) < 15_000:
        return set(range(len(raw.rstrip())))
    ends = [at for at, byte in enumerate(raw) if byte == ord("\n")]
    lot = random.Random(len(raw)).sample(range(len(raw.rstrip())), 100)  # noqa: S311 - no secret
    return {*range(300), *ends[:10], *ends[10:-10:50], *ends[-10:-1], *lot}


@pytest.mark.parametrize(
    "file", read_catalogue(find_catalogue()).files, ids=lambda file: str(file.name)
)
def test_the_shipped_files_cut_off_at_any_byte(tmp_path: Path, file: Path) -> None:
    """Each says how it ends: half of it is refused, by one located problem, wherever it is cut."""
    raw = file.read_bytes()
    for end in cuts(raw):
        node, problems = parse(raw[:end], file.name)
        if WHOLE.encode() in raw[:end]:
            assert (node, len(problems)) == (None, 1), end
        else:  # not even the line that promises it is whole: it says nothing yet
            place = {"channels.yaml": "c.yaml", "words.yaml": "w.yaml"}.get(file.name, "p.yaml")
            assert verdict(tmp_path, raw[:end], place) != "ok", end


def test_files_without_one_line_or_byte(tmp_path: Path) -> None:
    """Every line left out or doubled, and every byte left out."""
    lines = SMALL.splitlines(keepends=True)
    for at, line in enumerate(lines):
        verdict(tmp_path, b"".join(lines[:at] + lines[at + 1 :]))
        verdict(tmp_path, b"".join([*lines[:at], line, *lines[at:]]))
    for at in range(len(SMALL)):
        verdict(tmp_path, SMALL[:at] + SMALL[at + 1 :])


BLOCKS = (b"- ", b": ", b"? ", b"[", b"]", b"{", b"}", b"&a ", b"*a", b"!x ", b"| ", b"'", b'"')
OTHERS = (b"#b", b"\n", b"\t", b"\\", b"\0", b"\x1b", b"\xff", b"\xe2\x80\xae", b"<<: ", b"---\n")
PIECES = st.sampled_from((*BLOCKS, *OTHERS))
CHANGES = st.lists(
    st.tuples(st.integers(0, len(SMALL)), st.integers(0, 30), PIECES | st.binary(max_size=4)),
    min_size=1,
    max_size=4,
)


@settings(max_examples=400, deadline=None)
@given(changes=CHANGES, name=st.sampled_from(["c.yaml", "p.yaml", "w.yaml"]))
def test_mutated_files(changes: list[tuple[int, int, bytes]], name: str) -> None:
    """Whatever is put in the place of whatever else."""
    raw = {"c.yaml": SMALL, "p.yaml": PHRASES, "w.yaml": WORDS}[name]
    for at, length, piece in changes:
        raw = raw[:at] + piece + raw[at + length :]
    with tempfile.TemporaryDirectory() as folder:
        verdict(Path(folder), raw, name)


@pytest.mark.parametrize("sign", ["\u202e", "\x85", "\u2028", "\t"])
def test_problems_show_nothing_that_acts(tmp_path: Path, sign: str) -> None:
    """What a problem quotes from a file is shown visibly, wherever it stood (fuzzing found one)."""
    for line in (f"- a #b{sign}c", f"- @{sign}", f"- *{sign}", f"- !{sign} a", f"a{sign}b: c"):
        verdict(tmp_path, f"channels:\n{line}\n".encode())
        verdict(tmp_path, f"{line}\n".encode(), "p.yaml")


@settings(max_examples=200, deadline=None)
@given(raw=st.binary() | st.text().map(lambda text: text.encode("utf-8", "surrogatepass")))
def test_any_bytes(raw: bytes) -> None:
    """Nothing but a SellerHelpError leaves the reader."""
    with tempfile.TemporaryDirectory() as folder:
        assert verdict(Path(folder), raw) != "ok"
