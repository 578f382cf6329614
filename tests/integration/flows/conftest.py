"""One real Prefect server for all tests of the flows: own home, free loopback port, ended afterwards."""

from __future__ import annotations

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

# Before anything imports prefect: the tests must not write into the project's own history.
os.environ["PREFECT_HOME"] = tempfile.mkdtemp(prefix="titikrawan-prefect-")

import pytest

from flows.local_server import local_server
from tests.support.builds import built
from tests.support.forms_runs import Plain, inputs, parquet_in, planned, until_export
from tests.support.object_store import Store, object_store
from tests.support.prefect_home import QUICK, furnished

GROUPS = {"store": {"store", "plain"}, "server": {"server"}}


@pytest.hookimpl(tryfirst=True)  # before pytest-xdist reads the groups, whatever the order of the arguments
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Tests that need Prefect's server share one pytest-xdist worker, and with it one server.

    Those that compare with the same small forms, or use the store, share another, with a server of its own: one
    worker alone would take half of the time of all tests.
    """
    for item in items:
        if Path(__file__).parent in item.path.parents:
            for name, fixtures in GROUPS.items():
                if fixtures & {*getattr(item, "fixturenames", ())}:
                    item.add_marker(pytest.mark.xdist_group(name))
                    break


def pytest_unconfigure() -> None:
    home = os.environ["PREFECT_HOME"]
    if "titikrawan-prefect-" in home:
        shutil.rmtree(home, ignore_errors=True)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """API address of the server; this process talks to it for the rest of the session's flow tests."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PREFECT_HOME", str(furnished(tmp_path_factory.mktemp("prefect"))))
        patch.delenv("PREFECT_API_URL", raising=False)
        with ExitStack() as stack:
            with pytest.MonkeyPatch.context() as only_here:
                for name, value in QUICK.items():
                    only_here.setenv(name, value)
                found = stack.enter_context(local_server(free_port()))
            from prefect.context import _temporary_global_settings_context, get_settings_context
            from prefect.settings import (
                PREFECT_API_AUTH_STRING,
                PREFECT_API_URL,
                PREFECT_CLIENT_CSRF_SUPPORT_ENABLED,
                temporary_settings,
            )

            # Processes that tests start log in too.
            patch.setenv("PREFECT_API_AUTH_STRING", found.login)
            patch.setenv("PREFECT_CLIENT_CSRF_SUPPORT_ENABLED", "true")
            told = {PREFECT_API_AUTH_STRING: found.login, PREFECT_CLIENT_CSRF_SUPPORT_ENABLED: True}
            with (
                temporary_settings({PREFECT_API_URL: found.api, **told}),
                _temporary_global_settings_context(get_settings_context()),  # for threads that Prefect starts
            ):
                yield found.api


@pytest.fixture(scope="session")
def plain() -> Plain:
    def make(root: Path) -> None:
        inputs(root)
        run = planned(root)
        until_export(run)
        # The next plan clears away what an unpublished run left.
        (run.work / "parquet").rename(root / "parquet")

    root = built("forms", make)
    found = parquet_in(root / "parquet")
    assert sum(name.startswith(("core.", "mart.form_audit/")) for name in found) > 12
    return Plain(root / "data" / "raw", found)


@pytest.fixture(scope="session")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Store]:
    """An S3-compatible server; who asks it needs `Store.environment`."""
    with object_store(tmp_path_factory.mktemp("store") / "server.log") as found:
        yield found
