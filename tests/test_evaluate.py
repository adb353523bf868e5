"""`seller-help evaluate`: the measures as a person, a program and a check of one's own see them."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from command import ESCAPES, on_terminal, run
from conftest import TINY

from seller_help.as_json import evaluation_json
from seller_help.as_measures import misses, tables
from seller_help.as_picture import draw_tables
from seller_help.evaluation import evaluate
from seller_help.labelled import read_labelled
from seller_help.streams import PIPE

if TYPE_CHECKING:
    from seller_help.evaluation import Report
    from seller_help.router import Router

LABELLED = Path(__file__).parents[1] / "docs" / "examples" / "labelled.csv"
POSTS = Path(__file__).parent / "messages" / "fresh-posts.jsonl"


@pytest.fixture(scope="module")
def report(router: Router) -> Report:
    """Messages that are not all answered rightly."""
    return evaluate(router, read_labelled(POSTS, router.catalogue))


def test_the_tables_say_what_the_report_says(report: Report) -> None:
    """Accuracy, each channel and none, the confusions, calibration and coverage."""
    shown = {table.title: table for table in tables(report)}
    assert len(shown) == 5
    right, counts = shown["Answers"], shown["Right channel (rows) and answer (columns)"]
    assert right.rows[0] == (f"right, of {report.messages} messages", f"{report.accuracy:.3f}")
    assert sum(int(cell) for row in counts.rows for cell in row[1:]) == report.messages
    assert [row[0] for row in shown["Channels"].rows] == [
        "help-center",
        "chat",
        "community",
        "none",
    ]
    for table in shown.values():
        widths = {len(line) for line in draw_tables([table], PIPE).splitlines()[1:-1]}
        assert len(widths) == 1, "the columns are aligned"


def test_misses_tell_what_misled(report: Report) -> None:
    """Each wrong answer with its message and evidence, the surest ones first."""
    lines = list(misses(report))
    assert lines[0].text == f"{len(report.misses)} wrong answers"
    surest = max(report.misses, key=lambda each: each.confidence)
    assert lines[2].text.startswith(f"{surest.message.id}: {surest.message.channel or 'none'}, not")
    assert (lines[3].label, lines[3].text) == ("Text", surest.message.text)
    assert lines[4].label == "Misled"


def test_json_has_everything(report: Report) -> None:
    """All measures and every miss; no NaN and no infinity."""
    facts = json.loads(evaluation_json(report))
    assert facts["schema_version"] == 1
    assert facts["accuracy"] == pytest.approx(report.accuracy, abs=1e-4)
    assert len(facts["misses"]) == len(report.misses)
    assert facts["misses"][0]["misled"][0].keys() == {"kind", "text", "strength"}
    assert {each["label"] for each in facts["labels"]} == {*(c["id"] for c in ids()), None}


def ids() -> list[dict[str, str]]:
    """The shipped channels as `list` has them."""
    channels: list[dict[str, str]] = json.loads(run("list", "--json").stdout)["channels"]
    return channels


def test_the_command() -> None:
    """Tables in a pipe, one object with --json."""
    done = run("evaluate", str(LABELLED))
    assert (done.returncode, done.stderr) == (0, "")
    assert "right, of 6 messages" in done.stdout
    assert json.loads(run("evaluate", str(LABELLED), "--json").stdout)["messages"] == 6


@pytest.mark.parametrize(("bound", "code"), [("0.5", 0), ("1", 1)])
def test_min_accuracy(bound: str, code: int) -> None:
    """A catalogue owner's own check fails below the bound, and says why."""
    done = run("evaluate", str(POSTS), "--min-accuracy", bound)
    assert done.returncode == code
    assert ("is below 1.0" in done.stderr) == bool(code)
    assert run("evaluate", str(POSTS), "--min-accuracy", bound, "--json").returncode == code


def test_no_messages_are_no_success(tmp_path: Path) -> None:
    """Nothing was measured, so no bound was reached."""
    empty = tmp_path / "empty.jsonl"
    empty.write_text("")
    assert run("evaluate", str(empty)).returncode == 0
    assert run("evaluate", str(empty), "--min-accuracy", "0.1").returncode == 1


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("own.csv", "id,note,message,channel\n7,text,payout failed,chat\n"),
        ("own.jsonl", '{"id": 7, "message": "payout failed", "channel": "chat"}\n'),
    ],
)
def test_the_message_may_stand_elsewhere(tmp_path: Path, name: str, text: str) -> None:
    """In the column or key of the export that `batch` has read too."""
    own = tmp_path / name
    own.write_text(text)
    done = run("evaluate", str(own), "--text-field", "message", "--json")
    assert json.loads(done.stdout)["accuracy"] == 1
    without = run("evaluate", str(own))
    assert (without.returncode, without.stdout) == (2 if name == "own.csv" else 4, "")
    assert "'text'" in without.stderr
    assert ("--text-field NAME" in without.stderr) == (name == "own.csv")


def test_no_number_is_no_floor(tmp_path: Path) -> None:
    """`nan` is less than nothing and more than nothing: nobody gets past it."""
    own = tmp_path / "own.csv"
    own.write_text("text,channel\npayout failed,chat\n")
    assert run("evaluate", str(own), "--min-accuracy", "1").returncode == 0
    assert run("evaluate", str(own), "--min-accuracy", "nan").returncode == 1


def test_an_unknown_label_is_located(tmp_path: Path) -> None:
    """With file, line and the nearest channel."""
    bad = tmp_path / "bad.csv"
    bad.write_text("text,channel\npayout failed,chta\n")
    done = run("evaluate", str(bad))
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr.startswith(f"{bad}:2:")
    assert "chat" in done.stderr


def test_the_picture(tmp_path: Path) -> None:
    """An SVG of its own: it parses, shows no message, and asks the network for nothing."""
    path = tmp_path / "report.svg"
    assert run("evaluate", str(POSTS), "--report", str(path)).returncode == 0
    drawn = ET.parse(path)  # noqa: S314 - we have just written it
    text = "".join(drawn.getroot().itertext())
    assert "precision" in text
    assert "url(" not in text
    assert "Manage" not in text
    bad = tmp_path / "no" / "report.svg"
    done = run("evaluate", str(LABELLED), "--report", str(bad))
    assert (done.returncode, done.stdout, done.stderr.count("\n")) == (4, "", 1)


def test_a_picture_has_the_name_of_one(tmp_path: Path) -> None:
    """SVG under another name would be opened by the wrong program; nothing is measured first."""
    path = tmp_path / "report.png"
    done = run("evaluate", "missing.csv", "--report", str(path))
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr == (
        f"seller-help: the report is an SVG picture, and {path} says otherwise\n"
        "hint: give it a name that ends in .svg\n"
    )
    assert not path.exists()


def test_a_terminal_shows_a_heat_map() -> None:
    """Colour on the cells of the matrix, and the same figures as in a pipe."""
    shown, code = on_terminal("evaluate", str(POSTS), columns=100)
    assert code == 0
    assert "\x1b[1;38;5;231;48;5;20m" in shown
    plain, _ = on_terminal("--color", "never", "evaluate", str(POSTS), columns=100)
    assert "\x1b" not in plain
    assert ESCAPES.sub("", shown).split() == plain.split()
    piped = run("evaluate", str(POSTS)).stdout
    rules = "\u2500-+|"
    lean, said = ([word.rstrip(":") for word in each.split()] for each in (plain, piped))
    assert [word for word in lean if word.strip(rules)] == [
        word for word in said if word.strip(rules)
    ]


EDITED = TINY.replace("fees are wrong", "fees are wrong, invoice missing, the invoice tomorrow")
MESSAGES = """\
id,text,channel
1,invoice missing,money
2,rain tomorrow,none
3,tomorrow the invoice,none
4,"package,\x1b[31m parcel",parcels
5,the joke \x1b[31m invoice,parcels
"""
COMPARED = """\
Right before: 0.600, now: 0.600 (+0.000)

Gained: 1 (wrong before, right now)
1: money, before none (P)
Text: invoice missing

Lost: 1 (right before, wrong now)
3: money, before none (P)
Text: tomorrow the invoice

Changed: 1 (wrong before and now)
5: money, before none (P, right is parcels)
Text: the joke \\x1b[31m invoice
"""


def compared(write: Callable[..., Path], *more: str) -> tuple[str, ...]:
    """A command that compares the edited catalogue with the one before, on messages of its own."""
    old = write()
    new = old.with_name("new.yaml")
    new.write_text(EDITED, "utf-8")
    labelled = old.with_name("labelled.csv")
    labelled.write_text(MESSAGES, "utf-8")
    return ("--catalogue", str(new), "evaluate", str(labelled), "--base", str(old), *more)


def test_an_edit_is_compared_with_what_was_before(write: Callable[..., Path]) -> None:
    """Accuracy before and after, and each message that goes elsewhere."""
    done = run(*compared(write))
    assert (done.returncode, done.stderr) == (0, "")
    shown = done.stdout[done.stdout.index("Right before") :]
    assert re.sub(r">?\d+ %", "P", shown) == COMPARED
    on_screen, _ = on_terminal("--color", "never", *compared(write), columns=100)
    assert [
        word for word in shown.replace("Text:", "Text").split() if word not in on_screen.split()
    ] == []
    assert "Right before" not in run(*compared(write)[:-2]).stdout


def test_a_comparison_as_json(write: Callable[..., Path]) -> None:
    """The same for programs, with the whole message; null without a base."""
    found = json.loads(run(*compared(write), "--json").stdout)["compared"]
    groups = {name: found.pop(name) for name in ("gained", "lost", "changed")}
    assert found == {"accuracy": 0.6, "difference": 0.0}
    assert {
        name: [(each["message"]["id"], each["before"], each["answer"]) for each in group]
        for name, group in groups.items()
    } == {
        "gained": [("1", None, "money")],
        "lost": [("3", None, "money")],
        "changed": [("5", None, "money")],
    }
    assert groups["gained"][0]["message"]["text"] == "invoice missing"
    assert 0 < groups["gained"][0]["confidence"] <= 1
    assert json.loads(run(*compared(write)[:-2], "--json").stdout)["compared"] is None


@pytest.mark.parametrize(("bound", "code"), [("0.6", 0), ("0.61", 1)])
def test_the_bound_is_for_the_new_one(write: Callable[..., Path], bound: str, code: int) -> None:
    """What the base reached does not count."""
    assert run(*compared(write), "--min-accuracy", bound).returncode == code


def test_a_base_that_cannot_be_read(write: Callable[..., Path]) -> None:
    """Its faults are told as any catalogue's are."""
    done = run(*compared(write)[:-1], "none.yaml")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith("none.yaml:1:1: ")
