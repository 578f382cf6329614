"""Polling-station results at national scale: `python -m bench.national [--only 2019|2024|cookbook|simulated]
[--share S …]`.

2019 and 2024 run on the public data (TITIKRAWAN_SHARED_DATA, or ../shared/data) when they are there: raw gz
to validated, quarantined, loaded, audited and aggregated, as a ratio to what DuckDB alone needs to read the
same files into typed columns in the same run. The simulated nation has 823,236 stations, 5 contests and 97
choices per station (80 million votes); several shares are measured to show how time and memory grow.
`cookbook` builds the whole warehouse with both public data sets in it and asks the questions of
docs/COOKBOOK.md (`national_cookbook.py`). Each row runs in a separate process; peak memory is that of the
process. Both wall-clock and CPU seconds are given. Writes .bench/national.json.
"""

# ruff: noqa: S608, E501 (names and paths of this file only)
from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from bench import national_cookbook
from pipelines.jobs.run import Run
from pipelines.warehouse.load import STORAGE

ROOT = Path(__file__).resolve().parents[1]
OUT = Path(".bench/national.json")
N_STATIONS = 823_236
CHOICES = {"ppwp": 3, "dpd": 14, "dpr": 26, "dprd_prov": 27, "dprd_kab": 27}
FIGURES = (
    "dpt_total",
    "dpt_male",
    "dpt_female",
    "users_total",
    "votes_valid",
    "votes_invalid",
    "votes_total",
)


def shared() -> Path:
    """Folder of the public data."""
    return Path(os.environ.get("TITIKRAWAN_SHARED_DATA", ROOT.parent / "shared" / "data"))


def references() -> dict[str, pd.DataFrame]:
    """Areas, lineage and elections of the register."""
    raw = ROOT / "data" / "raw"
    read = lambda path: pd.read_csv(path, dtype="str", keep_default_na=False, na_values=[""])  # noqa: E731
    return {
        "ref.areas": read(raw / "register" / "areas.csv"),
        "ref.area_lineage": read(raw / "lineage" / "area_lineage.csv"),
        "ref.elections": read(raw / "register" / "elections.csv"),
    }


def cpu() -> float:
    """Return the CPU seconds of this process so far, over all cores."""
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


class Clock:
    """Seconds per stage: wall-clock, and CPU time, which other processes on the machine do not inflate."""

    def __init__(self) -> None:
        self.stages: dict[str, float] = {}
        self.cpu: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str) -> Iterator[None]:
        began, used = time.perf_counter(), cpu()
        yield
        self.stages[name] = round(time.perf_counter() - began, 2)
        self.cpu[name] = round(cpu() - used, 2)


def baseline(paths: list[Path], database: str = ":memory:") -> tuple[float, float]:
    """Return the seconds (wall-clock, CPU) DuckDB alone needs to read the gz files into a typed table; best of
    two.

    In memory it is the denominator of `ratio`; in a file it is a lower bound for any loading.
    """
    best = (float("inf"), float("inf"))
    for _ in range(2):
        with duckdb.connect() as con:
            if database != ":memory:":
                Path(database).unlink(missing_ok=True)
            con.execute(f"attach '{database}' as alone {'' if database == ':memory:' else f'({STORAGE})'}")
            names = [
                d[0]
                for d in con.execute(
                    f"describe select * from read_csv('{paths[0]}', all_varchar = true)"
                ).fetchall()
            ]
            texts = ("k", "prov", "kec", "no_tps", "upload", "ts")
            columns = {n: "varchar" if n.startswith(texts) and n != "tSah" else "bigint" for n in names}
            listed = [str(p) for p in paths]
            began, used = time.perf_counter(), cpu()
            con.execute(
                f"create table alone.t as select * from read_csv({listed}, header = true, delim = ',', quote = '\"', "
                f"escape = '\"', columns = {columns})"
            )
            con.execute("detach alone")
            best = (min(best[0], time.perf_counter() - began), min(best[1], cpu() - used))
    return best


def through(run: Run, clock: Clock) -> dict[str, int]:
    """Run everything after the plain text: check, load, audit, aggregate, confirm by Great Expectations."""
    from pipelines import catalog
    from pipelines.jobs.forms import one_machine
    from pipelines.marts.forms import selects
    from pipelines.quality import validate_large
    from pipelines.warehouse import load

    given = references()
    with clock.stage("validate"):
        found = one_machine.validate(run, given)
    counted: dict[str, int] = {"kept": found.n_kept, "problems": sum(map(len, found.problems))}
    with load.writing(run.database) as con:
        for name in ("tps", "result", "upload", "vote"):
            counted[name] = load.count(con, catalog.table(f"core.{name}"))
        for name in ("ref.elections", "ref.areas"):
            con.register("given", given[name])
            con.execute(f"create table {name} as select * from given")
        con.execute("alter table ref.elections alter tps_voter_cap type bigint")
        con.execute("alter table ref.elections alter voting_date type date")
        for name in ("core.area_result", "core.exposure_resolution"):
            load.create_table(con, catalog.table(name))
        with clock.stage("audit"):
            load.fill_from_select(con, catalog.table("mart.form_audit"), selects()["mart.form_audit"])
        with clock.stage("areas"):
            load.fill_from_select(con, catalog.table("core.form_count"), selects()["core.form_count"])
        with clock.stage("expectations"):
            for name in (
                "core.tps",
                "core.result",
                "core.upload",
                "core.vote",
                "mart.form_audit",
                "core.form_count",
            ):
                checks = validate_large(con, catalog.table(name))
                failed = checks[checks["status"] == "fail"]
                assert failed.empty, failed["check_id"].tolist()
    return counted


def real(source: str, folder: Path, pattern: str) -> dict[str, Any]:
    """Process one public data set end to end."""
    from pipelines.jobs.forms import one_machine

    paths = sorted(folder.glob(pattern))
    alone = baseline(paths)
    clock = Clock()
    with tempfile.TemporaryDirectory() as name:
        to_file = baseline(paths, str(Path(name) / "alone.duckdb"))
        run = Run("bench", "", Path(name))
        (run.raw / source).mkdir(parents=True)
        for path in paths:
            (run.raw / source / path.name).symlink_to(path)
        import great_expectations  # noqa: F401  (its import is counted in no stage; it takes seconds anywhere)

        with clock.stage("read"):
            one_machine.read(run.raw, run.work)
        counted = through(run, clock)
    total, used = sum(clock.stages.values()), sum(clock.cpu.values())
    return {"stages": clock.stages, "seconds": round(total, 2), "duckdb_alone": round(alone[0], 2),
            "ratio": round(total / alone[0], 1), "cpu": clock.cpu, "cpu_seconds": round(used, 2),
            "cpu_duckdb_alone": round(alone[1], 2), "cpu_ratio": round(used / alone[1], 1),
            "duckdb_alone_to_file": round(to_file[0], 2), "cpu_duckdb_alone_to_file": round(to_file[1], 2), **counted}  # fmt: skip


def simulate(work: Path, share: float) -> None:
    """Write forms of a share of the nation's stations as text, one Parquet file per province and contest."""
    from pipelines.catalog.forms import FormText

    areas = references()["ref.areas"]
    districts = areas[areas["level"] == "district"]["area_code"].tolist()
    per_district = N_STATIONS * share / len(districts)
    folder = work / "text" / "forms" / "simulated"
    folder.mkdir(parents=True)
    with duckdb.connect(":memory:") as con:
        con.register("districts", pd.DataFrame({"code": districts, "n": range(len(districts))}))
        for contest, n in CHOICES.items():
            for province in sorted({d[:2] for d in districts}):
                path = folder / f"{contest}-{province}.parquet"
                con.execute(f"""
                    copy (
                        select
                            'pemilu-2024' as election_id, '{contest}' as contest,
                            code || printf('%04d', 1001 + i // 30) || printf('%03d', 1 + i % 30) as tps_id,
                            printf('%03d', 1 + i % 30) as tps, left(tps_id, 10) as village_code,
                            code as district_code, left(code, 4) as regency_code, left(code, 2) as province_code,
                            '260' as dpt_total, '130' as dpt_male, (130 + (hash(tps_id) % 50 = 0)::int)::varchar as dpt_female,
                            '210' as users_total, (20 * {n})::varchar as votes_valid, '5' as votes_invalid,
                            (20 * {n} + 5 + (hash(tps_id, 1) % 40 = 0)::int)::varchar as votes_total,
                            [{{'kind': 'pair', 'option_id': x::varchar, 'party_id': null::varchar,
                               'votes': (20 + (hash(tps_id, x) % 7)::int - 3)::varchar}} for x in range({n})] as votes,
                            row_number() over () as line
                        from districts, range(floor({per_district} * (n + 1))::int - floor({per_district} * n)::int) r(i)
                        where left(code, 2) = '{province}'
                    ) to '{path}' (format parquet, compression snappy)
                """)
                rows = con.execute(f"select count(*) from '{path}'").fetchall()[0][0]
                columns = ("election_id", "contest", "tps_id", "tps", "village_code", "district_code",
                           "regency_code", "province_code", *FIGURES)  # fmt: skip
                file = f"simulated/{path.name}"
                text = FormText(
                    source="simulated",
                    relation=f"read_parquet('{path}')",
                    columns={c: c for c in columns},
                    votes="votes",
                    source_file=f"'{file}'",
                    source_row="line",
                    n_read={file: rows},
                )
                text.write(path.with_suffix(".json"))


def simulated(share: float) -> dict[str, Any]:
    """Process a share of a simulated nation end to end, in 6 GB."""
    os.environ["TITIKRAWAN_MEMORY_LIMIT"] = "4GB"
    clock = Clock()
    work = Path(tempfile.mkdtemp())
    run = Run("bench", "", work)
    try:
        with clock.stage("simulate"):
            simulate(run.work, share)
        counted = through(run, clock)
    finally:
        shutil.rmtree(work)
    total = sum(s for name, s in clock.stages.items() if name != "simulate")
    used = sum(s for name, s in clock.cpu.items() if name != "simulate")
    return {"stages": clock.stages, "seconds": round(total, 2), "cpu": clock.cpu, "cpu_seconds": round(used, 2),
            **counted}  # fmt: skip


def one(name: str) -> dict[str, Any]:
    """Measure one row in this process."""
    runs: dict[str, Callable[[], dict[str, Any]]] = {
        "2019": lambda: real("situng-2019", shared() / "situng-2019", "situng*.csv.gz"),
        "2024": lambda: real("sirekap-2024", shared() / "sirekap-2024", "*.csv.gz"),
        "cookbook": lambda: national_cookbook.row(shared()),
    }
    result = simulated(float(name.split(":")[1])) if name.startswith("simulated:") else runs[name]()
    result["peak_mb"] = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    return result


def main() -> None:
    """Measure every row in a separate process and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", choices=("2019", "2024", "cookbook", "simulated"))
    parser.add_argument("--share", type=float, nargs="*", default=[0.25, 0.5, 1.0])
    parser.add_argument("--one", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        print(json.dumps(one(options.one)))
        return
    names = ["2019", "2024", "cookbook"] if shared().is_dir() else []
    names += [f"simulated:{share}" for share in options.share]
    results = json.loads(OUT.read_text()) if OUT.exists() else {}
    for name in names:
        if options.only and not name.startswith(options.only):
            continue
        command = [sys.executable, "-m", "bench.national", "--one", name]
        done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603
        if done.returncode:
            print(f"{name}: failed\n{done.stderr[-2000:]}")
            continue
        results[name] = json.loads(done.stdout.splitlines()[-1])
        OUT.parent.mkdir(exist_ok=True)
        OUT.write_text(json.dumps(results, indent=1) + "\n")
        print(name, json.dumps(results[name]), flush=True)


if __name__ == "__main__":
    main()
