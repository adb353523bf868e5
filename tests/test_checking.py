"""`seller-help check`: each finding with its exact place, and a shipped catalogue without any."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from command import ESCAPES, on_terminal, run
from test_catalogue_files import outcome

from seller_help.catalogue import find_catalogue
from seller_help.checking import Finding, check

ROOT = Path(__file__).parents[1]
PAGE = (ROOT / "docs" / "checks.md").read_text("utf-8")
CODES = ["E01", *(f"W{number:02}" for number in range(1, 11))]
SOUND = """\
channels:
  - id: money
    name: Money
    access: [{steps: [Menu, Money]}]
    triggers:
      - payout failed
      - where is my payout
      - the bank refused my payout
      - fees are wrong
  - id: parcels
    name: Parcels
    access: [{steps: [Menu, Parcels]}]
    offerings:
      - id: lost
        name: Lost parcels
        triggers:
          - parcel lost
          - the courier lost my parcel
          - package damaged
          - where is my package
off_topic:
  triggers: [what is the weather, tell me a joke, rain tomorrow]
words: words.yaml
"""
WORDS = "spelling:\n  pls: please\ncourtesy: [hello, please, thanks]\n"


@pytest.fixture
def found(write: Callable[..., Path]) -> Callable[..., list[str]]:
    """What is found in the sound catalogue with one thing changed: `line:column code about`."""

    def findings(old: str = "", new: str = "", words: str = WORDS) -> list[str]:
        path = write(SOUND.replace(old, new, 1) if old else SOUND, words=words)
        return [_told(each, path) for each in check(path).findings]

    return findings


def _told(finding: Finding, path: Path) -> str:
    at = finding.problem
    beside = "" if at.file == str(path) else f"{Path(at.file).name}:"
    return f"{beside}{at.line}:{at.column} {finding.code} {finding.about}"


def test_a_sound_catalogue_has_no_finding(found: Callable[..., list[str]]) -> None:
    """What is right is left in peace."""
    assert found() == []


FAULTS = {
    "E01, a field of the wrong kind": ("name: Money", "name: [Money]", ["3:11 E01 "]),
    "E01, a way without steps": ("[{steps: [Menu, Money]}]", "[{name: menu}]", ["4:14 E01 "]),
    "E01, several": (
        "name: Money\n",
        "nam: Money\n    next: parcel\n",
        ["2:5 E01 ", "3:5 E01 ", "4:11 E01 "],
    ),
    "W01, the same words in another order": (
        "- package damaged",
        "- my payout is where",
        ["19:13 W01 my payout is where"],
    ),
    "W01, off-topic": (
        "[what is",
        "[payout is where my, what is",
        ["22:14 W01 payout is where my"],
    ),
    "W03, a courtesy": (
        "- fees are wrong",
        "- hello payout failed pls",
        ["9:9 W03 hello payout failed pls"],
    ),
    "W03, word forms, short forms, case and signs": (
        "- fees are wrong",
        "- Payouts failing, pls!",
        ["9:9 W03 Payouts failing, pls!"],
    ),
    "W04, only courtesy": ("- fees are wrong", "- thanks, hello", ["9:9 W04 thanks, hello"]),
    "W04, only numbers": ("- fees are wrong", "- 24/7 pls", ["9:9 W04 24/7 pls"]),
    "W06": (
        "      - id: lost",
        "      - id: late\n        name: Late parcels\n      - id: lost",
        ["14:13 W06 late"],
    ),
    "W07": ("    access: [{steps: [Menu, Money]}]\n", "", ["2:9 W07 money"]),
    "W09": (
        "off_topic:\n  triggers: [what is the weather, tell me a joke, rain tomorrow]\n",
        "",
        ["1:1 W09 off_topic"],
    ),
    "W10": (
        "words: words",
        "reviewed: [{code: W04, about: [payout failed], why: tried}]\nwords: words",
        ["23:32 W10 payout failed"],
    ),
}


@pytest.mark.parametrize("name", FAULTS)
def test_each_finding_has_its_place(name: str, found: Callable[..., list[str]]) -> None:
    """One thing is changed, and exactly that is found, where it stands."""
    old, new, told = FAULTS[name]
    assert found(old, new) == told


def test_short_forms_that_do_nothing(found: Callable[..., list[str]]) -> None:
    """W08: capitals, several words, signs and digits never match; short forms are read once."""
    spelling = "spelling:\n  Pls: please\n  asap now: soon\n  u2: you too\n  ok: fine\n  okk: ok\n"
    assert found(words=f"{spelling}silent: [it, Why, as is, ok]\n") == [
        "words.yaml:2:3 W08 Pls",
        "words.yaml:3:3 W08 asap now",
        "words.yaml:4:3 W08 u2",
        "words.yaml:6:3 W08 okk",
        "words.yaml:7:14 W08 Why",
        "words.yaml:7:19 W08 as is",
        "words.yaml:7:26 W08 ok",
    ]


def test_few_triggers(found: Callable[..., list[str]]) -> None:
    """W05: fewer than a tenth of what the other channels have; a tenth is enough."""
    club = "  - {id: club, name: Club, access: [{steps: [Club]}], triggers: [join us]}\noff_topic:"
    many = "".join(f"      - payout number {chr(97 + n)}\n" for n in range(12))
    assert found("off_topic:", club) == []
    crowded = SOUND.replace("      - payout failed\n", f"      - payout failed\n{many}")
    assert found(SOUND, crowded.replace("off_topic:", club)) == []
    more = crowded.replace("      - fees are wrong\n", "      - fees are wrong\n      - fee\n")
    assert found(SOUND, more.replace("off_topic:", club)) == ["34:10 W05 club"]


def test_a_trigger_that_is_sent_elsewhere(tmp_path: Path) -> None:
    """W02: only where the router is sure of it; once reviewed, until it is sent home."""
    for name in ("doubtful.yaml", "doubtful-words.yaml"):
        shutil.copy(ROOT / "docs" / "examples" / name, tmp_path)
    path = tmp_path / "doubtful.yaml"

    def told() -> list[tuple[str, str]]:
        return [(each.code, each.about) for each in check(path).findings if "how" in each.about]

    assert told() == [("W02", "how do i")]
    less = re.sub(
        "      - how do i (find|return|get|track|order|u|w).*\n", "", path.read_text("utf-8")
    )
    path.write_text(less, "utf-8")
    assert told() == []
    path.write_text(f"{less}  - {{code: W02, about: [how do i, how late], why: test}}\n", "utf-8")
    assert told() == [("W10", "how late")]


def test_what_was_reviewed_is_left_out(write: Callable[..., Path]) -> None:
    """An entry of the code and the words, whatever their case; it speaks for nothing else."""
    entry = "reviewed: [{code: W04, about: [HELLO], why: it is a test}]\n"
    text = SOUND.replace("- fees are wrong", "- hello\n      - thanks")
    checked = check(write(text + entry, words=WORDS))
    assert [(each.code, each.about) for each in checked.findings] == [("W04", "thanks")]
    assert checked.reviewed == 1


def test_the_shipped_catalogue_has_no_finding_that_nobody_looked_at() -> None:
    """Each is mended, or an entry in channels.yaml says why it stays."""
    checked = check(find_catalogue())
    assert not checked.refusal
    assert [f"{each.code} {each.problem}" for each in checked.findings] == []


def test_every_code_is_documented() -> None:
    """Each has its heading, and stands in an example that is run again."""
    for code in CODES:
        assert f"\n## {code}: " in PAGE, code
        assert f": {code} " in PAGE, code


def test_exit_codes_and_json(write: Callable[..., Path]) -> None:
    """0 without errors, 1 for warnings with --strict, 3 for what every command refuses."""
    path = write(SOUND.replace("- fees are wrong", "- thanks"), words=WORDS)
    done = run("check", str(path))
    assert (done.returncode, done.stderr) == (0, "")
    first, last = done.stdout.splitlines()
    assert first.startswith(f"{path}:9:9: W04 nothing in 'thanks' speaks for a channel (")
    assert last == f"{path}: 1 warning in 11 triggers"
    assert run("check", str(path), "--strict").returncode == 1
    told = json.loads(run("--catalogue", str(path), "check", "--json").stdout)
    assert (told["errors"], told["warnings"], told["reviewed"], told["triggers"]) == (0, 1, 0, 11)
    assert told["findings"][0].keys() == {
        *("code", "severity", "about", "file", "line", "column", "trail", "message", "hint")
    }
    assert (told["findings"][0]["code"], told["findings"][0]["severity"]) == ("W04", "warning")
    path.write_text("channels: []", "utf-8")
    done = run("check", str(path), "--json")
    assert (done.returncode, done.stderr) == (3, "")
    assert [each["severity"] for each in json.loads(done.stdout)["findings"]] == ["error"]
    done = run("check", str(path.with_name("none.yaml")))
    assert done.returncode == 3
    assert "none.yaml:1:1: E01 " in done.stdout


@pytest.mark.parametrize("columns", [40, 100])
def test_a_terminal_shows_the_same_findings(
    columns: int, monkeypatch: pytest.MonkeyPatch, write: Callable[..., Path]
) -> None:
    """Wrapped and coloured, word for word; no row is longer than the terminal is wide."""
    path = write(SOUND.replace("- fees are wrong", "- '[bold]thanks[/bold]'"), words=WORDS)
    monkeypatch.chdir(path.parent)
    shown, code = on_terminal("check", "own.yaml", columns=columns)
    assert code == 0
    assert "\x1b" in shown
    plain = ESCAPES.sub("", shown)
    assert plain.split() == run("check", "own.yaml").stdout.split()
    assert max(map(len, plain.splitlines())) <= columns


def _line(lines: list[str], at: int, dice: random.Random) -> None:
    """Damage one line, in one of the ways in which people do."""
    line, other = lines[at], dice.randrange(len(lines))
    spot = dice.randrange(len(line) + 1)
    lines[at] = dice.choice(
        [
            "",
            line * 2,
            lines[other],
            line[spot:],
            line[:spot],
            "  " + line,
            line.removeprefix("  "),
            "\t" + line,
            line.replace(":", "", 1),
            line.replace("- ", "", 1),
            line.replace("- ", "-", 1),
            *(line[:spot] + sign + line[spot:] for sign in DAMAGE),
        ]
    )


DAMAGE = ("'", '"', ": ", " #", "[", "{", "}", "&", "*", "!", "|", "\0", "\x1b", "\u202e", "---\n")


def _damage(raw: str, dice: random.Random) -> str:
    lines = raw.splitlines(keepends=True)
    for _ in range(dice.choice([1, 1, 1, 2, 5])):
        _line(lines, dice.randrange(len(lines)), dice)
    whole = "".join(lines)
    return whole[: dice.randrange(len(whole))] if dice.random() < 0.1 else whole


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the shipped catalogue."""
    folder = tmp_path_factory.mktemp("shipped")
    source = find_catalogue().parent
    shutil.copytree(source / "phrases", folder / "phrases")
    for name in ("channels.yaml", "words.yaml"):
        shutil.copy(source / name, folder)
    return folder


def _tried(folder: Path, file: Path, dice: random.Random) -> bool:
    """Damage a file, read the catalogue, put the file back: whether it was refused."""
    raw = file.read_text("utf-8")
    file.write_text(_damage(raw, dice), "utf-8")
    try:
        return outcome(folder / "channels.yaml") != "ok"
    finally:
        file.write_text(raw, "utf-8")


def test_the_shipped_catalogue_damaged(shipped: Path) -> None:
    """Whatever file of it is damaged: a located problem or a sound catalogue, no traceback."""
    dice = random.Random(5)  # noqa: S311 - the same damage on every run
    files = [shipped / "channels.yaml", shipped / "words.yaml", *(shipped / "phrases").iterdir()]
    refused = [_tried(shipped, dice.choice(sorted(files)), dice) for _ in range(12)]
    assert any(refused)


def test_a_small_copy_of_the_shipped_catalogue_damaged(shipped: Path, tmp_path: Path) -> None:
    """The same many more times, with the first lines of each phrase file."""
    shutil.copytree(shipped, tmp_path, dirs_exist_ok=True)
    files = [tmp_path / "channels.yaml", tmp_path / "words.yaml"]
    for file in sorted((tmp_path / "phrases").iterdir()):
        first = file.read_text("utf-8").splitlines(keepends=True)[:30]
        while not first[-1].startswith("  - "):  # a topic with nothing below
            first.pop()
        file.write_text("".join([*first, "...\n"]), "utf-8")
        files.append(file)
    assert outcome(tmp_path / "channels.yaml") == "ok"
    dice = random.Random(5)  # noqa: S311 - the same damage on every run
    refused = [_tried(tmp_path, dice.choice(files[:1] * 5 + files), dice) for _ in range(300)]
    assert 0.5 < sum(refused) / len(refused) < 1
