"""A compiled catalogue is used only if it is what the YAML says, and never makes a difference."""

from __future__ import annotations

import errno
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

import seller_help
from seller_help import learning, store
from seller_help.catalogue import Settings, Words
from seller_help.loading import read_catalogue
from seller_help.router import Router
from seller_help.store import _cached, _kept, load_catalogue, weights_of

TEXT = """\
title: Shop
settings: {sure: 0.9}
channels:
  - id: money
    name: Money
    access: [{steps: [Menu, "1:30"]}]
    triggers: [payout failed, no]
    offerings: [{id: bank, name: Bank, phrases: bank.yaml}]
  - {id: parcels, name: Parcels, triggers: [parcel lost]}
off_topic: {triggers: [rain tomorrow]}
words: words.yaml
"""
BESIDE = {"bank": "iban: [bank refused it, wrong iban]", "words": "spelling: {acct: account}"}


@pytest.fixture
def path(write: Callable[..., Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A catalogue of three files, and a cache that holds its compiled form."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    path = write(TEXT, **BESIDE)
    Router(load_catalogue(path))
    assert _kept(path)
    return path


def answers(path: Path) -> list[object]:
    """What a router of this catalogue says to a few messages."""
    router = Router(load_catalogue(path))
    found = [router.route(text) for text in ("payout failed", "acct iban", "lost", "rain", "?")]
    return [(each, each.candidates) for each in found]


def test_it_is_equal_to_the_yaml(path: Path) -> None:
    """Facts, words, triggers, files and answers are the same from the cache and from the YAML."""
    fast, slow = load_catalogue(path), read_catalogue(path)
    assert fast.taught
    assert slow.taught is None
    assert replace(fast, triggers=tuple(fast.triggers)) == slow
    assert fast.triggers[1:3] == slow.triggers[1:3]
    assert fast.triggers[-1] == slow.triggers[-1]
    said = answers(path)
    _cached(path).unlink()
    assert answers(path) == said


def test_the_shipped_one_is_equal_to_the_yaml(catalogue: Any) -> None:
    """So is the compiled form of the shipped catalogue."""
    read = read_catalogue(catalogue.source)
    assert replace(catalogue, triggers=tuple(catalogue.triggers)) == read


@pytest.mark.parametrize("name", ["own.yaml", "bank.yaml", "words.yaml"])
@pytest.mark.parametrize(("old", "new"), [(" ", "  "), ("a", "e")])
def test_it_is_stale_after_any_edit(path: Path, name: str, old: str, new: str) -> None:
    """Of any file; also one that leaves size and time of the file as they were."""
    file = path.with_name(name)
    before, text = file.stat(), file.read_text("utf-8")
    file.write_text(text.replace(old, new, 1), "utf-8")
    os.utime(file, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert _kept(path) is None
    file.write_text(text, "utf-8")
    assert _kept(path)


@pytest.mark.parametrize("name", ["own.yaml", "bank.yaml", "words.yaml"])
def test_it_is_stale_when_a_file_is_gone_or_a_pipe(path: Path, name: str) -> None:
    """A file that cannot be read says nothing, and a pipe is not waited for."""
    file = path.with_name(name)
    file.unlink()
    assert _kept(path) is None
    os.mkfifo(file)
    assert _kept(path) is None


def test_it_is_of_no_use_to_other_code(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Code that reads or learns in another way reads the YAML again."""
    monkeypatch.setattr(store, "_CODE", (*store._CODE, "nearest.py"))
    assert _kept(path) is None


def test_without_sources_the_version_tells_the_code(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where only compiled modules are installed it learns, and finds that again."""
    monkeypatch.setattr(store, "_CODE", (*store._CODE, "gone.py"))
    assert _kept(path) is None
    Router(load_catalogue(path))
    assert _kept(path)


def test_what_somebody_made_of_a_catalogue_counts_and_is_not_kept(path: Path) -> None:
    """Other triggers and words teach, other settings decide; the file stays what it says."""
    for known in (True, False):
        own = load_catalogue(path)
        assert bool(own.taught) == known
        fewer = replace(own, triggers=own.triggers[1:])
        assert Router(own).route("payout failed").channel == "money"
        assert len(weights_of(fewer)) == len(own.triggers) - 1
        other = replace(own, words=Words(spelling={"acct": "parcel lost"}))
        assert Router(own).route("acct").channel != "parcels"
        assert Router(other).route("acct").channel == "parcels"
        unsure = replace(own, settings=Settings(sure=1, caution=1))
        assert Router(unsure).route("no").reason == "unsure"
        _cached(path).unlink()
        for made in (fewer, other, unsure):
            Router(made)
        assert not _cached(path).exists()


def test_catalogues_are_equal_and_channels_can_be_counted(path: Path) -> None:
    """As frozen dataclasses promise, wherever they were read from."""
    own = load_catalogue(path)
    assert own == load_catalogue(path) == read_catalogue(path) == pickle.loads(pickle.dumps(own))
    assert len({*own.channels, *load_catalogue(path).channels}) == 2
    assert len({own, load_catalogue(path), read_catalogue(path)}) == 1


def test_all_code_that_decides_what_is_kept_is_told_apart() -> None:
    """Every module that compiling runs counts, but for the one that only tells faults."""
    names = "compiling, loading, store"
    code = f"import sys; from seller_help import {names}; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], env=env(), capture_output=True, check=True)
    ours = {name for name in done.stdout.decode().split() if name.startswith("seller_help.")}
    assert {f"{name.partition('.')[2]}.py" for name in ours} - {"errors.py"} == set(store._CODE)


@pytest.mark.parametrize("limit", ["MAX_FEATURES", "MAX_DIFFERENT", "MAX_WEIGHTS"])
def test_too_much_to_learn(path: Path, monkeypatch: pytest.MonkeyPatch, limit: str) -> None:
    """A catalogue that would take all memory is bad, in one located line, and nothing is kept."""
    _cached(path).unlink()
    monkeypatch.setattr(learning, limit, 20)
    with pytest.raises(seller_help.SellerHelpError, match="cannot be used") as caught:
        Router(load_catalogue(path))
    (problem,) = caught.value.problems
    assert str(problem).startswith(f"{path}:1:1: too many words")
    assert list(_cached(path).parent.iterdir()) == []


def test_what_is_only_repeated_is_too_much_too(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A short form can make a trigger long: that brings no new word, but takes its time."""
    monkeypatch.setattr(learning, "MAX_FEATURES", 2_000)
    Router(load_catalogue(path))
    path.write_text(TEXT.replace("parcel lost", "parcel" + " acct" * 100), "utf-8")
    path.with_name("words.yaml").write_text(f"spelling: {{acct: {'a b ' * 12}}}", "utf-8")
    with pytest.raises(seller_help.SellerHelpError, match="cannot be used: 1 problem") as caught:
        Router(load_catalogue(path))
    assert "too many words" in caught.value.problems[0].message


def lessons(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """The catalogues that are learned from, from now on."""
    seen: list[Any] = []
    monkeypatch.setattr(store, "before_learning", [seen.append])
    return seen


@pytest.mark.parametrize(
    ("name", "edit", "anew"),
    [
        ("own.yaml", ("name: Money", "name: Cash"), False),
        ("own.yaml", ("sure: 0.9", "sure: 0.99"), False),
        ("own.yaml", ("Menu", "Start"), False),
        ("words.yaml", ("spelling:", "# short forms\nspelling:"), False),
        ("own.yaml", ("parcel lost", "parcel gone"), True),
        ("own.yaml", ("id: parcels", "id: packages"), True),
        ("own.yaml", ("id: bank", "id: iban"), True),
        ("bank.yaml", ("iban:", "bank:"), False),
        ("bank.yaml", ("wrong iban", "iban wrong"), True),
        ("words.yaml", ("account", "accounts"), True),
    ],
)
def test_only_what_teaches_is_learned_anew(
    path: Path, monkeypatch: pytest.MonkeyPatch, name: str, edit: tuple[str, str], anew: bool
) -> None:
    """Another name, way or setting is served from then on, with the answers of a fresh start."""
    seen = lessons(monkeypatch)
    file = path.with_name(name)
    file.write_text(file.read_text("utf-8").replace(*edit), "utf-8")
    said = answers(path)
    assert bool(seen) == anew
    kept = _cached(path).read_bytes()
    fast, slow = load_catalogue(path), read_catalogue(path)
    assert replace(fast, triggers=tuple(fast.triggers)) == slow
    _cached(path).unlink()
    assert answers(path) == said
    assert _cached(path).read_bytes() == kept


def test_a_damaged_file_teaches_nothing(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where only a name was changed, what was kept is used only if it is sound."""
    seen = lessons(monkeypatch)
    raw = _cached(path).read_bytes()
    put(_cached(path), raw[:-9] + b"?" + raw[-8:])
    path.write_text(TEXT.replace("Money", "Cash"), "utf-8")
    answers(path)
    assert len(seen) == 1


def test_the_cache_is_bounded(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its bytes: the files that were used longest ago go, half-written ones too."""
    folder = _cached(path).parent
    (folder / "directory").mkdir()
    (folder / "dangling.bin").symlink_to("nowhere")
    for number in range(5):
        other = folder / f"{number}.bin"
        other.write_bytes(b"0" * 10)
        os.utime(other, (number, number))
    own = {_cached(path).name, "directory"}
    left = {"dangling.bin", "4.bin", "3.bin", "2.bin"}
    monkeypatch.setattr(store, "MAX_CACHE", 39)  # the link takes some of it
    answers(path)
    assert len(list(folder.iterdir())) == 8  # nothing was written: all are there
    put(_cached(path), b"")
    answers(path)
    assert {each.name for each in folder.iterdir()} == own | left
    monkeypatch.setattr(store, "MAX_CACHE", 0)
    put(_cached(path), b"")
    answers(path)
    assert {each.name for each in folder.iterdir()} == own


def put(place: Path, raw: bytes) -> None:
    """Another file in the place of this one, which may still be in use."""
    place.unlink()
    place.write_bytes(raw)


def test_damaged_at_any_byte(path: Path) -> None:
    """One changed byte anywhere (every 37th is tried) and the YAML is read."""
    place, raw = _cached(path), _cached(path).read_bytes()
    for at in (*range(0, len(raw), 37), *range(40), len(raw) - 1):
        put(place, raw[:at] + bytes([raw[at] ^ 0x15]) + raw[at + 1 :])
        assert _kept(path) is None, at
    put(place, raw)
    assert _kept(path)


def test_cut_off_at_any_length(path: Path) -> None:
    """However short or long (every 37th length is tried), it is found out."""
    place, raw = _cached(path), _cached(path).read_bytes()
    for length in (*range(0, len(raw), 37), *range(40), len(raw) - 1):
        put(place, raw[:length])
        assert _kept(path) is None, length
    put(place, raw + b"\0")
    assert _kept(path) is None


def test_of_another_catalogue(path: Path, tmp_path: Path) -> None:
    """The compiled form of one catalogue in the place of another's is not used."""
    other = tmp_path / "other.yaml"
    other.write_text("channels: [{id: x, name: X, triggers: [y]}]", "utf-8")
    shutil.copy(_cached(path), _cached(other))
    assert _kept(other) is None
    assert [each.id for each in load_catalogue(other).channels] == ["x"]


def test_what_lies_beside_an_own_catalogue_is_not_trusted(path: Path) -> None:
    """Only the package brings a compiled form along; whoever sends a catalogue does not."""
    shutil.move(_cached(path), path.with_name(store.SHIPPED))
    assert _kept(path) is None


@pytest.mark.parametrize("what", ["directory", "pipe", "loop"])
def test_something_else_lies_there(path: Path, what: str) -> None:
    """A directory, a pipe or a link to itself in the cache: the YAML is enough."""
    place = _cached(path)
    place.unlink()
    if what == "directory":
        place.mkdir()
    elif what == "pipe":
        os.mkfifo(place)
    else:
        place.symlink_to(place)
    assert answers(path)


def test_somebody_elses_file(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What another user wrote is not believed."""
    fstat = os.fstat

    def of_another(file: int) -> os.stat_result:
        mode, number, device, links, _, *rest = fstat(file)
        return os.stat_result((mode, number, device, links, 54_321, *rest))

    monkeypatch.setattr(os, "fstat", of_another)
    assert _kept(path) is None


def test_a_cache_that_cannot_be_written(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no directory and none can be made, nothing is kept; the answers stay."""
    said = answers(path)
    blocked = path.with_name("file")
    blocked.write_text("")
    monkeypatch.setenv("XDG_CACHE_HOME", str(blocked))
    assert answers(path) == said
    assert blocked.read_text() == ""


def test_a_full_disk(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The answer comes, and nothing half-written stays behind."""
    said = answers(path)
    _cached(path).unlink()
    make = tempfile.NamedTemporaryFile

    def full(*args: Any, **named: Any) -> Any:
        file = make(*args, **named)
        file.write = refuse  # type: ignore[method-assign, assignment]
        return file

    def refuse(_: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", full)
    assert answers(path) == said
    assert list(_cached(path).parent.iterdir()) == []


def test_no_home(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A user without a home directory gets answers, too."""

    def unknown() -> Path:
        raise RuntimeError("Could not determine home directory.")

    monkeypatch.delenv("XDG_CACHE_HOME")
    monkeypatch.setattr(Path, "home", unknown)
    assert answers(path)


def test_a_relative_cache_directory_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing is ever written into the working directory (and so says the XDG specification)."""
    monkeypatch.setenv("XDG_CACHE_HOME", "here")
    assert _cached(Path("x.yaml")).is_relative_to(Path.home() / ".cache")


@pytest.mark.parametrize("name", ["/", ".", "..", "nul\0.yaml", "missing.yaml", "x" * 5000])
def test_what_is_no_file_has_nothing_kept(name: str) -> None:
    """Such names are refused where the YAML is read, with a message, and not before."""
    assert _kept(Path(name)) is None
    with pytest.raises(seller_help.SellerHelpError):
        load_catalogue(name)


def test_only_the_owner_may_read_the_cache(path: Path) -> None:
    """Catalogues may be confidential: directory and file are closed to others."""
    place = _cached(path)
    assert place.stat().st_mode & 0o077 == 0
    assert place.parent.stat().st_mode & 0o077 == 0


def env() -> dict[str, str]:
    """The environment with the package under test."""
    return {**os.environ, "PYTHONPATH": str(Path(seller_help.__file__).parents[1])}


def test_two_processes_race(path: Path) -> None:
    """Each writes a whole file and renames it: all get their answer, one good file remains."""
    _cached(path).unlink()
    code = (
        "import sys; from seller_help import *\n"
        "for _ in range(20): print(Router(load_catalogue(sys.argv[1])).route('iban').channel)\n"
        "from seller_help import store; from pathlib import Path\n"
        "for _ in range(200):\n"
        "    store._keep(store._cached(Path(sys.argv[1])), kept := store._cached("
        "Path(sys.argv[1])).read_bytes())\n"
        "    assert store._kept(Path(sys.argv[1])), len(kept)\n"
    )
    racing = [
        subprocess.Popen([sys.executable, "-c", code, str(path)], env=env(), stdout=subprocess.PIPE)
        for _ in range(3)
    ]
    for each in racing:
        out, _ = each.communicate(timeout=60)
        assert (each.returncode, set(out.split())) == (0, {b"money"})
    assert list(_cached(path).parent.iterdir()) == [_cached(path)]
    assert weights_of(load_catalogue(path)) is not None
    assert _kept(path)
