# ruff: noqa: INP001 (a folder of scripts is no package)
"""Draws the terminal pictures of the documents: real runs, on a terminal, exported by Rich.

    python tools/pictures.py

writes `docs/pictures/*.svg`; `tests/test_pictures.py` fails where they are stale. It needs a system
with pseudo-terminals.
"""

from __future__ import annotations

import io
import shlex
import sys
import tempfile
from pathlib import Path

from rich.console import Console
from rich.text import Text

ROOT = Path(__file__).resolve().parents[1]
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "tests")]  # this checkout's, not an installed one

from command import on_terminal, run  # noqa: E402

from seller_help.as_picture import exported  # noqa: E402

HERE = ROOT / "docs" / "pictures"
COLUMNS = 80
RUNS = {
    "route": ("route", "my pyout bounced, rent is due friday"),
    "unsure": ("route", "--explain", "shipping label"),
    "list": ("list",),
}
LABELLED = ROOT / "docs" / "examples" / "export-labelled.csv"


def main() -> None:
    """Write all pictures."""
    HERE.mkdir(exist_ok=True)
    for name, picture in pictures().items():
        (HERE / name).write_text(picture, "utf-8")


def pictures() -> dict[str, str]:
    """Each picture by the name of its file."""
    drawn = {f"{name}.svg": of_terminal(*arguments) for name, arguments in RUNS.items()}
    with tempfile.TemporaryDirectory() as folder:
        report = Path(folder) / "evaluate.svg"
        run("evaluate", str(LABELLED), "--report", str(report))
        return {**drawn, report.name: report.read_text("utf-8")}


def of_terminal(*arguments: str) -> str:
    """What a command line shows on a terminal, below the line itself."""
    shown, _ = on_terminal(*arguments, columns=COLUMNS)
    typed = shlex.join(("seller-help", *arguments)).replace("'", '"')
    console = Console(file=io.StringIO(), record=True, width=COLUMNS, _environ={})
    console.print(Text.assemble("$ ", (typed, "bold")), Text.from_ansi(shown.rstrip()), sep="\n")
    return exported(console, "seller-help")


if __name__ == "__main__":
    main()
