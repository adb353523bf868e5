# ruff: noqa: INP001 (a folder of scripts is no package)
"""Known methods on the same triggers, answering as the router does: rapidfuzz, TF-IDF."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import checkout  # noqa: F401 (this checkout's package, not an installed one)
from rapidfuzz import fuzz, process, utils

from seller_help.decision import Candidate, Decision, Reason

if TYPE_CHECKING:
    from seller_help.catalogue import Catalogue
    from seller_help.learning import Label

Shares = dict["Label", float]


def decided(message: str, shares: Shares, together: Callable[..., float]) -> Decision:
    """The decision for the best channel; a channel's score is its labels' scores taken together."""
    groups: dict[str | None, list[tuple[float, str | None]]] = {}
    for (channel, offering), share in shares.items():
        groups.setdefault(channel, []).append((share, offering))
    scored = (
        Candidate(channel, max(group, key=itemgetter(0))[1], together(share for share, _ in group))
        for channel, group in groups.items()
    )
    candidates = tuple(sorted(scored, key=lambda each: -each.score))
    first = candidates[0]
    reason: Reason = "off-topic" if first.channel is None else "clear"
    return Decision(message, first.channel, first.offering, first.score, reason, lambda: candidates)


class BestTrigger:
    """rapidfuzz: the trigger with the best score wins, as `extractOne` finds it.

    The scores of all triggers are kept, so that a second channel is known; a score over 100 is
    taken for the confidence.
    """

    def __init__(self, catalogue: Catalogue, scorer: Callable[..., float]) -> None:
        self.catalogue = catalogue
        self._scorer = scorer
        triggers = list(catalogue.triggers)
        self._labels = [(each.channel, each.offering) for each in triggers]
        self._texts = [utils.default_process(each.text) for each in triggers]

    def route_many(self, messages: Iterable[str]) -> Iterator[Decision]:
        """The decisions for the messages, in their order."""
        for message in messages:
            text = utils.default_process(message)
            scores = process.cdist([text], self._texts, scorer=self._scorer, workers=1)[0]
            shares: Shares = {}
            for label, score in zip(self._labels, scores.tolist(), strict=True):
                if score > 100 * shares.get(label, -1.0):
                    shares[label] = score / 100
            yield decided(message, shares, max)


class Regression:
    """scikit-learn: TF-IDF of words (1 to 2) and characters (2 to 5), logistic regression."""

    def __init__(self, catalogue: Catalogue) -> None:
        from sklearn.feature_extraction.text import TfidfVectorizer
        from sklearn.linear_model import LogisticRegression
        from sklearn.pipeline import make_pipeline, make_union

        self.catalogue = catalogue
        triggers = list(catalogue.triggers)
        self._labels = list(dict.fromkeys((each.channel, each.offering) for each in triggers))
        number = {label: at for at, label in enumerate(self._labels)}
        words = TfidfVectorizer(ngram_range=(1, 2), sublinear_tf=True)
        letters = TfidfVectorizer(
            analyzer="char_wb", ngram_range=(2, 5), sublinear_tf=True, min_df=2
        )
        self._model: Any = make_pipeline(
            make_union(words, letters), LogisticRegression(C=10, max_iter=300, tol=1e-3)
        )
        owners = [number[each.channel, each.offering] for each in triggers]
        self._model.fit([each.text for each in triggers], owners)

    def route_many(self, messages: Iterable[str]) -> Iterator[Decision]:
        """The decisions for the messages, in their order."""
        texts = list(messages)
        for text, row in zip(texts, self._model.predict_proba(texts).tolist(), strict=True):
            yield decided(text, dict(zip(self._labels, row, strict=True)), sum)


RIVALS: dict[str, Callable[[Catalogue], BestTrigger | Regression]] = {
    "rapidfuzz WRatio": partial(BestTrigger, scorer=fuzz.WRatio),
    "rapidfuzz token_set_ratio": partial(BestTrigger, scorer=fuzz.token_set_ratio),
    "TF-IDF, logistic regression": Regression,
}
