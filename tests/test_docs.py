"""The documents tell the truth: their examples are run again, and nothing is left out."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest
from command import environment, tool

from seller_help.errors import EXIT_CODES

ROOT = Path(__file__).parents[1]
PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```console\n(.*?)^```$", re.MULTILINE | re.DOTALL)
END = "--- end of the output ---"


def sessions(page: Path) -> list[tuple[str, str]]:
    """A page's commands in their order, each with the output that the page shows.

    Taken are the console blocks that run seller-help and nothing that has to be installed.
    """
    found: list[str] = []
    for match in BLOCK.finditer(page.read_text("utf-8")):
        parts = re.split(r"^\$ (.*)\n", match[1], flags=re.MULTILINE)[1:]
        if all(
            re.match("(seller-help|echo|cat|head|grep|sed|diff) ?", each) for each in parts[::2]
        ):
            found += parts
    return list(zip(found[::2], found[1::2], strict=True))


def outputs(commands: list[str], directory: Path) -> list[str]:
    """What a shell prints for these commands, output and errors as they come."""
    here = directory / "here"
    shutil.copytree(ROOT / "docs" / "examples", here)
    script = "".join(f"{each}\ncode=$?; echo '{END}'; (exit $code)\n" for each in commands)
    done = subprocess.run(
        ["bash", "-c", f"exec 2>&1\n{script}"],
        env=environment(PATH=f"{tool(directory)}{os.pathsep}{os.environ['PATH']}"),
        cwd=here,
        stdout=subprocess.PIPE,
        stdin=subprocess.DEVNULL,
        check=False,
    )
    shown = done.stdout.decode("utf-8").replace("\r\n", "\n")  # CSV ends its lines so
    return shown.split(f"{END}\n")[:-1]


@pytest.mark.parametrize(
    "page", [page for page in PAGES if sessions(page)], ids=lambda page: page.name
)
def test_examples_print_what_they_show(page: Path, tmp_path: Path) -> None:
    """A page's commands, run again one after another in one place, print what stands there.

    `...` on a line of its own stands for any lines.
    """
    shown = sessions(page)
    for (command, expected), real in zip(
        shown, outputs([command for command, _ in shown], tmp_path), strict=True
    ):
        lines = re.escape(f"{expected.strip()}\n").replace(re.escape("\n...\n"), r"\n(?:.*\n)*")
        assert re.fullmatch(lines, f"{real.strip()}\n"), f"{page.name}: $ {command}\n{real}"


@pytest.mark.parametrize(
    "command", ["route", "path", "list", "batch", "evaluate", "catalogue", "check"]
)
def test_each_reader_finds_real_output(command: str) -> None:
    """A seller sees route, path and list at work, a support lead all the others."""
    shown = [each for page in PAGES if page.name != "commands.md" for each, _ in sessions(page)]
    assert any(each.startswith(f"seller-help {command}") for each in shown)


def test_links_outside_the_site_lead_somewhere() -> None:
    """The pages at the top of the repository: MkDocs checks those in docs only."""
    for page in [*ROOT.glob("*.md"), *ROOT.glob("tests/*/*.md")]:
        for file, anchor in re.findall(r"\]\(([^):#]*)(?:#([^)]*))?\)", page.read_text("utf-8")):
            target = page.parent / file if file else page
            assert target.exists(), f"{page.name}: {file}"
            if anchor:
                heads = re.findall(r"^#+ (.*)", target.read_text("utf-8"), flags=re.MULTILINE)
                slugs = {re.sub(r"[^\w -]", "", head.lower()).replace(" ", "-") for head in heads}
                assert anchor in slugs, f"{page.name}: {file}#{anchor}"


def test_the_table_of_errors_has_their_exit_codes() -> None:
    """Who acts on an error's code finds there with what the program ends."""
    page = (ROOT / "docs" / "python.md").read_text("utf-8")
    told = dict(re.findall(r"^\| `([a-z-]+)` \| (\d+) \|", page, re.MULTILINE))
    assert told
    assert {code: str(number) for code, number in EXIT_CODES.items() if code in told} == told


@pytest.mark.parametrize("page", [ROOT / "README.md", ROOT / "docs" / "python.md"])
def test_python_examples_give_what_they_say(page: Path) -> None:
    """A first example runs as it stands, and `# 'chat'` behind an expression is its value."""
    match = re.search(r"^```python\n(.*?)^```$", page.read_text("utf-8"), re.MULTILINE | re.DOTALL)
    assert match is not None
    names: dict[str, object] = {}
    exec(match[1], names)  # noqa: S102 - our own page
    told = re.findall(r"^(\S.*?)  # '([\w-]+)'", match[1], re.MULTILINE)
    assert told
    for expression, value in told:
        assert eval(expression, names) == value, expression  # noqa: S307
