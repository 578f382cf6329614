"""Prefect's environment is in order before prefect is imported, and a person's own settings win."""

from __future__ import annotations

import os
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from flows import settings
from tests.support.process import run_program


def test_importing_flows_sets_the_environment_before_prefect(tmp_path: Path) -> None:
    code = (
        "import sys, flows; assert 'prefect' not in sys.modules\n"
        "from prefect.settings import get_current_settings as s\n"
        "s = s(); print(s.home, s.server.analytics_enabled, s.server.api.host, s.logging.level)"
    )
    clean = {key: value for key, value in os.environ.items() if not key.startswith(("PREFECT_", "DO_NOT"))}
    clean |= {"TITIKRAWAN_ROOT": str(tmp_path), "PREFECT_LOGGING_LEVEL": "ERROR"}
    done = run_program([sys.executable, "-c", code], clean)
    assert done.stdout.split() == [str(tmp_path / ".prefect"), "False", "127.0.0.1", "ERROR"], done.stderr


def test_defaults_never_replace_what_a_person_set() -> None:
    environment = {"PREFECT_HOME": "/somewhere/else"}
    settings.apply(Path("/project"), environment)
    assert environment["PREFECT_HOME"] == "/somewhere/else"
    assert environment["DO_NOT_TRACK"] == "1"
    assert environment["PREFECT_SERVER_ANALYTICS_ENABLED"] == "false"
    assert environment["GX_ANALYTICS_ENABLED"] == "false"


def test_root_is_found_from_a_folder_below_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TITIKRAWAN_ROOT", raising=False)
    (tmp_path / "data" / "raw").mkdir(parents=True)
    (tmp_path / "reports" / "latest").mkdir(parents=True)
    assert settings.find_root(tmp_path / "reports" / "latest") == tmp_path
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(tmp_path / "other"))
    assert settings.find_root(tmp_path) == tmp_path / "other"


def test_threads_that_prefect_starts_find_the_server_of_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    """Else one of them starts a server of its own, open to everybody on this machine."""
    from prefect.context import refresh_global_settings_context
    from prefect.settings import get_current_settings

    from flows.session import _environment

    def seen() -> str | None:
        with ThreadPoolExecutor(1) as other:
            return other.submit(lambda: get_current_settings().api.url).result()

    # Prefect keeps the settings of the first test that imported it, whatever that test had set.
    monkeypatch.delenv("PREFECT_API_URL", raising=False)
    refresh_global_settings_context()
    before, ours = seen(), "http://127.0.0.1:59999/api"
    with _environment({"PREFECT_API_URL": ours}):
        assert seen() == ours
    assert seen() == before != ours
