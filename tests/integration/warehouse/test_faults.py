"""Publication really interrupted, on disks that are really full or not ours: the old release serves, the message helps.

The same, longer: `python -m bench.faults`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from bench import faults
from pipelines.jobs import run as job
from pipelines.jobs.trouble import DiskFullError
from pipelines.warehouse import releases

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("faults")]
ROOT = Path(__file__).resolve().parents[3]
is_root = pytest.mark.skipif(os.geteuid() != 0, reason="only root may mount a disk or be somebody else")


def test_readers_never_fail_and_never_see_two_releases(tmp_path: Path) -> None:
    found = faults.readers(tmp_path, publications=8)
    assert found["errors"] == found["mixed"] == 0 and found["reads"] >= 4


def test_kills_leave_one_release_and_no_litter(tmp_path: Path) -> None:
    found = faults.kills(tmp_path, times=6)
    assert found["kills"] == 6 and found["inside"] == 3
    assert found["mixed"] == found["unrepaired"] == found["litter"] == 0


def tiny_job(root: Path, number: int, megabytes: int) -> job.Run:
    """A planned run whose steps write a tiny release with padding."""
    (root / "data" / "raw" / "register").mkdir(parents=True, exist_ok=True)
    (root / "data" / "raw" / "register" / "a.csv").write_text(f"{number}\n")
    planned = job.plan(root, langs=("id",))
    assert planned is not None

    def step(one: job.Step):  # type: ignore[no-untyped-def]
        def function(run: job.Run) -> dict[str, str]:
            if one.name == "build":
                (run.work / "parquet").mkdir(parents=True)
                (run.work / "titikrawan.duckdb").write_bytes(b"x" * megabytes * 1_000_000)
            elif one.name == "publish":
                return dict(one.function(run))
            return {}

        return function

    job.run_all(planned, step=step)
    return planned


@is_root
def test_a_full_disk_keeps_the_release_and_is_not_kept_full(tmp_path: Path) -> None:
    with faults.small_disk(tmp_path / "disk", "20m") as disk:
        first = tiny_job(disk, 1, 8)
        free = shutil.disk_usage(disk).free
        with pytest.raises(DiskFullError) as full:
            tiny_job(disk, 2, 30)
        for lang, words in (("en", "is full"), ("id", "penuh")):
            assert words in full.value.said(lang) and "MB" in full.value.said(lang)
        served = releases.served(disk / "data" / "warehouse")
        assert served is not None and served.id == first.id
        assert releases.verify(served) == [releases.Fault("reports", "missing")]
        assert abs(shutil.disk_usage(disk).free - free) < 100_000
        assert tiny_job(disk, 3, 1).id != first.id  # goes on as soon as there is room


def as_somebody_else(root: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    """The command line as an account that owns nothing here."""
    command = ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", sys.executable, "-m"]
    environment = {**os.environ, "TITIKRAWAN_ROOT": str(root), "HOME": "/tmp", "PYTHONPATH": str(ROOT)}
    return subprocess.run(
        [*command, "pipelines.cli.main", "--lang", "en", *arguments],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip


@is_root
@pytest.mark.skipif(not shutil.which("setpriv"), reason="setpriv is not installed")
def test_files_of_another_owner_are_read_and_not_written(tmp_path: Path) -> None:
    for folder in (tmp_path, *tmp_path.parents):
        if folder != Path("/") and folder != Path("/tmp"):
            folder.chmod(0o755)
    tiny_job(tmp_path, 1, 1)
    before = releases.served(tmp_path / "data" / "warehouse")
    (tmp_path / "data" / "raw" / "register" / "a.csv").write_text("2\n")
    read = as_somebody_else(tmp_path, "releases")
    if "Permission denied" in read.stderr and "python" in read.stderr:
        pytest.skip("the interpreter may not be run by other accounts here")
    assert read.returncode == 0 and before is not None and before.id in read.stdout
    done = as_somebody_else(tmp_path, "run", "--no-prefect")
    assert done.returncode == 3, done.stderr
    assert "belongs to root" in done.stderr and "chown" in done.stderr and "Traceback" not in done.stderr
    now = releases.served(tmp_path / "data" / "warehouse")
    assert now is not None and now.id == before.id


def test_a_file_edited_between_two_steps_is_not_read(tmp_path: Path) -> None:
    from pipelines.jobs.steps import inputs
    from pipelines.sources import seal

    shutil.copytree(ROOT / "data" / "raw" / "register", tmp_path / "data" / "raw" / "register")
    live = tmp_path / "data" / "raw" / "register" / "elections.csv"
    before = live.read_bytes()
    planned = job.plan(tmp_path)
    assert planned is not None
    inputs.step(planned)
    live.write_bytes(before + b"edited,between,steps\n")
    assert (planned.raw / "register" / "elections.csv").read_bytes() == before
    # Between the plan, which gives the release its name, and the first step.
    with pytest.raises(job.DataRefusedError, match="Run again"):
        inputs.step(planned)
    seal(live.parent)
    again = job.plan(tmp_path)
    assert again is not None and again.id != planned.id


def test_a_large_source_that_is_written_to_while_it_is_read_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from pipelines.jobs.steps import inputs

    shutil.copytree(ROOT / "data" / "raw" / "register", tmp_path / "data" / "raw" / "register")
    monkeypatch.setattr(inputs, "MOST_BYTES", 1)
    planned = job.plan(tmp_path)
    assert planned is not None
    inputs.step(planned)
    assert (planned.raw / "register").is_symlink()
    inputs.unchanged(planned)
    live = tmp_path / "data" / "raw" / "register" / "elections.csv"
    live.write_bytes(live.read_bytes())  # the same bytes, written again while they are read
    with pytest.raises(job.DataRefusedError, match="data/raw/register"):
        inputs.unchanged(planned)
