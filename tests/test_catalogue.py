"""A catalogue is read into facts, words and triggers; every way it can be wrong has its message."""

from __future__ import annotations

import json
import os
import pickle
import subprocess
import sys
from dataclasses import asdict, fields
from pathlib import Path

import pytest

from seller_help import catalogue as catalogue_module
from seller_help.catalogue import (
    Catalogue,
    Channel,
    Facts,
    Offering,
    OffTopic,
    Reviewed,
    Settings,
    Trigger,
    Way,
    Words,
    digest,
    find_catalogue,
    from_plain,
)
from seller_help.errors import SellerHelpError
from seller_help.loading import read_catalogue
from seller_help.reading import Text

FULL = """\
version: 2026-11
title: Shop
first_stop: help
settings: {sure: 0.9, off_topic: 1}
channels:
  - id: chat
    name: Chat Support
    aliases: [live chat]
    purpose: >
      Solves what
      is urgent.
    use_when: [no]
    not_when: ["1:30"]
    access:
      - name: menu
        steps: [Profile, Help]
    next: help
    triggers: [payout failed]
    offerings:
      - id: agent
        name: An agent
        note: On weekdays
        phrases: phrases/agent.yaml
  - {id: help, name: Help, triggers: [return  window, 404]}
off_topic: {triggers: [weather]}
words: words.yaml
reviewed: [{code: W02, about: [payout failed], why: it is a test}]
"""
AGENT = "money:\n  - where is my money\nlate: [still nothing]\n"
WORDS = (
    "spelling: {acct: account}\ncourtesy: [good day, thanks]\nsilent: [why]\ncommon: [the, no]\n"
)


@pytest.fixture(autouse=True)
def _folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "phrases").mkdir()
    Path("phrases/agent.yaml").write_text(AGENT)
    Path("words.yaml").write_text(WORDS)


def load(text: str) -> Catalogue:
    """Read a catalogue in the test's folder."""
    Path("c.yaml").write_text(text, encoding="utf-8")
    return read_catalogue(Path("c.yaml"))


def problems(text: str) -> list[str]:
    """What is said about a catalogue that is wrong."""
    with pytest.raises(SellerHelpError) as caught:
        load(text)
    assert caught.value.code == "bad-catalogue"
    assert caught.value.exit_code == 3
    return [str(problem) for problem in caught.value.problems]


def test_a_full_catalogue_is_read() -> None:
    """Every field arrives, as the type that it has."""
    loaded = load(FULL)
    assert loaded == Catalogue(
        version="2026-11",
        title="Shop",
        first_stop="help",
        settings=Settings(sure=0.9, off_topic=1.0),
        channels=(
            Channel(
                id="chat",
                name="Chat Support",
                aliases=("live chat",),
                purpose="Solves what is urgent.",
                use_when=("no",),
                not_when=("1:30",),
                access=(Way(steps=("Profile", "Help"), name="menu"),),
                next="help",
                offerings=(Offering("agent", "An agent", note="On weekdays"),),
            ),
            Channel(id="help", name="Help"),
        ),
        off_topic=OffTopic(),
        words=Words({"acct": "account"}, ("good day", "thanks"), ("why",), ("the", "no")),
        reviewed=(Reviewed("W02", ("payout failed",), "it is a test"),),
        triggers=loaded.triggers,
        files=loaded.files,
    )
    files = ("c.yaml", "phrases/agent.yaml", "words.yaml")
    assert loaded.files == {Path(file): digest(Path(file).read_bytes()) for file in files}
    assert loaded.source == Path("c.yaml")


def test_all_triggers_stand_in_one_place() -> None:
    """Inline ones and those of phrase files, with channel and offering, spaces tidied."""
    assert load(FULL).triggers == (
        Trigger("payout failed", "chat", None),
        Trigger("where is my money", "chat", "agent"),
        Trigger("still nothing", "chat", "agent"),
        Trigger("return window", "help", None),
        Trigger("404", "help", None),
        Trigger("weather", None, None),
    )


def test_texts_remember_their_place() -> None:
    """A linter can say where a trigger stands."""
    second = load(FULL).triggers[1].text
    assert isinstance(second, Text)
    assert second.place == ("phrases/agent.yaml", 2, 5)


def test_a_minimal_catalogue_has_defaults() -> None:
    """id, name and triggers are enough; the first channel is the first stop."""
    loaded = load("channels: [{id: a, name: A, triggers: [x]}]")
    assert loaded.channels == (Channel(id="a", name="A"),)
    assert (loaded.first_stop, loaded.settings, loaded.words) == ("a", Settings(), Words())
    assert (loaded.version, loaded.title) == ("", "")


@pytest.mark.parametrize("name", ["chat", "CHAT", "chat support", "Chat-Support", "livechat"])
def test_a_channel_is_found_by_all_its_names(name: str) -> None:
    """Id, name and alias; case, spaces and hyphens do not count."""
    loaded = load(FULL)
    assert loaded.find(name) is loaded.channel("chat")


@pytest.mark.parametrize("name", ["", "chta", "chat supp"])
def test_a_name_is_never_guessed(name: str) -> None:
    """What is no name of a channel finds none."""
    loaded = load(FULL)
    assert loaded.find(name) is None
    with pytest.raises(KeyError):
        loaded.channel(name)


def test_facts_survive_json_and_catalogues_pickling() -> None:
    """The compiled form holds the facts as JSON; workers get the catalogue pickled."""
    loaded = load(FULL)
    facts = Facts(**{each.name: getattr(loaded, each.name) for each in fields(Facts)})
    assert from_plain(Facts, json.loads(json.dumps(asdict(facts)))) == facts
    assert pickle.loads(pickle.dumps(loaded)) == loaded


def test_facts_need_no_yaml() -> None:
    """The compiled catalogue is used without paying for YAML."""
    code = "import sys, seller_help.catalogue; sys.exit('yaml' in sys.modules)"
    home = {**os.environ, "PYTHONPATH": str(Path(catalogue_module.__file__).parents[1])}
    assert subprocess.run([sys.executable, "-c", code], check=False, env=home).returncode == 0


def test_the_catalogue_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    """The option, then the environment, then the shipped file; never the working directory."""
    Path("channels.yaml").write_text("")
    monkeypatch.setenv(catalogue_module.ENVIRONMENT, "env.yaml")
    assert find_catalogue("mine.yaml") == Path("mine.yaml")
    assert find_catalogue() == Path("env.yaml")
    monkeypatch.setenv(catalogue_module.ENVIRONMENT, "")
    assert find_catalogue().is_absolute()
    assert find_catalogue().name == "channels.yaml"
    assert find_catalogue().parent != Path.cwd()


LIST = "(a list has lines that begin with '- ')"
MAPPING = "(it has lines like 'field: text')"
LEAVE = "(leave the field out)"
QUOTES = "(put the text in quotes)"
KNOWN = "known: " + ", ".join(field.name for field in fields(Channel))
ONE = "channels: [{{id: a, name: A, triggers: [x], {}}}]"
A = "1:44: channels[0] 'a'"
WRONG: dict[str, list[str]] = {
    "": [f"1:1: expected a mapping, found nothing {MAPPING}"],
    "text": [f"1:1: expected a mapping, found text {MAPPING}"],
    "[]": [f"1:1: expected a mapping, found a list {MAPPING}"],
    "{}": [f"1:1: the mapping is empty {LEAVE}"],
    "title: Shop": ["1:1: 'channels' is missing"],
    "channels:": [f"1:10: channels: expected a list, found nothing {LIST}"],
    "channels: []": [f"1:11: channels: the list is empty {LEAVE}"],
    "channels: [chat]": [f"1:12: channels[0]: expected a mapping, found text {MAPPING}"],
    "channels: [{name: A, triggers: [x]}]": ["1:12: channels[0]: 'id' is missing"],
    "channels: [{id: a, triggers: [x]}]": ["1:12: channels[0] 'a': 'name' is missing"],
    "channels: [{id: a, name: A}]": [
        "1:17: channels[0] 'a': the channel has no triggers "
        "(write some under 'triggers', in the channel or in an offering)"
    ],
    "channels: [{id: none, name: A, triggers: [x]}]": [
        "1:17: channels[0] 'none' > id: 'none' stands for no channel in files of messages "
        "(such as 'no-channel')"
    ],
    "channels: [{id: Help Center, name: A, triggers: [x]}]": [
        "1:17: channels[0] 'Help Center' > id: expected lower-case letters, digits and hyphens, "
        "found 'Help Center' (such as 'help-center')"
    ],
    ONE.format("purpos: x"): [f"{A}: unknown field 'purpos' (did you mean 'purpose'?)"],
    ONE.format("Purpose: x"): [f"{A}: unknown field 'Purpose' (did you mean 'purpose'?)"],
    ONE.format("xyz: x"): [f"{A}: unknown field 'xyz' ({KNOWN})"],
    ONE.format("name: B"): [f"{A}: 'name' stands already at c.yaml:1:20"],
    ONE.format("purpose: [x]"): [
        f"1:53: channels[0] 'a' > purpose: expected text, found a list {QUOTES}"
    ],
    ONE.format("purpose: "): ["1:53: channels[0] 'a' > purpose: expected text, found nothing"],
    ONE.format("purpose: ' '"): ["1:53: channels[0] 'a' > purpose: expected text, found nothing"],
    ONE.format("use_when: now"): [
        f"1:54: channels[0] 'a' > use_when: expected a list, found text {LIST}"
    ],
    ONE.format("aliases: []"): [f"1:53: channels[0] 'a' > aliases: the list is empty {LEAVE}"],
    ONE.format("access: [{name: x}]"): ["1:53: channels[0] 'a' > access[0]: 'steps' is missing"],
    ONE.format("access: [{steps: []}]"): [
        f"1:61: channels[0] 'a' > access[0] > steps: the list is empty {LEAVE}"
    ],
    ONE.format("next: b"): ["1:50: channels[0] 'a' > next: no channel has the id 'b' (known: a)"],
    ONE.format("next: a"): ["1:50: channels[0] 'a' > next: a channel cannot be its own next"],
    ONE.format("offerings: [{id: o}]"): [
        "1:56: channels[0] 'a' > offerings[0] 'o': 'name' is missing"
    ],
    ONE.format("offerings: [{id: o, name: O}, {id: o, name: P}]"): [
        "1:79: channels[0] 'a' > offerings[1] 'o' > id: 'o' stands already at c.yaml:1:61"
    ],
    ONE.format("offerings: [{id: o, name: O, triggers: [X]}]"): [
        "1:84: channels[0] 'a' > offerings[0] 'o' > triggers[0]: "
        "'X' stands already at c.yaml:1:40 (a)"
    ],
    ONE.format('purpose: "a\\e[31m"'): [
        "1:53: channels[0] 'a' > purpose: control character in 'a\\x1b[31m'"
    ],
    ONE.format('purpose: "a\\u202eb"'): [
        "1:53: channels[0] 'a' > purpose: control character in 'a\\u202eb'"
    ],
    ONE.format(f"purpose: {'x' * 2001}"): [
        "1:53: channels[0] 'a' > purpose: text of more than 2,000 characters"
    ],
    ONE.format("phrases: none.yaml"): [
        "1:53: channels[0] 'a' > phrases: none.yaml cannot be read: no such file or directory"
    ],
    ONE.format("phrases: words.yaml") + "\nwords: words.yaml": [
        "2:8: words: 'words.yaml' is already in use"
    ],
}
WRONG |= {
    ONE.format(f"phrases: {path}"): [
        f"1:53: channels[0] 'a' > phrases: '{path.strip(chr(34))}' is no file of this catalogue "
        "(it stands beside the catalogue or below, such as phrases/chat.yaml)"
    ]
    for path in ("/etc/passwd", "../c.yaml", "a/../../c.yaml", "a\\b.yaml", '"c:/x.yaml"')
}
ITEMS = "channels:\n- id: a\n  name: A\n  triggers:\n  - x\n  - {}\n"
WRONG |= {
    ITEMS.format("payout failed: code 3"): [
        "6:5: channels[0] 'a' > triggers[1]: expected text, found a mapping "
        '(put it in quotes: "payout failed: code 3")'
    ],
    ITEMS.format('says "no": why'): [
        "6:5: channels[0] 'a' > triggers[1]: expected text, found a mapping "
        "(put it in quotes: 'says \"no\": why')"
    ],
    ITEMS.format("? what"): [
        f"6:5: channels[0] 'a' > triggers[1]: expected text, found a mapping {QUOTES}"
    ],
    ITEMS.format("[urgent]"): [
        f"6:5: channels[0] 'a' > triggers[1]: expected text, found a list {QUOTES}"
    ],
    ITEMS.format("X"): ["6:5: channels[0] 'a' > triggers[1]: 'X' stands already at c.yaml:5:5 (a)"],
    ITEMS.format("y\nfirst_stop: b"): ["7:13: first_stop: no channel has the id 'b' (known: a)"],
    ITEMS.format("y\noff_topic: {triggers: [Y]}"): [
        "7:24: off_topic > triggers[0]: 'Y' stands already at c.yaml:6:5 (a)"
    ],
    ITEMS.format("y\noff_topic: {}"): [f"7:12: off_topic: the mapping is empty {LEAVE}"],
    ITEMS.format("y\n- id: a\n  name: B\n  triggers: [z]"): [
        "7:7: channels[1] 'a' > id: 'a' stands already at c.yaml:2:7"
    ],
    ITEMS.format("y\n- id: b\n  name: a\n  triggers: [z]"): [
        "8:9: channels[1] 'b' > name: 'a' stands already at c.yaml:2:7"
    ],
}
WRONG |= {
    ITEMS.format(f"y\nsettings: {{sure: {value}}}"): [
        f"7:18: settings > sure: expected a number from 0 to 1, found {found}"
    ]
    for value, found in [
        ("high", "'high'"),
        ("1.5", "'1.5'"),
        ("-0.1", "'-0.1'"),
        (".nan", "'.nan'"),
        ("[1]", "a list"),
        ("''", "nothing"),
    ]
}


@pytest.mark.parametrize("text", WRONG, ids=lambda text: repr(text[-30:]))
def test_each_fault_has_its_message(text: str) -> None:
    """Everything that is refused is said with its place, its trail and a hint."""
    expected = [f"c.yaml:{line}" for line in WRONG[text]]
    if "phrases: words.yaml" in text:  # it is a word file, read as a phrase file first
        assert problems(text)[0] == expected[0]
    else:
        assert problems(text) == expected


PHRASES = {
    "": f"1:1: expected a mapping, found nothing {MAPPING}",
    "- a\n": f"1:1: expected a mapping, found a list {MAPPING}",
    "t: a\n": f"1:4: t: expected a list, found text {LIST}",
    "t: []\n": f"1:4: t: the list is empty {LEAVE}",
    "t: [a]\nt: [b]\n": "2:1: 't' stands already at phrases/agent.yaml:1:1",
    "t: [Payout  FAILED]\n": "1:5: t[0]: 'Payout FAILED' stands already at c.yaml:18:16 (chat)",
    "t:\n  - a: b\n": '2:5: t[0]: expected text, found a mapping (put it in quotes: "a: b")',
    "t: &a [b]\n": f"1:4: anchors (&) are not allowed {QUOTES}",
}


@pytest.mark.parametrize("text", PHRASES)
def test_each_fault_of_a_phrase_file_has_its_message(text: str) -> None:
    """Phrase files are held to the same rules, and triggers are compared across all files."""
    Path("phrases/agent.yaml").write_text(text)
    assert problems(FULL) == [f"phrases/agent.yaml:{PHRASES[text]}"]


def test_each_fault_of_a_word_file_has_its_message() -> None:
    """Word files are held to the same rules."""
    Path("words.yaml").write_text("curtesy: {}\nspelling: {a: [b]}\ncommon: the\n")
    assert problems(FULL) == [
        "words.yaml:1:1: unknown field 'curtesy' (did you mean 'courtesy'?)",
        f"words.yaml:2:15: spelling > a: expected text, found a list {QUOTES}",
        f"words.yaml:3:9: common: expected a list, found text {LIST}",
    ]


def test_all_faults_at_once_in_the_order_of_the_files() -> None:
    """Whoever mends a catalogue sees everything in one run."""
    Path("phrases/agent.yaml").write_text("t: []\nu: x\n")
    found = problems(FULL.replace("next: help", "next: hlep").replace("sure: 0.9", "sure: x"))
    assert [line.split(" ")[0] for line in found] == [
        "c.yaml:4:18:",
        "c.yaml:17:11:",
        "phrases/agent.yaml:1:4:",
        "phrases/agent.yaml:2:4:",
    ]


def test_problems_end_at_a_hundred() -> None:
    """Another kind of file is not explained line by line."""
    text = ITEMS.format("y\n" + "".join(f"k{number}: v\n" for number in range(500)))
    with pytest.raises(SellerHelpError, match=r"more than 100 problems: c\.yaml:7:1") as caught:
        load(text)
    assert len(caught.value.problems) == 100


DOCS = (Path(__file__).parents[1] / "docs/catalogue.md").read_text(encoding="utf-8")


def test_the_documentation_has_a_working_example() -> None:
    """What support leads copy is a catalogue, and the problem shown there is the real one."""
    example = DOCS.split("## An example")[1].split("```yaml\n")[1].split("```")[0]
    assert [channel.id for channel in load(example).channels] == ["help", "desk"]
    Path("channels.yaml").write_text(
        ITEMS.format("payout failed: code 3").replace("id: a", "id: help")
    )
    with pytest.raises(SellerHelpError) as caught:
        read_catalogue(Path("channels.yaml"))
    assert str(caught.value.problems[0]).partition(": ")[2] in DOCS
