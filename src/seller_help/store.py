"""Where the compiled form of a catalogue is kept, and when it may be used.

It may be used only if it was made by this very code from files with exactly these contents; else
the YAML is read again. The shipped catalogue's lies beside it in the package, an owner's own in
the user's cache directory. Losing it costs some seconds, never an answer.
"""

from __future__ import annotations

import json
import mmap
import os
import zlib
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, fields
from pathlib import Path
from typing import Any, BinaryIO

from . import __version__
from .catalogue import Catalogue, Facts, Taught, Trigger, digest, find_catalogue, from_plain
from .weights import Weights

SHIPPED = "channels.bin"
MAX_CACHE = 200 << 20  # bytes of the compiled forms that are kept
before_learning: list[Callable[[Catalogue], object]] = []
"""Called before a catalogue is learned from, which may take a while."""
_HERE = Path(__file__).resolve().parent
_CHECK = 8  # bytes before the block: its checksum
_PIECE = 1 << 18  # bytes
_CODE = (  # whatever decides what becomes of the files
    *("reading.py", "filling.py", "loading.py", "catalogue.py", "text.py", "spelling.py"),
    *("learning.py", "compiling.py", "weights.py", "store.py"),
)
_USELESS = (OSError, RuntimeError, ValueError, KeyError, TypeError, IndexError)
"""What a file that is missing, unreadable or no compiled form raises; also a home that is unknown
and links that go round."""


def load_catalogue(path: str | Path | None = None) -> Catalogue:
    """The catalogue of a YAML file, or without one: of the environment, or the shipped one.

    SellerHelpError (`bad-catalogue`) lists everything that is wrong with it.
    """
    source = find_catalogue(None if path is None else str(path))
    weights = _kept(source)
    if weights is None:
        from .loading import read_catalogue  # YAML is read only where it must be: 13 ms

        return read_catalogue(source)
    facts: Facts = from_plain(Facts, {**weights.head["facts"], "words": weights.head["words"]})
    files = {source.parent / name: known for name, known in weights.head["files"].items()}
    triggers = _Stored(weights)
    taught = Taught(weights, triggers, facts.words)
    return Catalogue(**vars(facts), triggers=triggers, files=files, taught=taught)


def weights_of(catalogue: Catalogue) -> Weights:
    """What the catalogue's triggers teach: as it was kept, or learned now and kept for later.

    SellerHelpError (`bad-catalogue`) if there is too much to learn.
    """
    if (taught := catalogue.taught) and (
        taught.triggers is catalogue.triggers and taught.words is catalogue.words
    ):
        weights: Weights = taught.weights
        return weights
    raw = _known_already(catalogue)
    if raw is None:
        for tell in before_learning:
            tell(catalogue)
        raw = compile_catalogue(catalogue)
    if catalogue.may_be_kept:  # or else its files would be taken to say what somebody made of them
        with suppress(OSError, RuntimeError):  # a full or read-only disk costs only time
            _keep(_cached(catalogue.source), raw)
    return Weights(memoryview(raw)[_CHECK:])


def compile_catalogue(catalogue: Catalogue) -> bytes:
    """The compiled form; the same bytes for the same files, with one version of Python.

    SellerHelpError (`bad-catalogue`) if there is too much to learn.
    """
    from .compiling import block_of  # where something is learned only, which takes a while anyway

    try:
        return _checkable(block_of(catalogue, _head(catalogue)))
    except OverflowError as error:
        from .filling import Filler

        what = f"too many words and pairs of words to learn: {error}"
        refusal = Filler(catalogue.source)
        refusal.refuse((str(catalogue.source), 1, 1), "", what, "fewer or shorter triggers")
        raise refusal.error() from None


def _head(catalogue: Catalogue) -> dict[str, Any]:
    """All that is kept of a catalogue beside what its triggers teach."""
    parent = catalogue.source.parent
    facts = asdict(Facts(**{each.name: getattr(catalogue, each.name) for each in fields(Facts)}))
    words = facts.pop("words")
    triggers = [(each.text, each.channel, each.offering) for each in catalogue.triggers]
    return {
        "code": _code(),
        "files": {str(file.relative_to(parent)): it for file, it in catalogue.files.items()},
        "facts": facts,
        "words": words,
        # tells apart the triggers and words, which are all that learning reads
        "lessons": digest(json.dumps([triggers, words]).encode()),
    }


def _checkable(block: bytes) -> bytes:
    return zlib.crc32(block).to_bytes(_CHECK, "little") + block


def _known_already(catalogue: Catalogue) -> bytes | None:
    """The compiled form if one is kept that has learned from the same triggers and words.

    A name or a way was changed then, or only a comment: that is no reason to learn anew.
    """
    with suppress(*_USELESS):
        kept = _sound(_cached(catalogue.source))
        head = _head(catalogue)
        if kept.head["lessons"] == head["lessons"]:
            return _checkable(kept.with_head(head))
    return None


class _Stored(Sequence[Trigger]):
    """The triggers of a compiled catalogue, each read when it is asked for."""

    def __init__(self, weights: Weights) -> None:
        self._weights = weights

    def __len__(self) -> int:
        return len(self._weights)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and tuple(self) == tuple(other)

    __hash__ = None  # type: ignore[assignment] # as of a list: nobody needs it

    def __getitem__(self, at: Any) -> Any:
        found = range(len(self))[at]
        read = self._weights.trigger
        return read(found) if isinstance(found, int) else tuple(map(read, found))


def _kept(source: Path) -> Weights | None:
    """The compiled form of the catalogue in this file, if there is one that may be used."""
    if source.parent == _HERE:
        with suppress(*_USELESS):
            return _checked(_HERE / SHIPPED, source)
    with suppress(*_USELESS):
        return _checked(_cached(source), source)
    return None


def _checked(place: Path, source: Path) -> Weights:
    """The compiled form there; raises if it is another's, damaged, stale or of other code."""
    weights = _sound(place)
    files = weights.head["files"]
    if next(iter(files), None) != source.name:
        raise ValueError("of another catalogue")
    for name, known in files.items():
        with _opened(source.parent / name) as file:
            if digest(file.read()) != known:
                raise ValueError("stale")
    return weights


def _sound(place: Path) -> Weights:
    """The compiled form there, of whatever files; raises if it is damaged or of other code.

    One that was installed with the code is taken to be as sound as the code. It stays as it is, so
    it can be mapped; a file of the cache could be cut short meanwhile, which kills whoever has
    mapped it.
    """
    shipped = place.parent == _HERE
    with _opened(place) as file:
        owner = os.fstat(file.fileno()).st_uid
        if shipped:
            block = memoryview(mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ))[_CHECK:]
        else:
            block = _undamaged(file)
    # Whoever owns this code, or the machine, could change the answers anyway.
    if hasattr(os, "getuid") and owner not in {os.getuid(), Path(__file__).stat().st_uid, 0}:
        raise ValueError("somebody else's file")
    weights = Weights(block)
    if weights.head["code"] != _code():
        raise ValueError("made by other code")
    return weights


def _undamaged(file: BinaryIO) -> memoryview:
    """The block in a file; raises if it is damaged.

    Each piece is checked while the processor still has it at hand: 2 ms of a start. Memory that is
    no file's is mapped for it, as a bytearray would be filled with zeros first: 3 ms; in large
    pages, where there are such: 4 ms.
    """
    check = int.from_bytes(file.read(_CHECK), "little")
    size = max(1, os.fstat(file.fileno()).st_size - _CHECK)
    area = mmap.mmap(-1, size, access=mmap.ACCESS_COPY)
    if hasattr(mmap, "MADV_HUGEPAGE"):
        area.madvise(mmap.MADV_HUGEPAGE)
    block, found = memoryview(area), 0
    for start in range(0, len(block), _PIECE):
        piece = block[start : start + _PIECE]
        file.readinto(piece)  # type: ignore[attr-defined] # BufferedReader has it
        found = zlib.crc32(piece, found)
    if found != check:
        raise ValueError("damaged")
    return block


def _opened(path: Path) -> BinaryIO:
    """The file, open for reading; a pipe or a device is refused and never waited for."""
    if not path.is_file():
        raise OSError("not a regular file")
    return path.open("rb")


def _keep(place: Path, block: bytes) -> None:
    """Write beside the place and rename: whoever reads meanwhile sees the old or the new."""
    import tempfile  # where it is needed only: 10 ms of a start

    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=place.parent, suffix=".bin", delete=False) as file:
        try:
            file.write(block)
            file.close()
            Path(file.name).replace(place)
        except BaseException:
            Path(file.name).unlink()
            raise
    _clear_up(place.parent)


def _clear_up(folder: Path) -> None:
    """Let the files go that were used longest ago, beyond what a cache may hold.

    Among them is what a process that was killed has left half-written.
    """
    room = MAX_CACHE
    with suppress(OSError):  # another process renames or clears up meanwhile
        files = sorted(folder.glob("*.bin"), key=lambda each: each.lstat().st_atime, reverse=True)
        for file in files[1:]:
            room -= file.lstat().st_size
            if room < 0:
                file.unlink()


def _cached(source: Path) -> Path:
    """Where the compiled form of a catalogue of one's own is kept."""
    base = Path(os.environ.get("XDG_CACHE_HOME") or os.environ.get("LOCALAPPDATA") or "")
    folder = base if base.is_absolute() else Path.home() / ".cache"
    return folder / "seller-help" / f"{digest(os.fsencode(source.resolve()))}.bin"


def _code() -> str:
    """What tells this code from any other that reads or learns in another way.

    Where only compiled modules are installed, that is the version.
    """
    try:
        return digest(b"".join((_HERE / name).read_bytes() for name in _CODE))
    except OSError:
        return __version__
