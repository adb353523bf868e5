"""How text is read: into words, roots, features; and how it is shown."""

from __future__ import annotations

import sys
import unicodedata

import pytest

from seller_help.text import clean, features_of, parts_of, root, spaced, words_of


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Payout FAILED!", ["payout", "failed"]),
        ("", []),
        (" \t\n?!... -- \U0001f600", []),
        ("i can't, cannot; don\u2019t", ["i", "can", "not", "can", "not", "do", "not"]),
        ("the seller's o'clock", ["the", "sellers", "oclock"]),
        ("n't", ["nt"]),
        ("order 7, 42, 404 and 123456", ["order", "0", "00", "000", "and", "0000"]),
        ("1,250.00 of 3.11", ["0000", "of", "000"]),
        ("sku12b_x", ["sku", "00", "b", "x"]),
        ("\uff30\uff21\uff39 caf\u00e9 cafe\u0301", ["pay", "caf\u00e9", "caf\u00e9"]),
        ("\u0664\u0662", ["00"]),
        ("pay\0out \ud800failed", ["pay", "out", "failed"]),
        ("\u202epayout", ["payout"]),
        ("\u4ed8\u6b3e\u5931\u8d25 ok", ["\u4ed8", "\u6b3e", "\u5931", "\u8d25", "ok"]),
        (
            "\u0e40\u0e07\u0e34\u0e19\u0e22\u0e31\u0e07",
            ["\u0e40\u0e07\u0e34", "\u0e19", "\u0e22\u0e31", "\u0e07"],
        ),
        (
            "\u092d\u0941\u0917\u0924\u093e\u0928 \u0968",
            ["\u092d\u0941\u0917\u0924\u093e\u0928", "0"],
        ),
        (
            "\u0432\u044b\u043f\u043b\u0430\u0442\u0410",
            ["\u0432\u044b\u043f\u043b\u0430\u0442\u0430"],
        ),
    ],
)
def test_words(text: str, words: list[str]) -> None:
    """Lower case, without punctuation; a number keeps its length only; *not* is a word."""
    assert words_of(text) == words


def test_words_are_joined_as_they_are_written() -> None:
    """With spaces, but between those of Chinese, Japanese or Thai."""
    for text in (
        "my payout",
        "caf\u00e9 ol\u00e9",
        "\u4ed8\u6b3e ok \u5931\u8d25",
        "\u0e40\u0e07\u0e34\u0e19",
    ):
        assert spaced(words_of(text)) == text


def test_no_character_makes_a_word_that_cannot_be_kept() -> None:
    """Whatever the character, its words are not empty and have a UTF-8 form."""
    for code in range(sys.maxunicode + 1):
        for word in words_of(chr(code)):
            assert word.encode(), code


def test_letters_forms_do_not_matter() -> None:
    """Every letter is read alike composed, decomposed and in either case, but for Turkish i."""
    letters = [chr(code) for code in range(0xA0, 0x2000) if chr(code).isalpha()]
    for letter in set(letters) - {"\u0130", "\u0131"}:
        read = words_of(f"a{letter}b")
        assert words_of(unicodedata.normalize("NFD", f"a{letter}b")) == read, letter
        if len(letter.upper()) == 1 and letter.upper().lower() == letter:
            assert words_of(f"A{letter.upper()}B") == read, letter


def test_a_word_is_never_long() -> None:
    """A run of letters without end becomes words of at most 203 characters; nothing is lost."""
    for text in ("x" * 10_000, "x'" * 5_000):
        words = words_of(text)
        assert max(map(len, words)) <= 203
        assert sum(map(len, words)) == text.count("x")


@pytest.mark.parametrize(
    "forms",
    [
        ("payout", "payouts"),
        ("ship", "shipping", "shipped", "ships"),
        ("policy", "policies"),
        ("address", "addresses"),
        ("refund", "refunded", "refunding", "refunds"),
        ("update", "updates", "updated", "updating"),
    ],
)
def test_forms_of_a_word_share_its_root(forms: tuple[str, ...]) -> None:
    """Common English endings fall away."""
    assert len(set(map(root, forms))) == 1


@pytest.mark.parametrize("word", ["is", "its", "id", "\u00e9t\u00e9s", ""])
def test_short_and_foreign_words_are_their_own_root(word: str) -> None:
    """English endings mean nothing there."""
    assert root(word) == word


def test_features() -> None:
    """Roots, pairs, triples and the opening, each once; one or two words also as a whole."""
    assert features_of([]) == []
    assert features_of(["a"]) == ["a", "^ a", "=a"]
    assert features_of(["a", "b"]) == ["a", "b", "a b", "^ a", "^ a b", "=a_b"]
    assert features_of(["a", "b", "c"])[-1] == "^ a b"
    assert features_of(["a", "b", "a", "b"]) == [
        *("a", "b", "a b", "b a", "a b a", "b a b", "^ a", "^ a b")
    ]


def test_parts_of_a_feature() -> None:
    """Its words; before those of an opening or a whole comes its sign."""
    features = features_of(["a", "b"])
    assert list(map(parts_of, features)) == [
        *(["a"], ["b"], ["a", "b"], ["^", "a"], ["^", "a", "b"], ["=", "a", "b"])
    ]


def test_clean_shows_what_would_act() -> None:
    """Controls, bidirectional overrides and lone surrogates become visible; other text stays."""
    assert clean("\x1b[31mred\r\u202e\ud800\x85\ufeff") == r"\x1b[31mred\x0d\u202e\ud800\x85\ufeff"
    assert clean("tab\tline\n[b] :smile: \u00e9 \u4ed8 \U0001f600") == (
        "tab\tline\n[b] :smile: \u00e9 \u4ed8 \U0001f600"
    )
    for code in range(sys.maxunicode + 1):
        shown = clean(chr(code))
        if unicodedata.category(chr(code)) in {"Cc", "Cs"} and chr(code) not in "\t\n":
            assert shown.isascii(), code
            assert shown.isprintable(), code
