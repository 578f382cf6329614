"""The real steps on the real register: both modes build the same release, and a refused input publishes nothing."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest

from pipelines.jobs.run import STEPS, DataRefusedError, StepResult, plan
from tests.support.builds import AREAS, LANGS, copy_inputs, published

pytestmark = [pytest.mark.flows, pytest.mark.slow]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project folder with the real inputs and nothing built."""
    copy_inputs(tmp_path)
    return tmp_path


def facts(results: Sequence[StepResult]) -> list[list[Any]]:
    return [[result.name, dict(result.facts)] for result in results]


def parquet(root: Path) -> dict[str, bytes]:
    folder = root / "data" / "warehouse" / "parquet"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in sorted(folder.rglob("*.parquet"))
    }


def test_prefect_and_plain_mode_build_the_same_release(server: str, project: Path) -> None:
    from flows.refresh import run_refresh

    run = plan(project, AREAS, LANGS)
    assert run is not None
    under_prefect = run_refresh(run)
    made = parquet(project)
    status = json.loads((project / "data/warehouse/status.json").read_text())
    assert (status["state"], status["published"]) == ("completed", run.id)

    plainly = published()
    assert [result.name for result in under_prefect] == [step.name for step in STEPS]
    assert facts(under_prefect) == json.loads((plainly / "facts.json").read_text(encoding="utf-8"))
    assert made.keys() == parquet(plainly).keys()
    assert len(made) > 20
    assert made == parquet(plainly)


def test_refused_input_fails_the_flow_and_publishes_nothing(server: str, project: Path) -> None:
    from flows.refresh import run_refresh

    (project / "data/raw/register/revotes.csv").write_text("not,the,header\n1,2,3\n", encoding="utf-8")
    run = plan(project, AREAS, LANGS)
    assert run is not None
    with pytest.raises(DataRefusedError, match=r"revotes\.csv"):
        run_refresh(run)
    assert not (project / "data/warehouse/titikrawan.duckdb").exists()
    status = json.loads((project / "data/warehouse/status.json").read_text())
    assert status["state"] == "failed"
    assert "revotes.csv" in status["message"]
