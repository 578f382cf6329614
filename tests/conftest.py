"""Fixtures shared by all tests."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of public data sets that are not part of the repository; skips the test when absent."""
    folder = Path(os.environ.get("TITIKRAWAN_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"public data sets not found at {folder}; set TITIKRAWAN_SHARED_DATA to their folder")
    return folder
