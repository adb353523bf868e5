"""The pictures in the documents show what the program shows, and everybody can make use of them."""

from __future__ import annotations

import re

import pictures
import pytest
from test_docs import PAGES

IMAGE = re.compile(r"!\[([^\]]*)\]\(\S*pictures/(\S+)\)")


@pytest.fixture(scope="module")
def drawn() -> dict[str, str]:
    """All pictures as they would be drawn now."""
    return pictures.pictures()


def test_the_pictures_are_fresh(drawn: dict[str, str]) -> None:
    """Whoever changes an answer or the look draws them anew."""
    stand = {path.name: path.read_text("utf-8") for path in pictures.HERE.iterdir()}
    assert stand == drawn, "python tools/pictures.py draws them anew"


def test_each_picture_has_its_place_and_its_words(drawn: dict[str, str]) -> None:
    """Each stands on one page, with a text for those who do not see it; README begins with one."""
    shown = [found for page in PAGES for found in IMAGE.findall(page.read_text("utf-8"))]
    assert sorted(name for _, name in shown) == sorted(drawn)
    assert all(len(text) > 40 for text, _ in shown)
    assert IMAGE.search(PAGES[0].read_text("utf-8").partition("\n## ")[0])


def test_a_picture_is_small_and_fetches_nothing(drawn: dict[str, str]) -> None:
    """Fonts come from the reader's own machine."""
    for name, picture in drawn.items():
        assert len(picture) < 60_000, name
        assert not re.search(r"@import|@font-face|url\((?!#)|href", picture), name
