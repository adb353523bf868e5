# ruff: noqa: INP001 (a folder of scripts is no package)
"""Puts this checkout's package first on the path; to be imported before `seller_help`."""

from __future__ import annotations

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "src"))
