"""Many messages: each record of an input routed, in order, by one process or several; or measured.

Only a bounded number of records is in memory at any time, however many there are.
"""

from __future__ import annotations

import os
import signal
import stat
import sys
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO, NamedTuple

from .as_measures import summary
from .errors import SellerHelpError
from .records import FORMS, MARK, MAX_LINE, Answer, Form, Format, Record, records
from .router import MAX_LENGTH, Router
from .store import load_catalogue
from .streams import CLOSED_PIPE, opened, replacing, telling
from .text import clean

if TYPE_CHECKING:
    from concurrent.futures import Future

    from .catalogue import Catalogue
    from .evaluation import Report

MAX_WORKERS = 60  # as many as Windows lets a process wait for
_OTHERS = (".xlsx", ".xls", ".ods", ".tsv")  # what is not written, but .tsv where it came in
_TELL = 0.1  # seconds between two looks at how far it is
_UNANSWERED = Answer(None, None, None, None)
_CHUNK = 256  # records that go to a worker at a time
_AHEAD = 4  # chunks for each worker that are under way or wait to be written

_Pairs = Iterator[tuple[Record, Answer]]


class Job(NamedTuple):
    """A batch as the command line asks for it."""

    source: str  # a file, or - for standard input
    target: Path | None  # a file, or None for standard output
    form: Format | None
    name: str  # the field with the message
    workers: int
    strict: bool


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


def route_all(job: Job, catalogue: Catalogue) -> tuple[int, tuple[str, ...]]:
    """Route the records of a source; the exit code, and what to say on standard error."""
    form, as_csv = _forms(job)
    router, tally = Router(catalogue), Tally()
    start = time.perf_counter()
    with opened(job.source) as source:
        found = records(_lines_of(source), form, job.name, as_csv=as_csv)
        texts = route_records(
            found, router, tally, workers=job.workers or cores(), strict=job.strict
        )
        try:
            stdout = nullcontext(sys.stdout.buffer)
            with _interruptible(), replacing(job.target) if job.target else stdout as out:
                _write(texts, out, f" {job.target}" if job.target else "", source, tally)
        except BrokenPipeError:  # not for Typer to see, which would make it 1
            return CLOSED_PIPE, ()
        except KeyboardInterrupt:
            left = f"; {job.target} was not written" if job.target else ""
            told = f"stopped after {tally.records:,} messages{left}"
            raise SellerHelpError(told, "stopped") from None
    notes = summary(tally, catalogue, time.perf_counter() - start, MAX_LENGTH)
    return (1 if tally.errors else 0), notes


def cores() -> int:
    """How many processors this process may use, as far as there may be workers."""
    if hasattr(os, "sched_getaffinity"):
        return min(len(os.sched_getaffinity(0)), MAX_WORKERS)
    return min(os.cpu_count() or 1, MAX_WORKERS)


def _forms(job: Job) -> tuple[Format, bool]:
    """How the source is written, and whether CSV goes out; a name must not lie about either."""
    came = "" if job.source == "-" else Path(job.source).suffix.lower()
    form = job.form or FORMS.get(came)
    if form is None:
        told = f"the suffix {came!r} does not tell the format of {job.source}"
        hint = "--format csv, jsonl or lines tells it; a workbook has to be saved as CSV UTF-8"
        raise SellerHelpError(told, "usage", hint)
    suffix = job.target.suffix.lower() if job.target else ""
    wanted = FORMS.get(suffix)
    if {form, wanted} == {"csv", "jsonl"} or (suffix in _OTHERS and suffix != came):
        told = f"{'CSV' if form == 'csv' else 'JSONL'} goes out, and {job.target} says otherwise"
        names = ".csv or .jsonl" if form == "lines" else f".{form}"
        raise SellerHelpError(told, "usage", f"give it a name that ends in {names}")
    return form, "csv" in (wanted, form)


def _lines_of(source: BinaryIO) -> Callable[[int], bytes]:
    def readline(limit: int) -> bytes:
        try:  # no `telling`: there are many lines
            return source.readline(limit)
        except OSError as error:
            raise SellerHelpError(f"cannot read: {error.strerror}", "cannot-read") from None

    return readline


def _size(source: BinaryIO) -> int:
    """The bytes of a file; 0 for a pipe, a terminal or a device."""
    status = os.fstat(source.fileno())
    return status.st_size if stat.S_ISREG(status.st_mode) else 0


@contextmanager
def _interruptible() -> Iterator[None]:
    """Ctrl-C as an exception, unless the parent wants it ignored; a closed pipe as one for good.

    The pipe to a worker that somebody has killed closes as well, and must not end us in silence.
    """
    if hasattr(signal, "SIGPIPE"):
        signal.signal(signal.SIGPIPE, signal.SIG_IGN)
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _write(texts: Iterator[str], out: BinaryIO, name: str, source: BinaryIO, tally: Tally) -> None:
    """Write each text, at once if the source is no file, and show how far it is."""
    seen, told, total = out.isatty(), time.perf_counter(), _size(source)
    bar: Any = nullcontext()
    if sys.stderr is not None and sys.stderr.isatty() and not seen:
        from .as_picture import progress

        bar = progress(sys.stderr, total or None)
    with bar as tell:
        for text in texts:
            shown = clean(text.removeprefix(MARK).replace("\r\n", "\n")) if seen else text
            with telling("cannot-write", name):
                out.write(shown.encode("utf-8", "backslashreplace"))
                # The head at once too: a worker must not inherit it unwritten.
                if not (total and tally.records):
                    out.flush()
            if tell and time.perf_counter() - told > _TELL:
                told = time.perf_counter()
                tell(source.tell() if total else 0, tally.records)
        with telling("cannot-write", name):
            out.flush()


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


def measured(
    labelled: Path, text_field: str, catalogue: Catalogue, base: str | None, report: Path | None
) -> Report:
    """The measures of the router on labelled messages, drawn into a picture if one is wanted."""
    from .evaluation import evaluate
    from .labelled import read_labelled

    if report and report.suffix.lower() != ".svg":
        told = f"the report is an SVG picture, and {report} says otherwise"
        raise SellerHelpError(told, "usage", "give it a name that ends in .svg")
    before = None if base is None else Router(load_catalogue(base))
    messages = read_labelled(labelled, catalogue, text_field)
    found = evaluate(Router(catalogue), messages, before)
    if report:
        from .as_measures import tables
        from .as_picture import picture

        title = f"{labelled.name}: {found.messages:,} messages"
        drawn = picture(tables(found), clean(title)).encode()
        with replacing(report) as file, telling("cannot-write", f" {report}"):
            file.write(drawn)
    return found
