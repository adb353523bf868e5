"""The shape of the package: who may import whom, and what a run may load."""

from __future__ import annotations

import ast
import subprocess
import sys
from graphlib import TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from command import environment

import seller_help

if TYPE_CHECKING:
    from seller_help.catalogue import Catalogue

PACKAGE = Path(seller_help.__file__).parent
MODULES = {path.stem: ast.parse(path.read_text("utf-8")) for path in PACKAGE.glob("*.py")}
SHELL = {"main", "__main__", "asking", "batch", "cli", "completing", "mistakes", "streams"}
VIEWS = {"lines", "as_terminal", "as_json", "as_measures", "as_picture"}
CORE = MODULES.keys() - SHELL - VIEWS - {"__init__"}


def imports(module: str) -> set[str]:
    """What a module imports when it runs, anywhere in it; its own package's modules bare."""
    found = set()
    for node in running(MODULES[module]):
        if isinstance(node, ast.Import):
            found |= {alias.name.removeprefix("seller_help.") for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and (node.level or node.module == "seller_help"):
            inner = {node.module} if node.level and node.module else set()
            found |= inner or {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found.add(node.module.removeprefix("seller_help."))
    return {name.partition(".")[0] for name in found}


def running(tree: ast.AST) -> list[ast.AST]:
    """All nodes but those under `if TYPE_CHECKING`."""
    nodes = [tree]
    for node in nodes:
        if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING":
            continue
        nodes.extend(ast.iter_child_nodes(node))
    return nodes


def test_the_parts_are_all_there() -> None:
    """A module that is renamed has to be placed in a layer again."""
    assert not (SHELL | VIEWS) - MODULES.keys()
    assert not {"catalogue", "decision", "errors", "router", "store", "text"} - CORE


def test_the_architecture_page_names_the_layers() -> None:
    """Who reads it finds the modules where they are."""
    page = (Path(__file__).parents[1] / "docs" / "architecture.md").read_text("utf-8")
    rows = {row.split(" ")[1]: row for row in page.splitlines() if row.startswith("| ")}
    for layer, modules in (("views", VIEWS), ("shell", SHELL - {"__main__"})):
        for module in modules:
            assert f"`{module}`" in rows[layer].split("|")[2], module


def test_the_core_knows_no_view_and_no_shell() -> None:
    """Data flows one way: catalogue, router, decision, view."""
    for module in CORE:
        assert not imports(module) & (SHELL | VIEWS), module


def test_views_know_no_shell() -> None:
    """A view gets a decision and gives text; it neither parses nor writes."""
    for module in VIEWS:
        assert not imports(module) & SHELL, module


@pytest.mark.parametrize(
    ("library", "owners"),
    [
        ("typer", {"cli", "completing", "mistakes"}),
        ("readline", {"asking"}),
        ("rich", {"as_terminal", "as_picture"}),
        ("click", set()),
        ("yaml", None),
    ],
)
def test_each_library_has_its_place(library: str, owners: set[str] | None) -> None:
    """The command line and the look can be changed in one place; the core has neither."""
    users = {module for module in MODULES if library in imports(module)}
    assert users == owners if owners is not None else users <= CORE


def test_no_module_imports_itself_round() -> None:
    """Modules have an order: it can be read from the bottom up."""
    graph = {module: imports(module) & MODULES.keys() for module in MODULES}
    assert list(TopologicalSorter(graph).static_order())


def test_only_the_shell_writes() -> None:
    """No print anywhere: a view returns text, and one place writes it."""
    for module, tree in MODULES.items():
        calls = [node.func for node in ast.walk(tree) if isinstance(node, ast.Call)]
        assert not [call for call in calls if isinstance(call, ast.Name) and call.id == "print"], (
            module
        )


def loaded(*arguments: str, env: dict[str, str] | None = None) -> set[str]:
    """The top-level modules that a run has loaded at its end."""
    code = (
        "import atexit, sys\n"
        "atexit.register(lambda: print(*sys.modules, file=sys.stderr))\n"
        f"sys.argv = ['seller-help', *{arguments!r}]\n"
        "from seller_help.main import main\nmain()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment(**(env or {})),
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return set(done.stderr.split())


@pytest.mark.parametrize(
    ("arguments", "never"),
    [
        (("route", "payout failed", "--json"), {"pydantic", "rich", "asyncio", "socket", "yaml"}),
        (("route", "payout failed"), {"pydantic", "rich", "asyncio", "socket", "yaml"}),
        (("path", "chat"), {"pydantic", "rich", "asyncio", "socket", "rapidfuzz", "yaml"}),
        (("list",), {"pydantic", "rich", "asyncio", "socket", "rapidfuzz", "yaml"}),
        (("--version",), {"typer", "dataclasses", "re", "json", "yaml", "rapidfuzz"}),
    ],
)
def test_a_run_loads_no_more_than_it_needs(arguments: tuple[str, ...], never: set[str]) -> None:
    """What need not be loaded is the time that a seller does not wait."""
    assert not loaded(*arguments) & never


LIBRARIES = {"typer", "annotated_doc", "shellingham", "rapidfuzz", "cython_runtime", "seller_help"}
"""What a routed message may load beside Python's own; Typer brings the second and the third."""
HEAVY = {
    *("asyncio", "concurrent", "ctypes", "decimal", "email", "html", "http", "logging", "pickle"),
    *("multiprocessing", "random", "secrets", "socket", "sqlite3", "ssl", "tempfile", "unittest"),
    *("xml", "zipfile", "hashlib"),
}


def test_what_a_routed_message_may_load(catalogue: Catalogue) -> None:
    """The whole list, so that a new import is a decision and no accident."""
    assert catalogue.taught
    found = loaded("route", "payout failed", "--json")
    others = {name.partition(".")[0] for name in found} - sys.stdlib_module_names
    assert {name for name in others if name[0] != "_"} <= LIBRARIES
    assert not found & HEAVY
    ours = {name.removeprefix("seller_help.") for name in found if "seller_help." in name}
    assert ours == {
        *("main", "cli", "mistakes", "streams", "errors", "store", "catalogue", "weights"),
        *("router", "decision", "evidence", "nearest", "spelling", "text", "lines", "as_json"),
    }
