"""Fixtures shared by all tests."""

from __future__ import annotations

import gc
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


LONGEST_ID = 60
# Groups of tests that share a server or a build, the longest first: what begins last should be short. So pytest-xdist
# is not to sort by the number of tests (`--no-loadscope-reorder`).
BEGIN_WITH = ("store", "server", "served", "browser", "national", "quality", "one_answer", "code")
# Files whose tests take seconds each and have nothing in common.
SPREAD = ("test_fuzz.py",)


def pytest_configure() -> None:
    """What is imported and collected stays until the end; looking through it for garbage finds nothing."""
    gc.disable()


@pytest.hookimpl(tryfirst=True)
def pytest_runtestloop() -> None:
    """From here on there is garbage."""
    gc.freeze()
    gc.enable()


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """A case of forty megabytes is called by its length: whatever goes into a test's name goes to every worker."""
    if isinstance(val, str | bytes) and len(val) > LONGEST_ID:
        return f"{argname}-of-{len(val)}"
    return None


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Whoever reads a whole build of the main job is no quick test; one worker imports Great Expectations; tests of a
    file stay together, as what they read is made once in a worker; long groups come first.
    """
    for item in items:
        if "register_run" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.build)
        if item.path.parent.parts[-2:] in (("unit", "quality"), ("functional", "quality")):
            item.add_marker(pytest.mark.xdist_group("quality"))
        if item.path.name not in SPREAD and not item.get_closest_marker("xdist_group"):
            item.add_marker(pytest.mark.xdist_group(item.path.stem.removeprefix("test_")))
    items.sort(key=_turn)


def _turn(item: pytest.Item) -> int:
    mark = item.get_closest_marker("xdist_group")
    name = mark.args[0] if mark and mark.args else mark.kwargs.get("name") if mark else ""
    return BEGIN_WITH.index(name) if name in BEGIN_WITH else len(BEGIN_WITH)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Tests of a group share a server or a build; a pytest-xdist that no longer keeps them together is no use."""
    if getattr(session.config.option, "loadgroup", False):
        loose = [
            i.nodeid for i in session.items if i.get_closest_marker("xdist_group") and "@" not in i.nodeid
        ]
        if loose:
            raise pytest.UsageError(
                f"pytest-xdist does not group {len(loose)} tests by their mark: {loose[0]}"
            )


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """Folder of public data sets that are not part of the repository; skips the test when absent."""
    folder = Path(os.environ.get("TITIKRAWAN_SHARED_DATA", ROOT.parent / "shared" / "data"))
    if not folder.is_dir():
        pytest.skip(f"public data sets not found at {folder}; set TITIKRAWAN_SHARED_DATA to their folder")
    return folder


@pytest.fixture(scope="session")
def register_run():
    """The release that the main job makes of the real register; nobody writes into it."""
    from tests.support import builds

    return builds.release(builds.published())


@pytest.fixture
def warehouse(register_run):
    """A read-only connection to the database built from the real register."""
    from pipelines.warehouse.read import open_readonly

    with open_readonly(register_run.database) as con:
        yield con


@pytest.fixture(scope="module")
def browser() -> Iterator[Any]:
    """Debian's chromium, headless, driven by Playwright; skips with a message where one of them is absent.

    One per module: while Playwright is open its event loop runs, and tests of other modules start loops of their own.
    """
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    program = shutil.which("chromium")
    if program is None:
        pytest.skip("chromium is not installed (apt-get install chromium)")
    with playwright.sync_playwright() as driver:
        found = driver.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield found
        found.close()
