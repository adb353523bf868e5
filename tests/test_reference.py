"""The reference pages are what the program says of itself, and nothing is left unsaid."""

from __future__ import annotations

import pytest
import reference
import typer.main

from seller_help.cli import app

COMMANDS = dict(reference.walk("seller-help", typer.main.get_command(app)))


@pytest.mark.parametrize("name", ["commands.md", "api.md"])
def test_the_reference_pages_are_fresh(name: str) -> None:
    """Help texts and docstrings are the one source of what can be typed and imported."""
    stands = (reference.ROOT / "docs" / name).read_text("utf-8")
    assert stands == reference.pages()[name], "python tools/reference.py writes it anew"


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_says_what_it_does_and_shows_an_example(name: str) -> None:
    """The help of a command is a sentence and something to copy."""
    first, _, rest = (COMMANDS[name].help or "").partition("\n")
    assert first.rstrip().endswith(".")
    assert "seller-help " in rest


def test_the_list_of_commands_shows_whole_sentences() -> None:
    """Typer cuts a command's first sentence where the line ends; it should end before."""
    assert "..." not in reference.help_of("seller-help").partition("Commands:")[2]


@pytest.mark.parametrize("name", COMMANDS)
def test_every_argument_and_option_says_what_it_does(name: str) -> None:
    """Nothing can be typed that `--help`, and so the page, does not explain."""
    silent = [each.name for each in COMMANDS[name].params if not getattr(each, "help", None)]
    assert not silent


def test_every_public_class_and_function_has_a_docstring() -> None:
    """The page of Python names has no empty section."""
    sections = reference.pages()["api.md"].split("\n## ")[1:]
    assert sections
    for section in sections:
        title, _, text = section.partition("\n\n")
        assert text[:1].isupper(), title
