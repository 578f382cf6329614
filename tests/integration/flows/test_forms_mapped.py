"""Result forms checked and audited in parts, wherever they run, make the release that one process makes."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

import duckdb
import pytest

from tests.support.forms_runs import Plain, differing, parquet, planned, until_export
from tests.support.object_store import Store, keys

pytestmark = pytest.mark.flows


def test_files_below_folders_are_inputs_and_read_is_kept_plus_quarantined(
    plain: Plain, tmp_path: Path
) -> None:
    path = tmp_path / "inputs.parquet"
    path.write_bytes(plain.parquet["meta.inputs.parquet"])
    rows = duckdb.sql(
        f"select source_file, licence, n_read, n_kept, n_quarantined from '{path}' "
        "where starts_with(source_file, 'sirekap_json/')"
    ).fetchall()
    assert sorted(rows) == [
        ("sirekap_json/hhcw/ppwp/31/3171011002.ndjson.gz", "not-stated", 8, 8, 0),
        ("sirekap_json/hhcw/ppwp/73/7371011002.ndjson.gz", "not-stated", 8, 8, 0),
        ("sirekap_json/wilayah/0.ndjson.gz", "not-stated", 1, 0, 1),
    ]


def test_threads_make_the_same_bytes(server: str, plain: Plain, tmp_path: Path) -> None:
    """Of the same inputs, in another folder and another way: that the same way gives the same follows."""
    from flows.refresh import run_refresh

    run = replace(planned(tmp_path, plain.raw), runner="threads", place=str(tmp_path / "place"))
    run_refresh(run, run_all=until_export)
    assert differing(parquet(run), plain.parquet) == []
    left = [p.relative_to(tmp_path / "place" / run.id) for p in (tmp_path / "place").rglob("found.json")]
    assert len(left) == 7  # three files of one source, two provinces of another, two sources of one part


@pytest.mark.slow
def test_processes_make_the_same_bytes(server: str, plain: Plain, tmp_path: Path) -> None:
    """One, because each imports everything again; two at a time work on the cluster below."""
    from flows.refresh import run_refresh

    place = f"file://{tmp_path / 'place'}"
    run = replace(planned(tmp_path, plain.raw), runner="processes", workers=1, place=place)
    run_refresh(run, run_all=until_export)
    assert differing(parquet(run), plain.parquet) == []


@pytest.mark.slow
def test_dask_cluster_with_a_killed_worker_and_an_object_store_makes_the_same_bytes(
    server: str,
    plain: Plain,
    store: Store,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
) -> None:
    pytest.importorskip("prefect_dask", reason="needs the extra [cluster]")
    from distributed import LocalCluster

    from flows.refresh import run_refresh

    for name, value in store.environment().items():
        monkeypatch.setenv(name, value)  # for the workers, which begin as copies of this environment

    def n_done() -> int:
        return sum(name.endswith("/found.json") for name in keys(store, "dask/"))

    killed_after: list[int] = []

    def kill_one(process: int) -> None:
        while not (n := n_done()):
            time.sleep(0.1)
        os.kill(process, 9)
        killed_after.append(n)

    run = replace(planned(tmp_path, plain.raw), runner="dask", workers=2, place="s3://bucket/dask")
    cluster = LocalCluster(n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None)
    try:
        monkeypatch.setenv("TITIKRAWAN_DASK_ADDRESS", cluster.scheduler_address)
        process = next(iter(cluster.workers.values())).process.pid
        killer = threading.Thread(target=kill_one, args=(process,), daemon=True)
        killer.start()
        run_refresh(run, run_all=until_export)
        killer.join(timeout=10)
    finally:
        cluster.close()
    assert killed_after and killed_after[0] < 7
    assert store.secret not in "".join(capfd.readouterr())
    assert differing(parquet(run), plain.parquet) == []
    assert n_done() == 7
