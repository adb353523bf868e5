# ruff: noqa: INP001 (a folder of scripts is no package)
"""The router with one part left out, for measuring what the part is worth.

Each variant patches functions and constants of the package, so it has to run in a process of its
own. Nothing is kept on disk: a cache of a maimed router would be taken for the real one.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import checkout  # noqa: F401 (this checkout's package, not an installed one)

from seller_help import learning, router, spelling, store
from seller_help.catalogue import Catalogue, Taught
from seller_help.weights import Weights

Variant = Callable[[Catalogue], Catalogue]


def _kind(feature: str) -> str:
    if feature.startswith("^"):
        return "openings"
    if feature.startswith("="):
        return "wholes"
    return ("roots", "pairs", "triples")[min(feature.count(" "), 2)]


def _features(catalogue: Catalogue, *, without: tuple[str, ...]) -> Catalogue:
    every = learning.features_of

    def some(roots: Sequence[str]) -> list[str]:
        return [feature for feature in every(roots) if _kind(feature) not in without]

    _patch("features_of", some)
    return catalogue


def _constant(catalogue: Catalogue, *, name: str, value: float) -> Catalogue:
    _patch(name, value)
    return catalogue


def _repair(catalogue: Catalogue) -> Catalogue:
    if "meant" not in vars(spelling.Reader):
        raise AttributeError("Reader has no method meant any more: mend benchmarks/ablation.py")
    spelling.Reader.meant = lambda self, word: (word, True)  # type: ignore[method-assign] # noqa: ARG005
    return catalogue


def _words(catalogue: Catalogue, *, field: str) -> Catalogue:
    empty: Any = {} if field == "spelling" else ()
    return replace(catalogue, words=replace(catalogue.words, **{field: empty}))


def _fewer(catalogue: Catalogue, *, part: int) -> Catalogue:
    """A random part of the triggers, the same on every run."""
    triggers = list(catalogue.triggers)
    random.Random(0).shuffle(triggers)  # noqa: S311 (no secret)
    return replace(catalogue, triggers=tuple(triggers[: len(triggers) // part]))


def _patch(name: str, value: Any) -> None:
    """Change a function or constant wherever the package has it."""
    modules = [each for key, each in sys.modules.items() if key.startswith("seller_help.")]
    owners = [module for module in modules if hasattr(module, name)]
    if not owners:
        raise AttributeError(f"the package has no {name} any more: mend benchmarks/ablation.py")
    for module in owners:
        setattr(module, name, value)


VARIANTS: dict[str, Variant] = {
    "everything": lambda catalogue: catalogue,
    # A triple is found by its pairs.
    "without pairs and triples": partial(_features, without=("pairs", "triples")),
    "without triples": partial(_features, without=("triples",)),
    "without openings": partial(_features, without=("openings",)),
    "without wholes": partial(_features, without=("wholes",)),
    "without corrections": partial(_constant, name="PASSES", value=0),
    "without offerings that speak together": partial(_constant, name="BLEND", value=1e-3),
    "without the nearest triggers' vote": partial(_constant, name="SAY", value=0.0),
    "without repair of typos": _repair,
    "without short forms written out": partial(_words, field="spelling"),
    "without courtesies taken off": partial(_words, field="courtesy"),
    "half of the triggers": partial(_fewer, part=2),
    "a quarter of the triggers": partial(_fewer, part=4),
    "an eighth of the triggers": partial(_fewer, part=8),
}


def maimed(name: str, catalogue: Catalogue) -> router.Router:
    """The router of this variant, learned anew in memory."""
    changed = VARIANTS[name](catalogue)
    block = store.compile_catalogue(changed)
    weights = Weights(memoryview(block)[store._CHECK :])  # noqa: SLF001 (behind the checksum)
    taught = Taught(weights, changed.triggers, changed.words)
    return router.Router(replace(changed, taught=taught))
