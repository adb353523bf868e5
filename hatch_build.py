"""Puts the compiled form of the shipped catalogue into the wheel, as gettext's .mo beside its .po.

Without it everything works as well, but the first message after an installation takes as long as
learning from all triggers takes.
"""

import sys
import tempfile
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class CompileCatalogue(BuildHookInterface):  # type: ignore[type-arg]
    """Compiles `channels.yaml` when a wheel is built."""

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Learn from the catalogue's triggers and add the outcome to the wheel."""
        if version == "editable":
            return  # the checkout's own files are used there, and they change
        root = Path(self.root)
        sys.path.insert(0, str(root / "src"))
        try:
            from seller_help.loading import read_catalogue
            from seller_help.store import SHIPPED, compile_catalogue

            raw = compile_catalogue(read_catalogue(root / "channels.yaml"))
        finally:
            sys.path.remove(str(root / "src"))
        with tempfile.NamedTemporaryFile(suffix=SHIPPED, delete=False) as file:
            file.write(raw)
        self._made = Path(file.name)
        build_data["force_include"][file.name] = f"seller_help/{SHIPPED}"

    def finalize(self, version: str, build_data: dict[str, Any], artifact_path: str) -> None:
        """Clear up."""
        if version != "editable":
            self._made.unlink()
