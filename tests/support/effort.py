"""How much a test repeats: little in `make test`, all of it in `make validate`, which sets TITIKRAWAN_LONG."""

from __future__ import annotations

import os

LONG = bool(os.environ.get("TITIKRAWAN_LONG"))


def effort(short: int, long: int) -> int:
    """The number of repetitions; a test that uses this has the marker `oracle`, and its short form can fail too."""
    return long if LONG else short
