# ruff: noqa: INP001 (a folder of scripts is no package)
"""Writes the reference pages: commands from their own `--help`, Python names from their docstrings.

    python tools/reference.py

writes `docs/commands.md` and `docs/api.md`; `tests/test_reference.py` fails where they are stale.
"""

from __future__ import annotations

import ast
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))  # this checkout's package, not an installed one

import typer.main  # noqa: E402

import seller_help  # noqa: E402
from seller_help.cli import app  # noqa: E402

COMMANDS = """\
# Commands

Everything that can be typed, as `--help` prints it. This page is written by
`python tools/reference.py`; change the help texts in `src/seller_help/cli.py` instead.
"""
API = """\
# Python names

Every public name of the package `seller_help`, from its docstrings; [From Python](python.md) shows
them at work. This page is written by `python tools/reference.py`; change the docstrings instead.
"""


def main() -> None:
    """Write both pages."""
    for name, page in pages().items():
        (ROOT / "docs" / name).write_text(page, "utf-8")


def pages() -> dict[str, str]:
    """The text of each page, by its name in `docs`."""
    helped = (
        f"\n## `{each}`\n\n```console\n$ {each} --help\n{help_of(each)}```\n"
        for each in all_commands()
    )
    return {
        "commands.md": COMMANDS + "".join(helped),
        "api.md": API + "".join(map(described, sorted(set(seller_help.__all__) - {"__version__"}))),
    }


def all_commands() -> list[str]:
    """Each public command line without its arguments, groups before what is in them."""
    return [name for name, _ in walk("seller-help", typer.main.get_command(app))]


def walk(name: str, command: Any) -> Iterator[tuple[str, Any]]:
    """A command and those below it, by their full names; hidden ones are not public."""
    yield name, command
    for inner, each in getattr(command, "commands", {}).items():
        if not each.hidden:
            yield from walk(f"{name} {inner}", each)


def help_of(name: str) -> str:
    """What a command prints for `--help`, in a pipe."""
    words = [*name.split()[1:], "--help"]
    kept = {key: value for key, value in os.environ.items() if key != "COLUMNS"}
    done = subprocess.run(  # noqa: S603
        [sys.executable, "-m", "seller_help", *words],
        env={**kept, "PYTHONPATH": str(ROOT / "src")},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout


def described(name: str) -> str:
    """One public name as a section: its docstring, and those of what it has."""
    source = ROOT / "src" / "seller_help" / f"{seller_help._HOMES[name]}.py"  # noqa: SLF001
    named = {
        each.name: each
        for each in ast.parse(source.read_text("utf-8")).body
        if isinstance(each, ast.ClassDef | ast.FunctionDef)
    }
    node = named[name]
    if isinstance(node, ast.FunctionDef):
        return f"\n## `{signature(node)}`\n\n{ast.get_docstring(node)}\n"
    family = [named.get(ast.unparse(base)) for base in node.bases] + [node]
    lines = {  # what a class says anew of a field stands in that field's place
        line.partition(":")[0]: f"- {line}\n"
        for each in family
        if isinstance(each, ast.ClassDef)
        for line in members(each)
    }
    head = f"\n## `{name}{parameters(node)}`\n\n{ast.get_docstring(node)}\n\n"
    return head + "".join(lines.values())


def parameters(node: ast.ClassDef) -> str:
    """What a class is made with, if it says so itself; a dataclass is made with its fields."""
    made = (
        each for each in node.body if isinstance(each, ast.FunctionDef) and each.name == "__init__"
    )
    init = next(made, None)
    return "" if init is None else signature(init).removeprefix("__init__").partition(" -> ")[0]


def signature(node: ast.FunctionDef) -> str:
    """A function as it is called."""
    given = ast.unparse(node.args).removeprefix("self, ").removeprefix("self")
    returned = f" -> {ast.unparse(node.returns)}" if node.returns else ""
    return f"{node.name}({given}){returned}"


def members(node: ast.ClassDef) -> Iterator[str]:
    """The fields, properties and methods of a class, each with what is said about it."""
    for each, after in zip(node.body, [*node.body[1:], None], strict=True):
        if isinstance(each, ast.AnnAssign) and (shown := ast.unparse(each.target))[0] != "_":
            yield told(f"{shown}: {ast.unparse(each.annotation)}", field_doc(after))
        elif isinstance(each, ast.FunctionDef) and each.name[0] != "_":
            plain = any("property" in ast.unparse(mark) for mark in each.decorator_list)
            returned = ast.unparse(each.returns) if each.returns else ""
            yield told(
                f"{each.name}: {returned}" if plain else signature(each), ast.get_docstring(each)
            )


def field_doc(after: ast.stmt | None) -> str | None:
    """The string below a field."""
    if isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant):
        return str(after.value.value)
    return None


def told(shown: str, doc: str | None) -> str:
    """One member on one line."""
    return f"`{shown}`" + (f" {' '.join(doc.split())}" if doc else "")


if __name__ == "__main__":
    main()
