"""Labelled messages are read with care, and each measure is the formula that it says."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from seller_help import labelled
from seller_help.decision import Candidate, Decision, Evidence
from seller_help.errors import SellerHelpError
from seller_help.evaluation import Change, Comparison, Report, compare, measure
from seller_help.labelled import Labelled, read_labelled
from seller_help.store import load_catalogue

if TYPE_CHECKING:
    from seller_help.catalogue import Catalogue

SHOP = """
settings: {sure: 0.8}
channels:
  - {id: help, name: Help, triggers: [opening hours]}
  - {id: desk, name: Desk, offerings: [{id: person, name: A person, triggers: [broken]}]}
"""


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Catalogue:
    """A catalogue of two channels."""
    path = tmp_path_factory.mktemp("shop") / "channels.yaml"
    path.write_text(SHOP, "utf-8")
    return load_catalogue(path)


Fault = tuple[int, int, str, str]


def read(
    tmp_path: Path, catalogue: Catalogue, raw: bytes, name: str = "some.jsonl"
) -> list[Labelled]:
    """The labelled messages of a file with this content."""
    path = tmp_path / name
    path.write_bytes(raw)
    return read_labelled(path, catalogue)


def faults(
    tmp_path: Path, catalogue: Catalogue, raw: bytes, name: str = "some.jsonl"
) -> list[Fault]:
    """Where each of a file's faults stands, how it is called and what helps."""
    with pytest.raises(SellerHelpError) as caught:
        read(tmp_path, catalogue, raw, name)
    assert caught.value.code == "cannot-read"
    assert {problem.file for problem in caught.value.problems} == {str(tmp_path / name)}
    return [(each.line, each.column, each.message, each.hint) for each in caught.value.problems]


def test_both_forms_say_the_same(shop: Catalogue, tmp_path: Path) -> None:
    """JSONL and CSV give the same messages; `none`, empty and null are off-topic."""
    lines = (
        b'\xef\xbb\xbf{"text": "a, b", "channel": "desk", "offering": "person", "id": "x"}\r\n\n'
        b'{"text": "two\\nlines", "channel": "help", "also_ok": ["desk", "none"]}\n'
        b'{"text": "", "channel": null, "id": 7}\n{"text": "rain", "channel": "none"}'
    )
    rows = (
        b"\xef\xbb\xbfid,text,channel,offering,also_ok,more\r\n"
        b'x,"a, b",desk,person,,\r\n,"two\nlines",help,,desk;none\r\n7,,,,,\r\n,rain,none,,,'
    )
    expected = [
        Labelled("a, b", "desk", "person", (), "x"),
        Labelled("two\nlines", "help", None, ("desk", None), "3"),
        Labelled("", None, None, (), "7"),
        Labelled("rain", None, None, (), "5"),
    ]
    assert read(tmp_path, shop, lines) == expected
    expected[3] = Labelled("rain", None, None, (), "6")
    assert read(tmp_path, shop, rows, "some.CSV") == expected


@pytest.mark.parametrize("between", [",", ";", "\t"])
def test_any_csv_that_a_spreadsheet_writes(shop: Catalogue, tmp_path: Path, between: str) -> None:
    """A decimal comma makes a spreadsheet write semicolons; `batch` takes them too."""
    head = ["text", "channel", "also_ok"]
    row = ['"my parcel, please; soon"', "desk", '"help;none"']
    rows = f"{between.join(head)}\n{between.join(row)}\n".encode()
    expected = Labelled("my parcel, please; soon", "desk", None, ("help", None), "2")
    assert read(tmp_path, shop, rows, "some.csv") == [expected]


def test_every_fault_of_a_jsonl_file_has_its_line(shop: Catalogue, tmp_path: Path) -> None:
    """All faults are listed at once, each with line, column and a way out."""
    lines = [
        b'{"text": "a", "channel": "dsk"}',
        b'{"text": "a"}',
        b'{"text": "a", "channel"}',
        b'{"text": "\xff", "channel": "desk"}',
        b'["a", "desk"]',
        b'{"text": 5, "channel": "desk"}',
        b'{"text": "a", "channel": "desk", "offering": "persn"}',
        b'{"text": "a", "channel": null, "offering": "person"}',
        b'{"text": "a", "channel": "desk", "also_ok": ["shop"]}',
        b'{"text": "a", "channel": "desk", "also_ok": 5}',
    ]
    assert faults(tmp_path, shop, b"\n".join(lines)) == [
        (1, 1, "no channel has the id 'dsk'", "did you mean 'desk'?"),
        (2, 1, "the field 'channel' is missing", ""),
        (3, 24, "broken JSON (Expecting ':' delimiter)", ""),
        (4, 11, "byte 0xff is not UTF-8 (save the file as UTF-8)", ""),
        (5, 1, "no JSON object", ""),
        (6, 1, "the field 'text' is no text", ""),
        (7, 1, "'desk' has no offering 'persn'", "did you mean 'person'?"),
        (8, 1, "off-topic has no offering 'person'", ""),
        (9, 1, "no channel has the id 'shop'", "known: help, desk, none"),
        (10, 1, "'also_ok' must be a list", ""),
    ]


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b'text,channel\n"a\nb",desk\nc,shop\n', (4, 1, "no channel has the id 'shop'")),
        (b"text,channel\na,desk,b\n", (2, 1, "3 cells, the header names 2")),
        (b"text,channel\na\n", (2, 1, "the field 'channel' is missing")),
        (
            b"text,channel\na,desk\nb\xff,desk\n",
            (3, 2, "byte 0xff is not UTF-8 (save the file as UTF-8)"),
        ),
        (b'text,channel\na,desk\n"b"c,desk\n', (3, 1, "broken CSV (',' expected after '\"')")),
    ],
)
def test_every_fault_of_a_csv_file_has_its_line(
    shop: Catalogue, tmp_path: Path, raw: bytes, expected: tuple[int, int, str]
) -> None:
    """Lines are counted in the file: a cell may hold some."""
    assert [each[:3] for each in faults(tmp_path, shop, raw, "some.csv")] == [expected]


@pytest.mark.parametrize(
    ("name", "raw", "told", "hint"),
    [
        ("a.csv", b"text\na\n", ": the header names no 'channel', but: text", ""),
        ("a.csv", b"", ": the header names no 'text', but: nothing", "--text-field NAME says"),
        ("a.md", b"text\tchannel\n", " cannot be read: its name", "save it as CSV"),
        ("a.xlsx", b"PK", " cannot be read: its name", "save it as CSV UTF-8"),
    ],
)
def test_a_file_of_another_kind_is_refused_as_a_whole(  # noqa: PLR0917
    shop: Catalogue, tmp_path: Path, name: str, raw: bytes, told: str, hint: str
) -> None:
    """In one line that names it and says what helps, as `batch` does."""
    with pytest.raises(SellerHelpError) as caught:
        read(tmp_path, shop, raw, name)
    assert (caught.value.code, caught.value.problems) == ("usage", ())
    assert f"{tmp_path / name}{told}" in caught.value.message
    assert caught.value.hint.startswith(hint)


@pytest.mark.parametrize(
    "raw",
    [
        b"text,channel,offering\na, desk , person\n",
        b"text;channel\na;desk \n",
        b"Text; Channel\na;desk\n",
    ],
)
def test_blanks_around_an_id_are_nobodys_meaning(
    shop: Catalogue, tmp_path: Path, raw: bytes
) -> None:
    """Spreadsheets leave them there, and nobody sees them; nor has the header to be exact."""
    assert read(tmp_path, shop, raw, "some.csv")[0].channel == "desk"


def test_a_file_that_cannot_be_read_says_so(shop: Catalogue, tmp_path: Path) -> None:
    """A missing file and a folder are one line each, with the name."""
    folder = tmp_path / "folder.csv"
    folder.mkdir()
    for path in (tmp_path / "nothing.csv", folder):
        with pytest.raises(SellerHelpError, match=f"{path} cannot be read: ") as caught:
            read_labelled(path, shop)
        assert caught.value.code == "cannot-read"


def test_a_file_that_is_too_large_says_so(
    shop: Catalogue, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The limit of labelled messages is told, and not that of a catalogue."""
    monkeypatch.setattr(labelled, "MAX_LABELLED", 1 << 20)
    with pytest.raises(SellerHelpError, match=r"cannot be read: more than 1 MiB$") as caught:
        read(tmp_path, shop, b"\n" * ((1 << 20) + 1))
    assert caught.value.hint == ""


def test_a_cell_may_be_as_long_as_in_a_batch(shop: Catalogue, tmp_path: Path) -> None:
    """What was routed can be labelled."""
    raw = b"text,channel\n" + b"a" * 1_000_000 + b",desk\n"
    assert [len(each.text) for each in read(tmp_path, shop, raw, "some.csv")] == [1_000_000]


def decision(channel: str | None, offering: str | None, *scores: float) -> Decision:
    """An answer with scores for help, desk and off-topic."""
    sides = (("help", None), ("desk", "person"), (None, None))
    every = tuple(
        Candidate(one, two, score, (Evidence("words", f"{one}", 1.0),))
        for (one, two), score in zip(sides, scores, strict=True)
    )
    return Decision("", channel, offering, max(scores), "clear", lambda: every)


@pytest.fixture(scope="module")
def report(shop: Catalogue) -> Report:
    """Six messages: three right, three wrong in different ways."""
    pairs = [
        (Labelled("1", "help"), decision("help", None, 0.95, 0.05, 0.0)),
        (Labelled("2", "desk", "person"), decision("desk", "person", 0.1, 0.9, 0.0)),
        (Labelled("3", None), decision(None, None, 0.0, 0.2, 0.8)),
        (Labelled("4", "help", None, ("desk",)), decision("desk", "person", 0.35, 0.65, 0.0)),
        (Labelled("5", "desk", "person"), decision(None, None, 0.1, 0.0, 0.9)),
        (Labelled("6", None), decision("help", None, 0.6, 0.3, 0.1)),
    ]
    return measure(shop, *zip(*pairs, strict=True))


def test_shares_are_what_they_say(report: Report) -> None:
    """Accuracy, acceptable, offering, called off-topic and first two, counted by hand."""
    assert report.messages == 6
    assert report.accuracy == pytest.approx(3 / 6)
    assert report.acceptable == pytest.approx(4 / 6)
    assert report.offering == 1.0  # one message names one, and its channel is right
    assert report.called_off_topic == pytest.approx(1 / 4)
    assert report.first_two == pytest.approx(4 / 6)


def test_each_label_has_precision_recall_and_f1(report: Report) -> None:
    """Off-topic is a label like any other."""
    found = [(each.label, each.messages, each.precision, each.recall) for each in report.labels]
    assert found == [("help", 2, 0.5, 0.5), ("desk", 2, 0.5, 0.5), (None, 2, 0.5, 0.5)]
    assert [each.f1 for each in report.labels] == [0.5, 0.5, 0.5]
    assert report.macro_f1 == 0.5
    assert sum(each.messages for each in report.confusion) == 6
    assert len(report.confusion) == 9


def test_calibration_compares_what_was_said_with_what_was_right(report: Report) -> None:
    """Expected calibration error: each bin's gap, weighed by its messages."""
    last = report.calibration[-1]
    assert last.messages == 3
    assert last.accuracy == pytest.approx(2 / 3)
    assert last.confidence == pytest.approx((0.95 + 0.9 + 0.9) / 3)
    gaps = 3 * abs(2 / 3 - 2.75 / 3) + 1 * 0.2 + 2 * abs(0 - 0.625)
    assert report.calibration_error == pytest.approx(gaps / 6)


def test_coverage_counts_from_each_threshold_on(report: Report) -> None:
    """The catalogue's own threshold is measured like the others."""
    assert report.sure.threshold == 0.8
    assert report.sure.share == pytest.approx(4 / 6)
    assert report.sure.accuracy == pytest.approx(3 / 4)
    assert report.coverage[0].share == 1.0
    assert report.coverage[-1].share == pytest.approx(1 / 6)


def test_misses_tell_what_misled(report: Report) -> None:
    """A miss has the evidence for the answer and that for the right label."""
    assert [each.message.text for each in report.misses] == ["4", "5", "6"]
    assert [each.second for each in report.misses] == [True, False, False]
    assert [each.acceptable for each in report.misses] == [True, False, False]
    assert [each.misled[0].text for each in report.misses] == ["desk", "None", "help"]
    assert [each.spoke[0].text for each in report.misses] == ["help", "desk", "None"]


def test_nothing_to_measure_is_no_number(shop: Catalogue) -> None:
    """A share of no messages is unknown, not 0."""
    empty = measure(shop, [], [])
    assert (empty.accuracy, empty.macro_f1, empty.calibration_error) == (None, None, None)
    assert (empty.sure.share, empty.labels[0].recall) == (None, None)


def test_a_comparison_tells_what_was_gained_and_lost() -> None:
    """Right now, wrong now, wrong in another way; who stays where he was is not told."""
    rows: list[tuple[str | None, str | None, str | None]] = [
        ("help", "desk", "help"),  # right channel, answer before, answer now
        ("help", "help", "desk"),
        ("help", "desk", None),
        (None, "help", None),
        ("desk", "desk", "desk"),
        ("desk", "help", "help"),
        (None, None, "desk"),
        ("desk", None, "desk"),
    ]
    messages = [Labelled(str(at), right, id=str(at)) for at, (right, _, _) in enumerate(rows)]
    before = [decision(each, None, 0.9, 0.1, 0.0) for _, each, _ in rows]
    now = [decision(each, None, 0.6, 0.4, 0.0) for _, _, each in rows]
    changes = [
        Change(message, old, new, each.confidence)
        for message, (_, old, new), each in zip(messages, rows, now, strict=True)
    ]
    assert compare(messages, before, now) == Comparison(
        accuracy=3 / 8,
        difference=1 / 8,
        gained=(changes[0], changes[3], changes[7]),
        lost=(changes[1], changes[6]),
        changed=(changes[2],),
    )


def test_nothing_to_compare_is_no_number() -> None:
    """No messages have no accuracy."""
    assert compare([], [], []) == Comparison(None, None, (), (), ())
