"""Which support channel solves a seller's problem: the names that other programs may use.

Each is imported when it is first asked for, so that `seller-help --version` starts at once.
"""

from __future__ import annotations

TYPE_CHECKING = False  # type checkers know the name; `typing` itself would cost `--version` 2 ms
if TYPE_CHECKING:
    from .catalogue import Catalogue, Channel, Offering, Way
    from .decision import Candidate, Decision, Evidence
    from .errors import SellerHelpError
    from .router import Router
    from .store import load_catalogue

__version__ = "0.1.0"

__all__ = [
    "Candidate",
    "Catalogue",
    "Channel",
    "Decision",
    "Evidence",
    "Offering",
    "Router",
    "SellerHelpError",
    "Way",
    "__version__",
    "load_catalogue",
]

_HOMES = {
    "Candidate": "decision",
    "Catalogue": "catalogue",
    "Channel": "catalogue",
    "Decision": "decision",
    "Evidence": "decision",
    "Offering": "catalogue",
    "Router": "router",
    "SellerHelpError": "errors",
    "Way": "catalogue",
    "load_catalogue": "store",
}


def __getattr__(name: str) -> object:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    value: object = getattr(import_module(f".{_HOMES[name]}", __name__), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return __all__
