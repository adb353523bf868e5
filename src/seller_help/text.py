"""Text as the router reads it and as a screen may show it."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from functools import cache, lru_cache
from itertools import chain, pairwise

_NUMBER = r"\d{1,50}(?:[.,]\d{1,50}){0,3}"  # 1,250.00 is one, and so is 3.11.7
_WORD = re.compile(rf"[a-z]{{1,50}}(?:'[a-z]{{1,50}}){{0,3}}|{_NUMBER}")
_LINK = re.compile(r"\bhttps?://\S+")
# Chinese, Japanese and Thai have no spaces: each of their characters is a word, in Thai with the
# vowels and signs that are written around it.
_ALONE = "\u3005-\u3007\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff"
_THAI = "\u0e01-\u0e4e"
_SYLLABLE = "[\u0e40-\u0e44]?[\u0e01-\u0e2e][\u0e30-\u0e3a\u0e45\u0e47-\u0e4e]{0,4}"
_SIGNS = "\u0900-\u0963\u0970-\u0dff"  # in the scripts of India vowels are signs, no letters
ACTING = (
    "[\x00-\x08\x0b-\x1f\x7f-\x9f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069\ud800-\udfff"
    "\ufeff\ufff9-\ufffb]"
)
_ENDINGS = (
    ("ies", "y"),
    ("sses", "ss"),
    ("ing", ""),
    ("edly", ""),
    ("ed", ""),
    ("ly", ""),
    ("es", "e"),
    ("s", ""),
)


def words_of(text: str) -> list[str]:
    """The words of a text in their order: lower case, without punctuation.

    Full-width and decomposed letters become plain ones (NFKC). A number keeps only how many digits
    it has, as `0`, `00`, `000` or (four and more) `0000`: which order it is says nothing, that
    there is one may. *can't* and its kin become two words, the second of them *not*.
    """
    typed = _typed_words(text)
    # Figures come before ":". No number is remembered: each may be another.
    plain = [_figures(word) if word < ":" else _plain(word) for word in typed]
    return list(chain.from_iterable(plain))


def numbers_of(text: str) -> list[str]:
    """The numbers among the words of a text, with all their figures and separators."""
    return [word for word in _typed_words(text) if word[0].isdecimal()]


def _typed_words(text: str) -> list[str]:
    if "://" in text:
        text = _LINK.sub(" ", text)
    if text.isascii():
        plain = text.lower()
    else:
        folded = unicodedata.normalize("NFKC", text).casefold()
        plain = unicodedata.normalize("NFKC", folded).replace("\u2019", "'")
    return (_WORD if plain.isascii() else _any_word()).findall(plain)


@cache
def _any_word() -> re.Pattern[str]:
    """A word in any script; compiled when it is needed, as it takes 1 ms of a start.

    A longer run of letters than any word has is cut up, so that what is remembered stays small.
    """
    letters = rf"(?:[^\W\d_{_ALONE}{_THAI}]|[{_SIGNS}]){{1,50}}"
    alone = rf"[{_ALONE}]|{_SYLLABLE}|[{_THAI}]"
    return re.compile(rf"{_NUMBER}|{letters}(?:'{letters}){{0,3}}|{alone}")


def spaced(words: Iterable[str]) -> str:
    """Words as they are written: with spaces between, but in scripts that have none."""
    text = " ".join(words)
    needless = rf"(?<=[{_ALONE}{_THAI}]) (?=[{_ALONE}{_THAI}])"
    return text if text.isascii() else re.sub(needless, "", text)


@lru_cache(maxsize=20_000)
def _plain(word: str) -> tuple[str, ...]:
    if word.endswith("n't") and len(word) > 3:
        return ("can" if word == "can't" else word[:-3], "not")
    if word == "cannot":
        return ("can", "not")
    if word[0].isdecimal():
        return _figures(word)
    return (word.replace("'", ""),)


def _figures(number: str) -> tuple[str, ...]:
    return ("0000"[: sum(map(str.isdecimal, number))],)


@lru_cache(maxsize=5_000)
def root(word: str) -> str:
    """The word without a common English ending: *payouts* and *payout*, *shipping* and *ship*.

    A light stemmer: it only has to bring the forms of one word together, and may be wrong about
    the word's history.
    """
    if len(word) <= 3 or not word.isascii() or word[0] == "0":
        return word
    for ending, instead in _ENDINGS:
        if word.endswith(ending) and len(word) - len(ending) >= 3:
            if not (ending == "s" and word.endswith("ss")):
                word = word[: -len(ending)] + instead
            break
    if len(word) > 3 and word[-1] == word[-2] and word[-1] not in "lse":
        word = word[:-1]
    return word[:-1] if len(word) > 4 and word.endswith("e") else word


def roots_of(words: Iterable[str]) -> list[str]:
    """The root of each word, in order."""
    return [root(word) for word in words]


def features_of(roots: Sequence[str]) -> list[str]:
    """What is counted of a text's words: each root, pair, triple, the openings, and a short whole.

    Each once, however often it stands there. The openings are the first word, and the first two.
    """
    pairs = [f"{a} {b}" for a, b in pairwise(roots)]
    triples = [f"{a} {b}" for a, b in zip(pairs, roots[2:], strict=False)]
    openings = [f"^ {first}" for first in (*roots[:1], *pairs[:1])]
    return list(dict.fromkeys([*roots, *pairs, *triples, *openings, *whole_of(roots)]))


def parts_of(feature: str) -> list[str]:
    """The words of a feature; the sign of an opening or a whole stands before them as one more."""
    return ["=", *feature[1:].split("_")] if feature[0] == "=" else feature.split(" ")


def whole_of(roots: Sequence[str]) -> list[str]:
    """One or two words as a whole; of more words nothing.

    Alone they name a topic (*returns*), as the same words within a sentence do not.
    """
    return [f"={'_'.join(roots)}"] if 0 < len(roots) <= 2 else []


def clean(text: str) -> str:
    """The text with every character that acts on a terminal shown visibly, as `\\x1b` or `\\u202e`.

    These are control characters (tabs and line ends stay), bidirectional overrides and lone
    surrogates.
    """
    return text if text.isprintable() else re.sub(ACTING, _visible, text)


def _visible(match: re.Match[str]) -> str:
    code = ord(match[0])
    return f"\\x{code:02x}" if code < 0x100 else f"\\u{code:04x}"
