"""Fixtures shared by all tests."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

ROOT = Path(__file__).resolve().parents[1]

# A busy machine is no fault of the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of public data sets that are not part of the repository; skips the test when absent."""
    folder = Path(os.environ.get("TITIKRAWAN_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"public data sets not found at {folder}; set TITIKRAWAN_SHARED_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def register_run(tmp_path_factory: pytest.TempPathFactory):
    """The main job on the real register up to the checked database, without reports; a `Run`."""
    from pipelines.jobs import run as job

    root = tmp_path_factory.mktemp("register")
    shutil.copytree(ROOT / "data" / "raw", root / "data" / "raw")
    planned = job.plan(root)
    assert planned is not None
    for step in job.STEPS:
        if step.name in ("inputs", "read", "validate", "build", "derive", "check", "export"):
            step.function(planned)
    return planned


@pytest.fixture
def warehouse(register_run):
    """A read-only connection to the database built from the real register."""
    from pipelines.warehouse.read import open_readonly

    with open_readonly(register_run.database) as con:
        yield con


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Debian's chromium, headless, driven by Playwright; skips with a message where one of them is absent."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()
