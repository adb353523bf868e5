"""The documents tell the truth: their examples are run again, and nothing is left out."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from command import environment

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "--- end of the output ---"


def blocks() -> list[tuple[str, str]]:
    """The console blocks that run seller-help and nothing that has to be installed."""
    found = []
    for page in PAGES:
        for number, match in enumerate(BLOCK.finditer(page.read_text("utf-8")), 1):
            commands = [line for line in match[1].splitlines() if line.startswith("$ ")]
            if commands and all(
                re.match(r"\$ (seller-help|echo|cat|head|grep) ?", each) for each in commands
            ):
                found.append((f"{page.relative_to(ROOT)} {number}", match[1]))
    return found


def sessions(block: str) -> list[tuple[str, str]]:
    """Each command of a block with the output that the document shows."""
    parts = re.split(r"^\$ (.*)\n", block, flags=re.MULTILINE)[1:]
    return list(zip(parts[::2], parts[1::2], strict=True))


def outputs(commands: list[str], directory: Path) -> list[str]:
    """What a shell prints for these commands, output and errors as they come."""
    tool = directory / "bin" / "seller-help"
    tool.parent.mkdir()
    tool.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -P -m seller_help "$@"\n')
    tool.chmod(0o755)
    here = directory / "here"
    shutil.copytree(ROOT / "docs" / "examples", here)
    script = "".join(f"{each}\ncode=$?; echo '{END}'; (exit $code)\n" for each in commands)
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"],
        env=environment(PATH=f"{tool.parent}{os.pathsep}{os.environ['PATH']}"),
        cwd=here,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    shown = done.stdout.decode("utf-8").replace("\r\n", "\n")  # CSV ends its lines so
    return shown.split(f"{END}\n")[:-1]


@pytest.mark.parametrize(("place", "block"), blocks(), ids=lambda each: each.partition("\n")[0])
def test_examples_print_what_they_show(place: str, block: str, tmp_path: Path) -> None:
    """Each console block, run again, prints what stands there; `...` stands for any lines."""
    shown = sessions(block)
    for (command, expected), real in zip(
        shown, outputs([command for command, _ in shown], tmp_path), strict=True
    ):
        pattern = re.escape(expected.strip()).replace(re.escape("\n...\n"), r"\n(?:.*\n)*")
        assert re.fullmatch(pattern, real.strip()), f"{place}: $ {command}\n{real}"


def test_the_readme_shows_the_three_commands() -> None:
    """A seller in a hurry sees route, path and list with real output."""
    shown = [command for place, block in blocks() for command, _ in sessions(block) if place]
    for command in ("route", "path", "list"):
        assert any(each.startswith(f"seller-help {command}") for each in shown), command
