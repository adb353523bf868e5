"""The answers as JSON objects with stable keys, for programs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable
from dataclasses import asdict
from typing import TYPE_CHECKING, Any

from .lines import one_line

if TYPE_CHECKING:
    from .catalogue import Catalogue, Channel
    from .checking import Checked
    from .decision import Decision
    from .errors import SellerHelpError
    from .evaluation import Report

SCHEMA_VERSION = 1
_TOLD = ("id", "name", "aliases", "purpose", "use_when", "not_when")  # of a channel, as it stands


def route_json(decision: Decision, catalogue: Catalogue) -> str:
    """One routed message."""
    channel = None if decision.channel is None else catalogue.channel(decision.channel)
    offerings = {} if channel is None else {each.id: each for each in channel.offerings}
    offering = offerings.get(decision.offering or "")
    return _object(
        message=decision.message,
        channel=decision.channel,
        offering=decision.offering,
        confidence=decision.confidence,
        reason=decision.reason,
        access=[] if channel is None else _access(channel),
        next=None if channel is None else channel.next or None,
        note=None if offering is None else offering.note or None,
        candidates=[asdict(each) for each in decision.candidates],
        off_topic=asdict(decision.off_topic),
        cut=decision.cut,
    )


def path_json(channel: Channel) -> str:
    """The ways to one channel."""
    return _object(channel=channel.id, name=channel.name, access=_access(channel))


def list_json(catalogue: Catalogue, channels: Iterable[Channel]) -> str:
    """Some channels of the catalogue, with all that a person may read about them."""
    return _object(
        title=catalogue.title,
        version=catalogue.version,
        first_stop=catalogue.first_stop,
        channels=[_channel(each) for each in channels],
    )


def evaluation_json(report: Report) -> str:
    """All measures of answers to labelled messages; None is off-topic, or a share of nothing."""
    return _object(**asdict(report))


def check_json(checked: Checked) -> str:
    """What was found in a catalogue."""
    severity, found = "error" if checked.refusal else "warning", len(checked.findings)
    findings = (
        {"code": each.code, "severity": severity, "about": each.about, **asdict(each.problem)}
        for each in checked.findings
    )
    return _object(
        source=one_line(str(checked.source)),
        errors=found if checked.refusal else 0,
        warnings=0 if checked.refusal else found,
        reviewed=checked.reviewed,
        triggers=checked.triggers,
        findings=[_on_lines(each) for each in findings],
    )


def error_json(error: SellerHelpError) -> str:
    """One error; the code is stable, the words are not."""
    return _dump({"error": _on_lines({"code": error.code, **asdict(error)})})


def _channel(channel: Channel) -> dict[str, Any]:
    return {
        **{name: getattr(channel, name) for name in _TOLD},
        "offerings": [
            {"id": each.id, "name": each.name, "what": each.what, "note": each.note or None}
            for each in channel.offerings
        ],
        "access": _access(channel),
        "next": channel.next or None,
    }


def _access(channel: Channel) -> list[dict[str, Any]]:
    return [asdict(way) for way in channel.access]


def _object(**facts: object) -> str:
    return _dump({"schema_version": SCHEMA_VERSION, **_each(facts, float, lambda it: round(it, 4))})


def _on_lines(facts: Any) -> Any:
    """The same with each text on one line."""
    return _each(facts, str, one_line)


def _each(facts: Any, kind: type, change: Callable[[Any], object]) -> Any:
    """The same with everything of this kind changed."""
    if isinstance(facts, dict):
        return {name: _each(each, kind, change) for name, each in facts.items()}
    if isinstance(facts, (list, tuple)):
        return [_each(each, kind, change) for each in facts]
    return change(facts) if isinstance(facts, kind) else facts


def _dump(facts: dict[str, Any]) -> str:
    # ASCII only: no terminal, pipe or encoding can trip over it, and no character can act
    return json.dumps(facts, indent=2, ensure_ascii=True, allow_nan=False) + "\n"
