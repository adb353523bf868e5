"""What many tests share: the shipped catalogue and its router, a tiny catalogue, caches apart."""

from __future__ import annotations

import shutil
import signal
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from seller_help.catalogue import Catalogue, find_catalogue
from seller_help.router import Router
from seller_help.store import _cached, load_catalogue, weights_of

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "docs" / "examples").glob("*/channels.yaml"))
"""The catalogues that are shipped as examples, each in a folder of its own."""
TINY = """\
channels:
  - id: money
    name: Money
    triggers: [payout failed, where is my payout, the bank refused my payout, fees are wrong]
  - id: parcels
    name: Parcels
    triggers: [parcel lost, the courier lost my parcel, package damaged, where is my package]
off_topic:
  triggers: [what is the weather, tell me a joke, rain tomorrow]
"""


@pytest.fixture(scope="session", autouse=True)
def caches(tmp_path_factory: pytest.TempPathFactory, pytestconfig: pytest.Config) -> Iterator[Path]:
    """A cache of compiled catalogues for these tests alone, the shipped one in it from the start.

    That one is kept from session to session beside pytest's own files, as learning takes long; the
    program's own checks find out if it is stale.
    """
    with pytest.MonkeyPatch.context() as patch:
        folder = tmp_path_factory.mktemp("cache")
        patch.setenv("XDG_CACHE_HOME", str(folder))
        patch.delenv("SELLER_HELP_CATALOGUE", raising=False)
        assert pytestconfig.cache is not None
        kept = pytestconfig.cache.mkdir("seller-help") / "shipped.bin"
        place = _cached(find_catalogue())
        place.parent.mkdir()
        if kept.exists():
            shutil.copy(kept, place)
        weights_of(load_catalogue())
        if place.exists():  # else the wheel under test brings its own
            shutil.copy(place, kept)
        yield folder


@pytest.fixture(scope="session", autouse=True)
def ctrl_c() -> None:
    """Ctrl-C reaches what the tests start, also where they run as a job in the background."""
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(scope="session")
def catalogue(caches: Path) -> Catalogue:
    """The shipped catalogue, in its compiled form."""
    assert caches.is_dir()
    return load_catalogue()


@pytest.fixture(scope="session")
def router(catalogue: Catalogue) -> Router:
    """A router of the shipped catalogue."""
    return Router(catalogue)


@pytest.fixture(
    scope="session",
    params=[None, *EXAMPLES],
    ids=["sellers", *(each.parent.name for each in EXAMPLES)],
)
def any_router(request: pytest.FixtureRequest, router: Router) -> Router:
    """A router of each catalogue that is in the repository, one after another."""
    return Router(load_catalogue(request.param)) if request.param else router


def steps(work: Callable[[], object]) -> int:
    """How many calls the work takes, of Python's functions and of those in C.

    That grows with what is done, and is the same on every machine: a time would be neither.
    """
    count = 0

    def counted(_: object, event: str, __: object) -> None:
        nonlocal count
        count += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(counted)
    try:
        work()
    finally:
        sys.setprofile(before)
    return count


@pytest.fixture
def write(tmp_path: Path) -> Callable[..., Path]:
    """Writes a catalogue (tiny, unless a text is given) and files beside it; gives its path."""

    def written(text: str = TINY, **beside: str) -> Path:
        path = tmp_path / "own.yaml"
        path.write_text(text, "utf-8")
        for name, content in beside.items():
            (tmp_path / f"{name}.yaml").write_text(content, "utf-8")
        return path

    return written


@pytest.fixture
def routing(write: Callable[..., Path]) -> Callable[..., Router]:
    """A router of a catalogue that is written as `write` does."""
    return lambda *text, **beside: Router(load_catalogue(write(*text, **beside)))
