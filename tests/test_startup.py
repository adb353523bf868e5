"""A start loads what it needs, and no more."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

import seller_help

if TYPE_CHECKING:
    from seller_help.catalogue import Catalogue

LEARNING = {"seller_help.learning", "random"}
READING = {"yaml", *(f"seller_help.{name}" for name in ("loading", "filling", "reading"))}
NEVER = {"pydantic", "rich", "asyncio", "socket", "typer", "tempfile", "ctypes"}
ROUTE = "seller_help.Router(seller_help.load_catalogue()).route({!r}){}"


def loaded(code: str, *names: str) -> set[str]:
    """The modules that are loaded after this code has run in a process of its own."""
    source = str(Path(seller_help.__file__).parents[1])
    done = subprocess.run(
        [sys.executable, "-c", f"import seller_help, sys; {code}; print(*sys.modules)", *names],
        env={**os.environ, "PYTHONPATH": source},
        capture_output=True,
        text=True,
        check=True,
    )
    return set(done.stdout.split())


def test_the_package_itself_loads_nothing() -> None:
    """`--version` has to start at once."""
    assert not {name for name in loaded("seller_help.__version__") if "seller_help." in name}


@pytest.mark.parametrize(
    "code",
    [
        "seller_help.load_catalogue()",
        ROUTE.format("payout failed", ""),
        ROUTE.format("", ".candidates"),
        ROUTE.format("hello", ".candidates"),
    ],
)
def test_a_compiled_catalogue_needs_no_yaml_and_no_learning(
    catalogue: Catalogue, code: str
) -> None:
    """Nor rapidfuzz, where the words alone decide and nobody asks why."""
    assert catalogue.taught
    found = loaded(code)
    assert found & (LEARNING | READING | NEVER) == set()
    assert "rapidfuzz" not in found


@pytest.mark.parametrize(
    "code", [ROUTE.format("payuot failed", ""), ROUTE.format("payout failed", ".candidates")]
)
def test_rapidfuzz_comes_when_it_is_needed(catalogue: Catalogue, code: str) -> None:
    """For a typo, and for the triggers that explain an answer."""
    assert catalogue.taught
    found = loaded(code)
    assert "rapidfuzz" in found
    assert found & (LEARNING | READING | NEVER) == set()


def test_a_catalogue_that_was_never_compiled_is_read_and_learned(tmp_path: Path) -> None:
    """Once: the next process finds it compiled."""
    path = tmp_path / "own.yaml"
    path.write_text("channels: [{id: a, name: A, triggers: [payout failed]}]", "utf-8")
    code = "seller_help.Router(seller_help.load_catalogue(sys.argv[1])).route('payout')"
    assert loaded(code, str(path)) >= LEARNING | READING
    assert loaded(code, str(path)) & (LEARNING | READING | NEVER) == set()
