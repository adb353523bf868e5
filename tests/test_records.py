"""Records of CSV, JSONL and plain lines: one out for each in, every field kept, faults in place."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from seller_help.batch import Tally, _chunks, route_records
from seller_help.errors import SellerHelpError
from seller_help.records import FORMULA, MAX_LINE, Answer, Format, Record, _Rows, records

if TYPE_CHECKING:
    from seller_help.router import Router

ANSWER = Answer("chat", None, 0.5, "close")
LONG = b"x" * (MAX_LINE + 10)


def came(raw: bytes, form: Format = "csv") -> list[Record]:
    """The records of some bytes."""
    return list(records(io.BytesIO(raw).readline, form))


def out(raw: bytes, form: Format = "csv", *, as_csv: bool = False) -> str:
    """What goes out for some bytes, each record with the same answer."""
    found = records(io.BytesIO(raw).readline, form, as_csv=as_csv)
    return found.head + "".join(found.written(each, ANSWER) for each in found)


def rows(text: str) -> list[dict[str, str]]:
    """CSV as a spreadsheet reads it."""
    return list(csv.DictReader(io.StringIO(text, newline=""), strict=True))


@pytest.mark.parametrize(
    ("line", "error"),
    [
        (b'{"text": "a"', ", column 13: broken JSON"),
        (b'{"text": NaN}', "NaN is no JSON"),
        (b"[" * 100_000, "too many brackets"),
        (b'{"text": ' + b"1" * 5000 + b"}", "broken JSON"),
        (b'["text"]', "no JSON object"),
        (b'{"a": 1}', "the field 'text' is missing"),
        (b"{}", "the field 'text' is missing"),
        (b'{"text": null}', "the field 'text' is no text"),
        (b'{"text": "\xff"}', ", column 11: byte 0xff is not UTF-8"),
        (b'{"text": "' + LONG + b'"}', "longer than 1,048,576 bytes"),
    ],
)
def test_damaged_json_stays_in_its_place(line: bytes, error: str) -> None:
    """It goes out as an object too, with what could be read of it and where the fault is."""
    raw = b'{"text": "one"}\n' + line + b'\r\n\n{"text": "two"}'
    first, damaged, last = came(raw, "jsonl")
    assert (first.text, first.fault, last.text, last.fault) == ("one", None, "two", None)
    assert damaged.fault
    told = str(damaged.fault)
    assert told.startswith("line 2")
    assert error in told
    shown = [json.loads(each) for each in out(raw, "jsonl").splitlines()]
    assert [each.get("error") for each in shown] == [None, told, None]


@pytest.mark.parametrize(
    ("line", "error", "kept"),
    [
        (b'2,"open', "line 3: broken CSV", '2,"open'),
        (b'2,"a"b', "line 3: broken CSV", '2,"a"b'),
        (b"2", "line 3: the field 'text' is missing", ""),
        (b"2,b,c,d", "line 3: 4 cells, the header names 2", "b"),
        (b"2,b\xffc", "line 3, column 4: byte 0xff is not UTF-8", "b\ufffdc"),
        (b"2," + LONG, "line 3: longer than", f"2,{'x' * (MAX_LINE - 1)}"),
        (b'2,"' + LONG, "line 3: longer than", f'2,"{"x" * (MAX_LINE - 2)}'),
        (b'2,"=cmd', "line 3: broken CSV", '2,"=cmd'),
        (b'=2,"cmd', "line 3: broken CSV", "'=2,\"cmd"),
    ],
)
def test_damaged_csv_stays_in_its_place(line: bytes, error: str, kept: str) -> None:
    """A quote that nobody closed costs one line; what was read stands where the message does."""
    raw = b'id,text\r\n1,one\r\n%b\r\n3,"th\nree"\r\n' % line
    first, damaged, last = came(raw)
    assert (first.text, first.fault, last.text, last.fault) == ("one", None, "th\nree", None)
    assert str(damaged.fault).startswith(error)
    shown = rows(out(raw))
    assert [each["text"] for each in shown] == ["one", kept, "th\nree"]
    assert [each["error"] for each in shown] == ["", str(damaged.fault), ""]


def test_a_long_quote_costs_one_line_too() -> None:
    """Whatever a quote that nobody closed seems to hold is read again."""
    raw = b'id,text\n1,"open\n' + b"2,fine\n" * 200_000
    first, *others = came(raw)
    assert str(first.fault) == "line 2: broken CSV (more than 1,048,576 bytes)"
    assert len(others) == 200_000
    assert not any(each.fault for each in others)


def test_a_quote_that_every_line_opens_anew_takes_no_square(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Each line closes a quote and opens the next: as many lines, and no hour for a megabyte.

    What is counted are lines that are read, some of them again.
    """
    monkeypatch.setattr("seller_help.records._PATIENCE", 5_000)
    taken = 0
    feed = _Rows._feed

    def counted(rows: _Rows) -> Iterator[str]:
        nonlocal taken
        for line in feed(rows):
            taken += 1
            yield line

    monkeypatch.setattr(_Rows, "_feed", counted)
    lines = 3_000
    found = came(b"text\n" + b'a","\n' * lines)
    assert len(found) == lines
    assert all(each.fault for each in found)
    assert taken < 150 * lines  # the square is half of 3,000 for each


def test_a_cell_of_a_hundred_lines_is_read_in_any_case(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many lines had to be read again before."""
    monkeypatch.setattr("seller_help.records._PATIENCE", 10)
    long = "line\n" * 98
    found = came(
        f'text\n"open\n{"fine" + chr(10)}'.encode() + b"fine\n" * 40 + f'"{long}"\n'.encode()
    )
    assert found[0].fault
    assert [each.text for each in found if not each.fault] == ["fine"] * 41 + [long]


def test_cells_may_have_many_lines_whatever_was_read_again() -> None:
    """After a line that was broken too."""
    long = "line\n" * 5_000
    found = came(f'text\nx,"open\n"{long}"\nlast\n'.encode())
    assert [each.text for each in found if not each.fault] == [long, "last"]


@pytest.mark.parametrize(
    ("header", "row"),
    [
        ('id,"a; b; c; d",text', "1,x,found"),
        ("Timestamp\tWhat went wrong, and when, and where?\ttext", "1\tx\tfound"),
        ("\n \nid;text", "1;found"),
        ("text", "found"),
        ("id, Text", "1,found"),
        ("TEXT;text", "x;found"),
        ("id,text", "1,found,,"),
    ],
)
def test_what_stands_between_the_cells(header: str, row: str) -> None:
    """What shows the column that is wanted, whatever stands in the names of the others.

    Case and blanks in its own name do not matter, nor do empty cells beyond the header.
    """
    assert [each.text for each in came(f"{header}\n{row}\n".encode())] == ["found"]


def test_damaged_lines() -> None:
    """A plain line can be too long or no UTF-8; an empty one is an empty message."""
    one, two, three, four = came(b"a\xff\n" + LONG + b"\n\nlast", "lines")
    assert "not UTF-8" in str(one.fault)
    assert "longer than" in str(two.fault)
    assert (three.text, three.fault, four.text) == ("", None, "last")


def test_every_field_is_kept_as_it_was_written() -> None:
    """JSON keeps its numbers, escapes and double keys, CSV its cells and its nameless ones."""
    raw = b'{"n": 1e400, "n": 1.10, "text": "\\u00e9 \xc3\xa9", "b": [1, {}] }\n'
    assert out(raw, "jsonl").startswith('{"n": 1e400, "n": 1.10, "text": "\\u00e9 é", "b": [1, {}]')
    assert out(b"a,a,text,\r\n1,2,x,4\r\n").splitlines()[1] == "1,2,x,4,chat,,0.5,close,"
    assert out(b"text\r\nx,1,2\r\n").splitlines()[1].endswith('the header names 1",1,2')
    assert out(b"\xef\xbb\xbfid;text\r\n1;a,b\r\n") == (  # as Excel writes it, and wants it
        "\ufeffid;text;channel;offering;confidence;reason;error\r\n1;a,b;chat;;0.5;close;\r\n"
    )
    assert out(b'\xef\xbb\xbf{"text": "a"}\n', "jsonl").startswith("{")


def test_names_that_are_taken() -> None:
    """An input with a field of ours keeps it; then all of ours have a name of their own."""
    (row,) = rows(out(b"text,reason\r\na,mine\r\n"))
    assert (row["reason"], row["seller_help_reason"], row["seller_help_channel"]) == (
        "mine",
        "close",
        "chat",
    )
    once = out(b'{"text": "a", "channel": 1}\n', "jsonl")
    twice: dict[str, Any] = json.loads(out(once.encode(), "jsonl"))
    assert twice["channel"] == 1
    assert {"seller_help_channel", "seller_help_seller_help_channel"} <= twice.keys()


@given(st.text(st.sampled_from("=+-@\t'a\"\n,;é"), max_size=8))
def test_no_cell_of_ours_is_a_formula(text: str) -> None:
    """Plain text that becomes a cell can do nothing; a cell that came as one stays as it was."""
    line = text.replace("\n", " ").rstrip("\r")
    written = list(csv.reader(io.StringIO(out(line.encode() + b"\n", "lines", as_csv=True))))[1]
    assert not any(cell.startswith(FORMULA) for cell in written)
    assert written[0].removeprefix("'") == line.removeprefix("'")


@given(
    st.lists(st.lists(st.text(st.characters(codec="utf-8")), min_size=2, max_size=2), max_size=5)
)
def test_any_csv_comes_out_as_it_went_in(table: list[list[str]]) -> None:
    """What csv.writer wrote is read back cell by cell."""
    raw = io.StringIO(newline="")
    csv.writer(raw).writerows([["text", "b"], *table])
    found = came(raw.getvalue().encode())
    assert [each.kept for each in found] == table
    assert not any(each.fault for each in found)


@given(st.binary(max_size=200), st.sampled_from(["csv", "jsonl", "lines"]))
def test_no_bytes_break_it(raw: bytes, form: Format) -> None:
    """As many records out as in, whatever they are; JSON that goes out is JSON."""
    head = b"text\n" if form == "csv" else b""
    found = came(head + raw, form)
    text = out(head + raw, form)
    if form == "csv":
        assert len(list(csv.reader(io.StringIO(text, newline=""), strict=True))) == 1 + len(found)
    else:
        assert len([json.loads(each) for each in text.split("\n")[:-1]]) == len(found)


@pytest.mark.parametrize(
    ("raw", "code", "told"),
    [
        (b"id,message\r\n1,a\r\n", "usage", "the header names no 'text', but: id, message"),
        (b"", "usage", "the header names no 'text', but: nothing"),
        (b"text,text\r\n", "usage", "the header names 'text' 2 times"),
        (b"text\rpayout failed\r", "cannot-read", "with a carriage return alone: save it as CSV"),
        (b"PK\x03\x04\x14\x00", "cannot-read", "a workbook"),
        (b'"id,text\r\n', "cannot-read", "the header cannot be read: line 1: broken CSV"),
        ("id,text\r\n".encode("utf-16"), "cannot-read", "line 1: byte 0xff is"),
    ],
)
def test_a_header_without_the_message(raw: bytes, code: str, told: str) -> None:
    """No row could be read, so the run ends before it begins."""
    with pytest.raises(SellerHelpError) as refused:
        came(raw)
    assert refused.value.code == code
    assert told in refused.value.message


def test_the_tally_counts_everything(router: Router) -> None:
    """Every record is an answer or an error."""
    raw = b"payout failed\n\xff\nweather in houston\n" + b"payout " * 2000 + b"\n\n"
    tally = Tally()
    assert len(list(route_records(records(io.BytesIO(raw).readline, "lines"), router, tally))) == 5
    assert (tally.records, tally.errors, tally.cut) == (5, 1, 1)
    assert sum(tally.channels.values()) == 4
    assert tally.channels[None] == 2
    assert tally.first_error.startswith("line 2: ")


def test_strict_stops_at_the_first(router: Router) -> None:
    """The records before it have gone out."""
    found = records(io.BytesIO(b"a\nb\n\xff\nc\n").readline, "lines")
    texts = route_records(found, router, Tally(), strict=True)
    assert [next(texts), next(texts)]
    with pytest.raises(SellerHelpError, match="line 3") as refused:
        next(texts)
    assert (refused.value.code, refused.value.exit_code) == ("bad-record", 1)


def test_chunks_are_bounded() -> None:
    """Neither many records nor long ones make a chunk that fills the memory."""
    short = [Record("a", "")] * 1000
    assert max(map(len, _chunks(short))) == 256
    long = [Record("a" * MAX_LINE, "")] * 10
    assert max(map(len, _chunks(long))) == 2
    assert sum(map(len, _chunks(short + long))) == 1010
