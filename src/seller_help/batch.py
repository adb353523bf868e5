"""Many messages: each record of an input routed, in order, by this process or by several.

Only a bounded number of records is in memory at any time, however many there are.
"""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from .errors import SellerHelpError
from .records import MAX_LINE, Answer, Form, Record

if TYPE_CHECKING:
    from concurrent.futures import Future

    from .router import Router

_UNANSWERED = Answer(None, None, None, None)
_CHUNK = 256  # records that go to a worker at a time
_AHEAD = 4  # chunks for each worker that are under way or wait to be written

_Pairs = Iterator[tuple[Record, Answer]]


@dataclass(slots=True)
class Tally:
    """What became of the records so far."""

    records: int = 0
    channels: Counter[str | None] = field(default_factory=Counter)
    """Of the messages that could be read."""
    unsure: int = 0
    cut: int = 0
    errors: int = 0
    first_error: str = ""

    def add(self, record: Record, answer: Answer) -> None:
        """Count one record."""
        self.records += 1
        if record.fault:
            self.errors += 1
            self.first_error = self.first_error or str(record.fault)
        else:
            self.channels[answer.channel] += 1
            self.unsure += answer.reason in ("close", "unsure")
            self.cut += answer.cut


def route_records(
    form: Form, router: Router, tally: Tally, *, workers: int = 1, strict: bool = False
) -> Iterator[str]:
    """What goes out: the head if there is one, then each record with its answer.

    `strict` raises SellerHelpError (`bad-record`) at the first record that cannot be read.
    """
    if form.head:
        yield form.head
    alone = ((each, _UNANSWERED if each.fault else _answer(router, each.text)) for each in form)
    for record, answer in alone if workers == 1 else _together(form, router, workers):
        if strict and record.fault:
            raise SellerHelpError(str(record.fault), "bad-record")
        tally.add(record, answer)
        yield form.written(record, answer)


def _answer(router: Router, text: str) -> Answer:
    found = router.route(text)
    confidence = round(found.confidence, 4)
    return Answer(found.channel, found.offering, confidence, found.reason, found.cut)


def _together(form: Form, router: Router, workers: int) -> _Pairs:
    """The same by several processes; only messages and answers travel between them."""
    # Here, as one process does not need their 5 MB.
    from concurrent.futures import BrokenExecutor, ProcessPoolExecutor
    from multiprocessing import get_context

    waiting: deque[tuple[list[Record], Future[list[Answer]]]] = deque()
    begin = get_context("fork" if sys.platform == "linux" else None)  # 3.14 would not fork
    with ProcessPoolExecutor(workers, begin, _begin, (router,)) as pool:
        try:
            for chunk in _chunks(form):
                texts = [each.text for each in chunk if not each.fault]
                waiting.append((chunk, pool.submit(_work, texts)))
                if len(waiting) > workers * _AHEAD:
                    yield from _joined(*waiting.popleft())
            while waiting:
                yield from _joined(*waiting.popleft())
        except BrokenExecutor:
            told = "a worker was ended from outside, or had no memory left"
            raise SellerHelpError(told, "internal") from None
        finally:
            pool.shutdown(wait=False, cancel_futures=True)


def _chunks(form: Iterable[Record]) -> Iterator[list[Record]]:
    """The records in groups, none larger than a few of the longest lines."""
    chunk: list[Record] = []
    size = 0
    for record in form:
        chunk.append(record)
        size += len(record.text)
        if len(chunk) == _CHUNK or size > MAX_LINE:
            yield chunk
            chunk, size = [], 0
    if chunk:
        yield chunk


def _joined(chunk: list[Record], answers: Future[list[Answer]]) -> _Pairs:
    found = iter(answers.result())
    for record in chunk:
        yield record, _UNANSWERED if record.fault else next(found)


_router: Router  # a worker's own


def _begin(router: Router) -> None:
    """Make a process a worker: Ctrl-C is its parent's matter, and its parent's end its own."""
    global _router  # noqa: PLW0603 - a worker's tasks can find it nowhere else
    _router = router
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_follow, daemon=True).start()


def _follow() -> None:
    """Wait for the parent's end: one that was killed could not tell its workers."""
    from multiprocessing import connection, parent_process

    parent = parent_process()
    if parent is not None:
        connection.wait([parent.sentinel])
        os._exit(1)


def _work(texts: list[str]) -> list[Answer]:
    return [_answer(_router, text) for text in texts]
