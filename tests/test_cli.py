"""The commands as a seller or a script meets them, on the shipped catalogue."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from command import COMMAND, run

import seller_help

CHAT = [
    "Seller Center",
    "Profile",
    "Help & Support",
    "Help Center",
    "Contact TikTok",
    "Chat with us",
]


def answer(*arguments: str, code: int = 0) -> Any:
    """The one JSON object of a command, which must leave standard error empty."""
    done = run(*arguments, "--json")
    assert (done.returncode, done.stderr) == (code, "")
    return json.loads(done.stdout)


def test_route_names_channel_sureness_reason_offer_way_and_next() -> None:
    """One answer holds all that a seller needs, the first line the channel and how sure."""
    done = run("route", "payout failed")
    lines = done.stdout.splitlines()
    assert done.returncode == 0
    assert lines[0].startswith("Chat Support")
    assert "sure" in lines[0]
    assert "%" in lines[0]
    assert any(line.startswith("Why: ") and "payout" in line for line in lines)
    assert any(line.startswith("What: ") for line in lines)
    assert f"Way: {' > '.join(CHAT)}" in lines
    assert any(line.startswith("Next: ") for line in lines)


def test_route_takes_unquoted_words() -> None:
    """Quotes may be forgotten."""
    assert run("route", "payout", "failed").stdout == run("route", "payout failed").stdout


def test_route_shows_every_way() -> None:
    """A channel with two ways is recommended with both."""
    done = run("route", "webinars for sellers")
    assert done.stdout.count("Way: ") == 2


def test_route_says_who_may_not_be_eligible() -> None:
    """Elevated support is for select sellers: said whenever it is recommended, here and in JSON."""
    message = "office hours with my account manager"
    assert "Note: " in run("route", message).stdout
    assert answer("route", message)["note"]


@pytest.mark.parametrize("message", ["what is the weather in houston", "", "   ", "?!", "zzgrmpf"])
def test_route_sends_nobody_to_a_channel_that_does_not_fit(message: str) -> None:
    """When none fits it says so, suggests other words and the first stop, and exits 1."""
    done = run("route", message)
    assert done.returncode == 1
    assert done.stdout.startswith("No channel fits")
    assert "Try: " in done.stdout
    assert "Start: Help Center" in done.stdout
    assert answer("route", message, code=1)["channel"] is None


def test_perhaps_no_channel_is_no_channel(tmp_path: Path) -> None:
    """The exit code says that no channel is recommended; `batch` counts it as unsure."""
    own = tmp_path / "own.yaml"
    own.write_text(
        "channels: [{id: desk, name: Desk, triggers: [broken lamp, dark room]}]\n"
        "off_topic: {triggers: [rain tomorrow]}\nsettings: {sure: 1, caution: 1}\n"
    )
    done = run("--catalogue", str(own), "route", "rain")
    assert (done.returncode, done.stdout.splitlines()[0][:30]) == (
        1,
        "Not sure: no channel's matter,",
    )
    assert "Why: rain" in done.stdout
    found = json.loads(run("--catalogue", str(own), "route", "rain", "--json").stdout)
    assert (found["channel"], found["reason"]) == (None, "unsure")
    batch = run("--catalogue", str(own), "batch", "-", stdin=b"rain\n")
    assert (batch.returncode, "unsure: 100 %" in batch.stderr) == (0, True)


def test_route_explains() -> None:
    """--explain shows the evidence of each channel with a bar of plain characters."""
    lines = run("route", "payout failed", "--explain").stdout.splitlines()
    bars = [line for line in lines if line.startswith(("#", "."))]
    assert "Chat Support" in bars[0]
    assert set(bars[0].split()[0]) <= {"#", "."}
    assert len(bars) >= 1


def test_route_json_keys() -> None:
    """The keys are stable, and the version of their meaning comes first."""
    found = answer("route", "payout failed")
    assert list(found) == [
        "schema_version",
        "message",
        "channel",
        "offering",
        "confidence",
        "reason",
        "access",
        "next",
        "note",
        "candidates",
        "off_topic",
        "cut",
    ]
    assert found["schema_version"] == 1
    assert found["channel"] == "chat"
    assert found["access"] == [{"name": "", "steps": CHAT}]
    first = found["candidates"][0]
    assert list(first) == ["channel", "offering", "score", "evidence"]
    assert list(first["evidence"][0]) == ["kind", "text", "strength"]
    assert {each["channel"] for each in found["candidates"]} == {"help-center", "chat", "community"}
    assert 0 <= found["confidence"] <= 1


@pytest.mark.parametrize("name", ["chat", "CHAT", "Chat Support", "chat support"])
def test_path_takes_ids_and_names(name: str) -> None:
    """A channel answers to its id and its name, whatever the case."""
    lines = run("path", name).stdout.splitlines()
    for number, step in enumerate(CHAT, 1):
        assert f"{number}. {step}" in lines
    assert f"Way: {' > '.join(CHAT)}" in lines


def test_path_takes_aliases() -> None:
    """Every alias of the catalogue leads to its channel."""
    for channel in seller_help.load_catalogue().channels:
        for alias in channel.aliases[:1]:
            assert answer("path", alias)["channel"] == channel.id


def test_path_asks_and_never_guesses() -> None:
    """A typo is asked about: nothing is shown as if it had been asked for."""
    done = run("path", "chta")
    assert (done.returncode, done.stdout) == (2, "")
    assert "did you mean chat?" in done.stderr


def test_list_shows_each_channel_and_what_it_offers() -> None:
    """All channels at a glance, and one of them in full."""
    everything = run("list").stdout
    for channel in seller_help.load_catalogue().channels:
        assert f"{channel.name} ({channel.id})" in everything
        full = run("list", channel.id).stdout
        for offering in channel.offerings:
            assert offering.name in everything
            assert offering.what in full
            assert offering.note in full


def test_list_json() -> None:
    """`list` has one object too, with all channels or the one that was asked for."""
    assert [each["id"] for each in answer("list")["channels"]] == [
        each.id for each in seller_help.load_catalogue().channels
    ]
    assert [each["id"] for each in answer("list", "chat")["channels"]] == ["chat"]


def test_no_arguments_is_wrong_use_with_examples() -> None:
    """A forgotten argument in a script must not look like success."""
    done = run()
    assert (done.returncode, done.stdout) == (2, "")
    assert done.stderr.count("  seller-help ") == 4
    assert "seller-help --help" in done.stderr


@pytest.mark.parametrize(
    "command", [[], ["route"], ["ask"], ["path"], ["list"], ["check"], ["completion"]]
)
def test_help_everywhere(command: list[str]) -> None:
    """-h and --help say the same on every level, with examples, on standard output."""
    short, long = run(*command, "-h"), run(*command, "--help")
    assert (short.returncode, short.stderr) == (0, "")
    assert short.stdout == long.stdout
    assert short.stdout.count("    seller-help ") >= 2


def test_help_has_the_exit_codes() -> None:
    """Scripts live by them."""
    told = run("--help").stdout
    for line in ("0   answered", "1   no channel", "2   wrong", "3   bad cat", "4   cannot"):
        assert line in told


@pytest.mark.parametrize("arguments", [["--version"], ["-V"], ["--color", "never", "--version"]])
def test_version(arguments: list[str]) -> None:
    """Name and version on one line, also behind other options."""
    assert run(*arguments).stdout == f"seller-help {seller_help.__version__}\n"


@pytest.mark.parametrize(
    ("arguments", "cure"),
    [
        (["rout", "x"], "did you mean route?"),
        (["ROUTE", "x"], "did you mean route?"),
        (["payout failed"], 'seller-help route "payout failed"'),
        (["wheres", "my", "money"], 'seller-help route "wheres my money"'),
        (["wheres", "my", "money", "--json"], r"seller-help route \"wheres my money\""),
        (["route", "-5 balance"], 'seller-help route -- "-5 balance"'),
        (["route", "my balance is", "-5"], 'seller-help route "my balance is -5"'),
        (["route", "x", "--color", "never"], "goes before the command"),
        (["--json", "list"], "--json goes after the command"),
        (["--strict", "x.csv"], "seller-help batch --strict"),
        (["--color", "never", "route", "x", "--jsn"], "seller-help --help"),
        (["--color", "never", "route", "pay", "-5"], 'seller-help route "pay -5"'),
        (["--verison"], "seller-help --help"),
        (["help", "my", "payout"], 'seller-help route "help my payout"'),
        (["help"], "hint: seller-help --help shows commands and options"),
        (["help", "route"], "hint: seller-help --help shows commands and options"),
        (["--catalogue", "", "list"], "the catalogue's name is empty"),
        (["check", ""], "the catalogue's name is empty"),
        (["path", "chat", "--jsn"], "--json"),
        (["route"], "MESSAGE"),
        (["path", "zzzzzz"], "seller-help list"),
        (["--color", "blue", "list"], "'always'"),
        (["ask"], "seller-help route -"),
        (["completion", "tcsh"], "'fish'"),
        (["--catalogue"], "--catalogue"),
    ],
)
def test_wrong_use_names_the_cure(arguments: list[str], cure: str) -> None:
    """Wrong use exits 2, prints nothing on standard output and says how to put it right."""
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert cure in done.stderr


def test_what_it_says_to_type_keeps_the_catalogue(tmp_path: Path) -> None:
    """Whoever named a catalogue is not sent to the channels of another."""
    path = tmp_path / "my shop.yaml"
    b = "{id: b, name: B, triggers: [y]}"
    path.write_text(f"channels: [{{id: a, name: A, triggers: [x], next: b}}, {b}]\n", "utf-8")
    own = f"seller-help --catalogue '{path}'"
    for arguments, says in [
        (["list", "a"], f"{own} path b"),
        (["path", "zzzzzz"], f"{own} list shows"),
        (["route"], f"{own} route -"),
        (["money", "late"], f'{own} route "money late"'),
    ]:
        done = run("--catalogue", str(path), *arguments)
        assert says in done.stdout + done.stderr


def test_a_message_may_start_with_a_dash() -> None:
    """After -- everything is the message, even what looks like an option."""
    done = run("route", "--json", "--", "-5 balance", "--json")
    assert json.loads(done.stdout)["message"] == "-5 balance --json"
    assert not run("route", "--", "--json").stdout.startswith("{")


@pytest.mark.parametrize(
    ("arguments", "code", "exit_code"),
    [
        (["path", "chta"], "unknown-channel", 2),
        (["route"], "usage", 2),
        (["rout", "x"], "usage", 2),
        (["--catalogue", "/nowhere/at/all.yaml", "list"], "bad-catalogue", 3),
    ],
)
def test_errors_are_json_where_json_was_asked_for(
    arguments: list[str], code: str, exit_code: int
) -> None:
    """One object on standard error with a stable code; standard output stays empty."""
    done = run(*arguments, "--json")
    error = json.loads(done.stderr)["error"]
    assert (done.returncode, done.stdout, error["code"]) == (exit_code, "", code)
    assert error.keys() == {"code", "message", "hint", "suggestions", "problems"}


def test_suggestions_are_ids() -> None:
    """A program can take the suggestion as it is."""
    error = json.loads(run("path", "chta", "--json").stderr)["error"]
    assert error["suggestions"] == ["chat"]


def test_another_catalogue(tmp_path: Path) -> None:
    """--catalogue comes first, then the variable, then what is shipped; never what lies around."""
    for name in ("one", "two"):
        (tmp_path / f"{name}.yaml").write_text(
            f"channels:\n- id: {name}\n  name: Desk {name}\n  triggers: [broken lamp, dark room]\n"
            "- id: other\n  name: Other\n  triggers: [wet floor, water on the stairs]\n",
            encoding="utf-8",
        )
    (tmp_path / "channels.yaml").write_text("channels: none\n", encoding="utf-8")
    one, env = str(tmp_path / "one.yaml"), {"SELLER_HELP_CATALOGUE": str(tmp_path / "two.yaml")}
    routed = run("--catalogue", one, "route", "broken lamp", env=env, cwd=tmp_path)
    assert routed.stdout.startswith("Desk one"), routed.stderr
    assert run("list", env=env, cwd=tmp_path).stdout.startswith("Desk two (two)")
    assert run("list", cwd=tmp_path).stdout.startswith("Help Center")


def test_a_fault_of_the_program_is_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever nobody thought of: one line, exit 70, and where to look."""
    code = (
        "import sys, seller_help.cli as c, seller_help.main as m\n"
        "def fail(argv): raise RuntimeError('\\x1b[31mno\\nnews')\n"
        "c.run = fail; sys.argv = ['seller-help', 'list']; m.main()"
    )
    monkeypatch.setattr("command.COMMAND", [COMMAND[0], "-c", code])
    done = run()
    assert done.returncode == 70
    assert "Traceback" not in done.stderr
    assert "RuntimeError: \\x1b[31mno\\x0anews" in done.stderr
    assert "Traceback" in run(env={"SELLER_HELP_DEBUG": "1"}).stderr


def test_public_names_are_there() -> None:
    """Every name in `__all__` can be had, and no other."""
    for name in seller_help.__all__:
        assert getattr(seller_help, name) is not None
    with pytest.raises(AttributeError, match="nothing_else"):
        _ = seller_help.nothing_else
