"""The catalogue: what its file may say, and how a channel is found in it.

The dataclasses are the one definition of the file's fields: the reader, the compiled form and the
documentation follow them. Annotations stay real types here (no `from __future__`), so that
`dataclasses.fields` gives them without any work at import.
"""

import os
import re
import unicodedata
import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, NamedTuple, get_args, get_origin

from .errors import SellerHelpError

ENVIRONMENT = "SELLER_HELP_CATALOGUE"
NONE = "none"
"""How a file for people writes that no channel fits; so no channel has this id."""
_ID = "[a-z0-9]+(-[a-z0-9]+)*"
FILE = r"(?!/|(.*/)?\.\.(/|$))[^\\:]*"
"""The name of a file beside the catalogue or in a folder below it."""
FILED = {"file": True}
"""Of a field: it may hold the name of a file instead, whose content then takes its place."""
_GAPS = re.compile(r"[\s_-]+")

Phrases = dict[str, tuple[str, ...]]
"""What a phrase file holds: topics, and under each its triggers."""


@dataclass(frozen=True)
class Way:
    """One way to reach a channel."""

    steps: tuple[str, ...]
    """What to open or press, one after another."""
    name: str = ""
    """What tells this way from the others."""


@dataclass(frozen=True)
class Offering:
    """One thing that a channel offers."""

    id: str = field(metadata={"pattern": _ID})
    """Its short name, unique in its channel."""
    name: str
    """What people call it."""
    what: str = ""
    """One sentence: what one gets."""
    note: str = ""
    """Who may use it; shown whenever it is recommended."""
    triggers: tuple[str, ...] = ()
    """What people write who need it, one phrase each."""
    phrases: Phrases = field(default_factory=dict, hash=False, metadata=FILED)
    """More triggers by topic: here, or in the file of this name."""


@dataclass(frozen=True)
class Channel:
    """One place where people are helped."""

    id: str = field(metadata={"pattern": _ID})
    """Its short name, for commands."""
    name: str
    """What people call it."""
    aliases: tuple[str, ...] = ()
    """Other names that find it."""
    purpose: str = ""
    """One sentence: what it is for."""
    use_when: tuple[str, ...] = ()
    """When it is the right one."""
    not_when: tuple[str, ...] = ()
    """When another one is right."""
    access: tuple[Way, ...] = ()
    """The ways to reach it."""
    next: str = ""
    """The id of the channel to try if this one does not help."""
    triggers: tuple[str, ...] = ()
    """What people write who need it, one phrase each."""
    phrases: Phrases = field(default_factory=dict, hash=False, metadata=FILED)
    """More triggers by topic: here, or in the file of this name."""
    offerings: tuple[Offering, ...] = ()
    """What it offers."""


@dataclass(frozen=True)
class Settings:
    """How sure an answer must be; each a number from 0 to 1."""

    sure: float = 0.8
    """From this confidence on it is sure, of a channel or of none. Below, it shows what is near."""
    off_topic: float = 0.4
    """From this share on, a message is rather no channel's matter than the likeliest one's."""
    caution: float = 0.8
    """How much evidence it takes to be sure: higher means lower confidence for the same evidence.
    Set it by measuring: the stated confidence should be the share of right answers."""


@dataclass(frozen=True)
class OffTopic:
    """What is no channel's matter."""

    triggers: tuple[str, ...] = ()
    """What people write that no channel is for."""
    phrases: Phrases = field(default_factory=dict, hash=False, metadata=FILED)
    """More of them by topic: here, or in the file of this name."""


@dataclass(frozen=True)
class Reviewed:
    """Warnings of `seller-help check` that somebody looked at, and that stay."""

    code: str
    """Their code, such as W02."""
    about: tuple[str, ...]
    """What they are about: triggers, ids or short forms."""
    why: str
    """Why they stay."""


@dataclass(frozen=True)
class Words:
    """How people write, whatever it is about."""

    spelling: dict[str, str] = field(default_factory=dict, hash=False)
    """Short forms and what they stand for."""
    courtesy: tuple[str, ...] = ()
    """Stock phrases at the beginning or end of a message that say nothing about its matter:
    greetings, thanks, fillers, signatures. Where one ends with `...`, a name may follow it."""
    silent: tuple[str, ...] = ()
    """Words that do not say what a message is about, if it has no others."""
    common: tuple[str, ...] = ()
    """Words that are spelled as they are meant, though no trigger has them; typo repair leaves them
    alone."""


@dataclass(frozen=True)
class Facts:
    """The catalogue's own file, as it is written."""

    channels: tuple[Channel, ...]
    """The channels, in the order shown."""
    version: str = ""
    """Which edition this is; for people."""
    title: str = ""
    """Whose channels these are."""
    first_stop: str = ""
    """The id of the channel to begin with if none fits; or else the first."""
    settings: Settings = Settings()
    """How sure an answer must be."""
    off_topic: OffTopic = OffTopic()
    """What is no channel's matter."""
    words: Words = field(default=Words(), metadata=FILED)
    """How people write: here, or in the file of this name."""
    reviewed: tuple[Reviewed, ...] = ()
    """Warnings of `check` that somebody looked at and that stay."""


@dataclass(frozen=True)
class Trigger:
    """One phrase that speaks for a channel."""

    text: str
    channel: str | None
    """The channel's id; None for what is no channel's matter."""
    offering: str | None


class Taught(NamedTuple):
    """What was learned, and from what: of other triggers or words it says nothing."""

    weights: Any
    """A `weights.Weights`."""
    triggers: Sequence[Trigger]
    words: Words


@dataclass(frozen=True, kw_only=True)
class Catalogue(Facts):
    """Everything that is known, checked: each id is there, each trigger stands once.

    Its channels and offerings, and `off_topic`, have no triggers and phrases of their own any more.
    """

    triggers: Sequence[Trigger] = field(hash=False)
    """All triggers, of the catalogue and of its phrase files."""
    files: dict[Path, str] = field(hash=False)
    """The files that were read, the catalogue itself first, each with the `digest` of it."""
    taught: "Taught | None" = field(default=None, repr=False, compare=False)
    """What was learned already, if anything was."""
    may_be_kept: bool = field(default=False, init=False, repr=False, compare=False)
    """It was read from its YAML just now, so what is learned from it may be kept for these files.
    (Not so what `dataclasses.replace` makes of it.)"""

    @property
    def source(self) -> Path:
        """The catalogue's own file."""
        return next(iter(self.files))

    def channel(self, id: str) -> Channel:  # noqa: A002 - it is the field's name
        """The channel with this id; KeyError if there is none."""
        return self._by_id[id]

    def find(self, name: str) -> Channel | None:
        """The channel of this id, name or alias; case, spaces and hyphens do not count."""
        return self._by_name.get(plain_name(name))

    @cached_property
    def _by_id(self) -> dict[str, Channel]:
        return {channel.id: channel for channel in self.channels}

    @cached_property
    def _by_name(self) -> dict[str, Channel]:
        return {
            plain_name(name): channel for channel in self.channels for _, name in names(channel)
        }


def names(channel: Channel) -> Iterator[tuple[str, str]]:
    """All that a channel is called, each with the field that says so."""
    yield "id", channel.id
    yield "name", channel.name
    yield from (("aliases", alias) for alias in channel.aliases)


def plain_name(name: str) -> str:
    """The name as it is compared: without case, spaces, hyphens, underscores and letters' forms."""
    return _GAPS.sub("", unicodedata.normalize("NFKC", name)).casefold()


def from_plain(kind: Any, plain: Any) -> Any:
    """What `dataclasses.asdict` was given; `kind` is its type, such as `Facts`."""
    if isinstance(kind, type) and is_dataclass(kind):
        known = {each.name: each.type for each in fields(kind)}
        return kind(**{name: from_plain(known[name], each) for name, each in plain.items()})
    if get_origin(kind) is tuple:
        inner = get_args(kind)[0]  # of texts a word file has thousands
        return tuple(plain if inner is str else (from_plain(inner, each) for each in plain))
    return plain


def digest(raw: bytes) -> str:
    """What tells a file's content from any other by accident: its length and a checksum.

    It is no guard against a forger, who could change this code as well; a cryptographic digest
    would take 4 ms of every start.
    """
    return f"{len(raw)}-{zlib.crc32(raw):08x}"


def find_catalogue(option: str | None = None) -> Path:
    """The file to use: the one asked for, or of the environment, or the shipped one.

    SellerHelpError (`usage`) if the one asked for has an empty name, as of a variable never set.
    """
    if option == "":
        raise SellerHelpError("the catalogue's name is empty", "usage")
    if named := option or os.environ.get(ENVIRONMENT):
        return Path(named)
    here = Path(__file__).resolve()
    shipped, checkout = here.with_name("channels.yaml"), here.parents[2]
    if shipped.is_file() or not (checkout / "pyproject.toml").is_file():
        return shipped
    return checkout / "channels.yaml"
