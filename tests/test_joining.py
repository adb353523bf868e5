"""`seller-help catalogue`: all files as one, which answers as they do; where an owner starts."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from itertools import product
from pathlib import Path

import pytest
from command import on_terminal, run

from seller_help.catalogue import Catalogue, find_catalogue
from seller_help.errors import SellerHelpError
from seller_help.joining import joined
from seller_help.loading import read_catalogue
from seller_help.store import load_catalogue

BLOCK = """\
# where sellers ask
title: Shop
channels:
  - id: chat
    name: Chat
    phrases: {}
    triggers: [first]
    offerings:
      - name: Agent
        id: agent
        phrases: b.yaml
      - {{id: ticket, name: Ticket, phrases: e.yaml}}
  - id: help
    name: Help
    triggers: [rules]
off_topic:
  phrases: d.yaml
words: w.yaml
"""
NAMES = {
    "plain": "a.yaml",
    "with a comment": "a.yaml   # more of them",
    "quoted": "'a.yaml'",
    "on the next line": "\n      a.yaml",
    "folded": ">-\n      a.yaml\n",
}
TOPICS = "money:\n- where is it\n- 'no: #1'\n\n# late ones\nlate: [\n  still\n  nothing, 404]\n"
CONTENTS = {
    "block": TOPICS,
    "indented": "  money:\n    - where is it\n\n    - >\n      still\n\n      nothing\n",
    "braces": "{money: [where is it, 'a\n  b'],\nlate: [\"still \\\n  nothing\"]}",
    "marked": f"%YAML 1.1\n# of money\n---  # begins\n{TOPICS}...\n# ended\n",
    "on the mark's line": "--- {money: [where is it], late:\n [nothing]}\n...",
    "promised": f"--- # ends with ...\n{TOPICS}...\n",
    "Windows": "\ufeff" + TOPICS.replace("\n", "\r\n"),
}


BESIDE = {
    "b.yaml": "t: [tea, \u4e2d\u6587]\n",
    "d.yaml": "weather:\n- rain\n",
    "e.yaml": 'money: ["a \\"case\\"", claim]\n',
    "w.yaml": "spelling:\n  acct: account\ncommon: [the]\n",
}


def several(folder: Path, name: str, content: str) -> Path:
    """A catalogue of five files, the first of them named and written as it is said."""
    folder.mkdir()
    for file, text in {"c.yaml": BLOCK.format(name), "a.yaml": content, **BESIDE}.items():
        (folder / file).write_bytes(text.encode())
    return folder / "c.yaml"


def said(catalogue: Catalogue) -> Catalogue:
    """The catalogue without what says in which files it stood."""
    return replace(catalogue, triggers=tuple(catalogue.triggers), files={})


@pytest.mark.parametrize(("name", "content"), [*product(NAMES, CONTENTS)])
def test_one_file_says_what_the_files_say(tmp_path: Path, name: str, content: str) -> None:
    """However names and files are written: same facts, same triggers in the same order."""
    source = several(tmp_path / "several", NAMES[name], CONTENTS[content])
    one = tmp_path / "one.yaml"
    one.write_text(joined(source), "utf-8")
    assert [*read_catalogue(one).files] == [one]
    assert said(read_catalogue(one)) == said(read_catalogue(source))
    assert joined(one) == one.read_text("utf-8")
    assert one.read_text("utf-8").startswith("# where sellers ask\n")


def test_the_shipped_catalogue_in_one_file(tmp_path: Path, catalogue: Catalogue) -> None:
    """It is read as the shipped files are, to the last trigger, and keeps their comments."""
    one = tmp_path / "mine.yaml"
    text = joined(find_catalogue())
    one.write_text(text, "utf-8")
    assert said(read_catalogue(one)) == said(catalogue)
    for file in catalogue.files:
        comments = [
            line.strip()
            for line in file.read_text("utf-8").splitlines()
            if line.startswith("# ") and "$schema" not in line
        ]
        assert [each for each in comments if each not in text] == [], file


def test_a_field_holds_the_content_or_a_name(write: Callable[..., Path]) -> None:
    """In place, faults have their line in the one file, and the trail leads there."""
    text = "channels:\n- id: a\n  name: A\n  phrases: {}\nwords: {{spelling: {{acct: account}}}}\n"
    loaded = read_catalogue(write(text.format("{money: [x, y]}")))
    assert [each.text for each in loaded.triggers] == ["x", "y"]
    assert loaded.words.spelling == {"acct": "account"}
    assert loaded.channels[0].phrases == {}
    for wrong, message in {
        "{money: [x, X]}": "4:24: channels[0] 'a' > phrases > money[1]: 'X' stands already at",
        "{money: x}": "4:20: channels[0] 'a' > phrases > money: expected a list, found text",
        "[x]": "4:12: channels[0] 'a' > phrases: expected a mapping, found a list",
    }.items():
        with pytest.raises(SellerHelpError) as caught:
            read_catalogue(write(text.format(wrong)))
        assert f"own.yaml:{message}" in str(caught.value.problems[0])


def test_how_an_owner_starts(tmp_path: Path) -> None:
    """One command, and the copy answers exactly alike wherever it lies."""
    source = several(tmp_path / "several", "a.yaml", TOPICS)
    mine = tmp_path / "elsewhere" / "mine.yaml"
    mine.parent.mkdir()
    with mine.open("wb") as file:
        done = run("--catalogue", str(source), "catalogue", stdout=file)
    assert (done.returncode, done.stderr) == (0, "")
    asked = ("route", "--json", "my money is still not there")
    theirs, ours = (run("--catalogue", str(path), *asked) for path in (source, mine))
    assert theirs.stdout == ours.stdout
    assert ours.stdout


def test_where_it_lies(tmp_path: Path) -> None:
    """The option, then the environment, then the shipped file; never the working directory."""
    (tmp_path / "channels.yaml").write_text("channels: [{id: x, name: X, triggers: [y]}]")
    asked = ("catalogue", "--path")
    env = {"SELLER_HELP_CATALOGUE": "theirs.yaml"}
    option = run("--catalogue", "mine.yaml", *asked, env=env, cwd=tmp_path)
    assert option.stdout == f"{tmp_path / 'mine.yaml'}\n"
    assert run(*asked, env=env, cwd=tmp_path).stdout == f"{tmp_path / 'theirs.yaml'}\n"
    assert run(*asked, cwd=tmp_path).stdout == f"{find_catalogue()}\n"
    assert run("catalogue", cwd=tmp_path).stdout == joined(find_catalogue())


def test_a_catalogue_that_cannot_be_read_is_not_copied(write: Callable[..., Path]) -> None:
    """Its faults are told with their places, and nothing else."""
    path = write("channels: [{id: a, name: A, triggers: [x], phrases: none.yaml}]")
    done = run("--catalogue", str(path), "catalogue")
    assert (done.returncode, done.stdout) == (3, "")
    assert done.stderr.startswith(f"{path}:1:53: ")


@pytest.mark.parametrize("encoding", ["cp1252", "ascii"])
def test_the_copy_is_utf_8(write: Callable[..., Path], encoding: str) -> None:
    """Whatever the locale: no letter of a trigger is lost on its way."""
    path = write("channels: [{id: a, name: A, triggers: [\u00fcberweisung, \u4e2d\u6587]}]\n")
    done = run("--catalogue", str(path), "catalogue", env={"PYTHONIOENCODING": encoding})
    assert done.stdout == path.read_text("utf-8")


def test_a_terminal_shows_it_harmless(write: Callable[..., Path]) -> None:
    """A comment may hold what acts on a screen; a file gets it as it is."""
    path = write("# \u202ekcab\nchannels: [{id: a, name: A, triggers: [x]}]\n")
    shown, code = on_terminal("--catalogue", str(path), "catalogue")
    assert (code, "\u202e" in shown, "\\u202ekcab" in shown) == (0, False, True)
    assert run("--catalogue", str(path), "catalogue").stdout == path.read_text("utf-8")
    assert load_catalogue(path).channels[0].id == "a"
