"""`seller-help batch` as a process: nothing lost, nothing half written, whatever happens to it."""

from __future__ import annotations

import csv
import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from command import COMMAND, environment, on_terminal, run, start

from seller_help.batch import MAX_WORKERS, cores

EXAMPLE = Path(__file__).parents[1] / "docs" / "examples" / "messages.csv"
MESSAGES = Path(__file__).parent / "messages"
FULL = Path("/dev/full")
linux = pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="reads /proc")


@pytest.fixture(scope="module")
def many(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """20,000 messages; some seconds of work."""
    path = tmp_path_factory.mktemp("many") / "many.jsonl"
    texts = [each.read_text("utf-8") for each in sorted(MESSAGES.glob("*.jsonl"))]
    lines = "".join(texts).splitlines(keepends=True)
    path.write_text("".join((lines * 20)[:20_000]), "utf-8")
    return path


def test_a_small_file(tmp_path: Path) -> None:
    """Each row comes out with its answer, a damaged one with its error; the summary tells."""
    done = run("batch", str(EXAMPLE))
    given = list(csv.DictReader(EXAMPLE.read_text("utf-8").splitlines()))
    rows = list(csv.DictReader(done.stdout.splitlines()))
    assert [row["id"] for row in rows] == [row["id"] for row in given]
    assert [row["channel"] for row in rows[:2]] == ["chat", "help-center"]
    assert done.returncode == 1
    assert "seller-help: 7 messages\n" in done.stderr
    assert "1 record with an error, the first: line 7: " in done.stderr
    target = tmp_path / "routed.csv"
    assert run("batch", str(EXAMPLE), "-o", str(target)).stdout == ""
    assert target.read_bytes().decode() == done.stdout
    assert list(tmp_path.iterdir()) == [target]
    assert run("batch", str(EXAMPLE), "-o", "-", cwd=tmp_path).stdout == done.stdout
    assert list(tmp_path.iterdir()) == [target], "- is standard output, as for other programs"
    tabs = tmp_path / "messages.tsv"
    tabs.write_text("id\ttext\n1\tpayout failed\n", "utf-8")
    assert run("batch", str(tabs), "-o", str(tmp_path / "routed.tsv")).returncode == 0
    assert "1\tpayout failed\tchat\t" in (tmp_path / "routed.tsv").read_text("utf-8")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("-", "--format", "csv"), "the header names no 'text'"),
        (("messages.xlsx",), "a workbook has to be saved as CSV UTF-8"),
        (("messages.csv", "-o", "out.jsonl"), "CSV goes out, and out.jsonl says otherwise"),
        (("messages.csv", "-o", "out.tsv"), "hint: give it a name that ends in .csv\n"),
        (("messages.jsonl", "-o", "out.csv"), "JSONL goes out, and out.csv says otherwise"),
        (("messages.csv", "-o", "out.xlsx"), "CSV goes out, and out.xlsx says otherwise"),
        (("-", "-o", "out.xlsx"), "hint: give it a name that ends in .csv or .jsonl"),
        (("messages.csv", "--workers", "-1"), "--workers"),
    ],
)
def test_wrong_use(arguments: tuple[str, ...], said: str) -> None:
    """It says what is wrong before anything is read or written."""
    done = run("batch", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert said in done.stderr


def test_input_that_cannot_be_read(tmp_path: Path) -> None:
    """No file, a directory, a NUL in its name: one line, exit 4."""
    for name in ("nowhere.csv", str(tmp_path)):
        done = run("batch", name, "--format", "csv", cwd=tmp_path)
        assert (done.returncode, done.stderr.count("\n")) == (4, 1)


@pytest.mark.parametrize("workers", ["2", "0"])
def test_more_workers_say_the_same(many: Path, workers: str) -> None:
    """The order, and every byte, is that of one process."""
    one, more = run("batch", str(many)), run("batch", str(many), "--workers", workers)
    assert (one.returncode, more.returncode) == (0, 0)
    assert one.stdout.count("\n") == 20_000
    assert one.stdout == more.stdout
    told = one.stderr.splitlines()
    assert all(line.startswith("seller-help: ") for line in told), "no bar in a pipe"
    assert re.match(r"20,000 messages in [\d.]+ s, [\d,]+ a second$", told[0][13:])
    assert re.match(r"help-center \d+ %, chat .*, none \d+ %; unsure: \d+ %$", told[1][13:])


def test_workers_read_damaged_records_too() -> None:
    """The answers stay with their records."""
    raw = b"payout failed\n\xff\n" * 500
    one = run("batch", "-", stdin=raw)
    assert one.returncode == 1
    assert one.stdout.count('"error"') == 500
    assert run("batch", "-", "--workers", "2", stdin=raw).stdout == one.stdout


def test_strict(tmp_path: Path) -> None:
    """The run stops at the first damaged record, and leaves no file."""
    target = tmp_path / "routed.csv"
    done = run("batch", str(EXAMPLE), "--strict", "-o", str(target))
    assert done.returncode == 1
    assert done.stderr.startswith("seller-help: line 7: the field 'text' is missing")
    assert not list(tmp_path.iterdir())


def test_a_pipe_gets_its_answers_as_they_come() -> None:
    """Who types a line, or follows a log, does not wait for the end."""
    with start("batch", "-") as process:
        for _ in range(2):
            process.stdin.write(b"payout failed\n")
            process.stdin.flush()
            assert json.loads(process.stdout.readline())["channel"] == "chat"
        process.stdin.close()
        assert process.wait(timeout=30) == 0


def parts(folder: Path) -> list[Path]:
    """The unfinished files there."""
    return list(folder.glob(".seller-help-*.part"))


def begun(folder: Path, process: Any) -> None:
    """Wait until the run has written something."""
    end = time.monotonic() + 60
    while not any(each.stat().st_size for each in parts(folder)):
        assert process.poll() is None, process.stderr.read()
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("workers", ["1", "2"])
def test_ctrl_c_says_how_far_it_got(many: Path, tmp_path: Path, workers: str) -> None:
    """130, one line, the old file untouched and nothing left beside it."""
    target = tmp_path / "routed.jsonl"
    target.write_text("old")
    with start(
        "batch", str(many), "--workers", workers, "-o", str(target), start_new_session=True
    ) as process:
        begun(tmp_path, process)
        os.killpg(process.pid, signal.SIGINT)  # as a terminal does: to all processes
        _, err = process.communicate(timeout=30)
    assert process.returncode == 130
    assert err.decode().startswith("seller-help: stopped after ")
    assert err.count(b"\n") == 1
    assert (target.read_text(), parts(tmp_path)) == ("old", [])


def children(pid: int) -> list[int]:
    """The processes that a process has started."""
    found = Path(f"/proc/{pid}/task/{pid}/children").read_text("ascii")
    return list(map(int, found.split()))


@linux
def test_killed(many: Path, tmp_path: Path) -> None:
    """A killed run leaves no half file under the target's name, and no worker."""
    target = tmp_path / "routed.jsonl"
    with start("batch", str(many), "--workers", "2", "-o", str(target)) as process:
        begun(tmp_path, process)
        workers = children(process.pid)
        process.kill()
    assert len(workers) == 2
    assert not target.exists()
    end = time.monotonic() + 10
    while any(Path(f"/proc/{each}").exists() and not zombie(each) for each in workers):
        assert time.monotonic() < end
        time.sleep(0.05)


def zombie(pid: int) -> bool:
    """The process has ended, but nobody has asked how."""
    try:
        return ") Z " in Path(f"/proc/{pid}/stat").read_text("ascii")
    except OSError:
        return True


@linux
def test_a_killed_worker_is_no_silent_loss(many: Path, tmp_path: Path) -> None:
    """The run ends with an error, and not with what the others made."""
    target = tmp_path / "routed.jsonl"
    with start("batch", str(many), "--workers", "2", "-o", str(target)) as process:
        begun(tmp_path, process)
        os.kill(children(process.pid)[0], signal.SIGKILL)
        _, err = process.communicate(timeout=30)
    assert process.returncode == 70
    assert b"a worker was ended from outside" in err
    assert (target.exists(), parts(tmp_path)) == (False, [])


@pytest.mark.skipif(not FULL.exists(), reason="no /dev/full here")
@pytest.mark.parametrize("workers", ["1", "2"])
def test_full_disk(many: Path, workers: str) -> None:
    """One line and exit 4, to standard output and to a device."""
    with FULL.open("wb") as full:
        done = run("batch", str(many), "--workers", workers, stdout=full)
    assert (done.returncode, done.stderr.count("\n")) == (4, 1)
    done = run("batch", str(EXAMPLE), "-o", str(FULL), "--workers", workers)
    assert done.returncode == 4
    assert done.stderr == "seller-help: cannot write /dev/full: No space left on device\n"


@linux
def test_a_file_that_grows_too_large(many: Path, tmp_path: Path) -> None:
    """A disk that fills up in mid-run costs the run, and not the old file."""
    target = tmp_path / "routed.jsonl"
    target.write_text("old")
    script = f'ulimit -f 512; trap "" XFSZ; exec "$@" -o {target}'
    done = subprocess.run(
        ["bash", "-c", script, "bash", *COMMAND, "batch", str(many)],
        env=environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout) == (4, "")
    assert done.stderr == f"seller-help: cannot write {target}: File too large\n"
    assert (target.read_text(), parts(tmp_path)) == ("old", [])


def test_as_many_workers_as_processors_but_not_more_than_any_system_bears(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Windows waits for some sixty at most."""
    monkeypatch.setattr("os.sched_getaffinity", lambda _: range(96), raising=False)
    assert cores() == MAX_WORKERS <= 60
    monkeypatch.delattr("os.sched_getaffinity")
    monkeypatch.setattr("os.cpu_count", lambda: None)
    assert cores() == 1


BUG = """
import sys
from seller_help import main, router
def route(*_): raise {}
router.Router.route = route
sys.argv = ["seller-help", "batch", "-", *sys.argv[1:]]
main.main()
"""


@pytest.mark.parametrize("arguments", [(), ("-o", "routed.jsonl")])
@pytest.mark.parametrize(
    ("error", "code", "said"),
    [
        ("ValueError('a bug')", 70, "fault of the program: ValueError: a bug"),
        ("OSError(24, 'Too many open files')", 4, "the system refuses: Too many open files"),
    ],
)
def test_what_fails_while_it_writes_is_no_fault_of_the_file(  # noqa: PLR0917
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    arguments: tuple[str, ...],
    error: str,
    code: int,
    said: str,
) -> None:
    """It is told as what it is, with a file to write or without."""
    monkeypatch.setattr("command.COMMAND", [COMMAND[0], "-c", BUG.format(error)])
    done = run(*arguments, stdin=b"payout failed\n", cwd=tmp_path)
    assert (done.returncode, done.stderr.splitlines()[0]) == (code, f"seller-help: {said}")
    assert list(tmp_path.iterdir()) == []


def test_a_directory_that_takes_no_file(tmp_path: Path) -> None:
    """Said in one line before a message is read."""
    folder = tmp_path / "read-only"
    folder.mkdir()
    folder.chmod(0o555)
    target = folder / "routed.csv"
    if os.access(folder, os.W_OK):  # root may write anywhere but here
        target = Path("/proc/routed.csv")
    loop = tmp_path / "loop.csv"
    loop.symlink_to(loop)
    for bad in (target, tmp_path / "no" / "routed.csv", tmp_path, loop):
        done = run("batch", str(EXAMPLE), "-o", str(bad))
        assert (done.returncode, done.stdout) == (4, "")
        assert done.stderr.startswith(f"seller-help: cannot write {bad}: ")
        assert done.stderr.count("\n") == 1


def test_the_new_file_is_like_the_old(tmp_path: Path) -> None:
    """A link stays a link, and the file's mode stays; a new one has the usual mode."""
    real, link = tmp_path / "real.csv", tmp_path / "link.csv"
    real.write_text("old")
    real.chmod(0o640)
    link.symlink_to(real)
    run("batch", str(EXAMPLE), "-o", str(link))
    assert link.is_symlink()
    assert real.read_text("utf-8").startswith("id,received,text,channel")
    assert real.stat().st_mode & 0o777 == 0o640
    fresh = tmp_path / "fresh.csv"
    run("batch", str(EXAMPLE), "-o", str(fresh), umask=0o027)
    assert fresh.stat().st_mode & 0o777 == 0o640


def test_a_file_may_take_its_own_place(tmp_path: Path) -> None:
    """It is read to its end before it is replaced."""
    path = tmp_path / "messages.csv"
    path.write_bytes(EXAMPLE.read_bytes())
    run("batch", str(path), "-o", str(path))
    assert path.read_text("utf-8").count("\n") == EXAMPLE.read_text("utf-8").count("\n")


def test_on_a_terminal(many: Path, tmp_path: Path) -> None:
    """A bar while it runs; what would act on the terminal is shown and does nothing."""
    shown, code = on_terminal("batch", str(many), "-o", str(tmp_path / "out.jsonl"))
    assert code == 0
    assert "%" in shown
    evil = tmp_path / "evil.txt"
    evil.write_bytes(b"payout \x9b31m \x1b[31m \xe2\x80\xae failed\n".replace(b"\x9b", b"\xc2\x9b"))
    shown, _ = on_terminal("batch", str(evil))
    assert not {"\x1b", "\x9b", "\u202e"} & set(shown)
    rows = tmp_path / "evil.csv"
    rows.write_bytes(b"text\n" + evil.read_bytes())
    shown, _ = on_terminal("batch", str(rows))
    assert not {"\x1b", "\x9b", "\u202e"} & set(shown)


GENERATOR = """
import json, random, sys
rows, sources = int(sys.argv[1]), sys.argv[2:]
lines = [line for source in sources for line in open(source, encoding="utf-8")]
words = [word for line in lines for word in json.loads(line)["text"].split()]
draw = random.Random(1)
for number in range(rows):
    at = draw.randrange(len(words) - 20)
    text = " ".join(words[at : at + draw.randrange(3, 15)])
    print(json.dumps({"id": number, "text": f"{text} order {draw.randrange(10**12)}"}))
"""


def rows_of(number: int) -> Any:
    """A process that writes so many rows."""
    sources = map(str, sorted(MESSAGES.glob("*.jsonl")))
    return subprocess.Popen(
        [sys.executable, "-c", GENERATOR, str(number), *sources], stdout=subprocess.PIPE
    )


@linux
@pytest.mark.slow
def test_a_million_rows_in_constant_memory(tmp_path: Path) -> None:
    """At most 80 MiB, and no more at the end than at a fifth of the way."""
    target, peaks = tmp_path / "routed.jsonl", []
    source = rows_of(1_000_000)
    with (
        source,
        start("batch", "-", "--format", "jsonl", "-o", str(target), stdin=source.stdout) as process,
    ):
        source.stdout.close()
        while process.poll() is None:
            time.sleep(1)
            status = Path(f"/proc/{process.pid}/status").read_text("ascii")
            peaks += [int(line.split()[1]) for line in status.splitlines() if "VmHWM" in line]
        err = process.stderr.read().decode()
    assert (process.returncode, "1,000,000 messages" in err) == (0, True), err
    with target.open("rb") as file:
        assert sum(1 for _ in file) == 1_000_000
    print(err, f"peak: {peaks[-1] / 1024:.1f} MiB")  # noqa: T201 - the figure of docs/performance.md
    assert peaks[-1] <= 80 * 1024
    assert peaks[-1] <= 1.05 * peaks[len(peaks) // 5]
