"""The cookbook on a warehouse that holds, beside the register, the result forms of the whole country.

A row of `bench.national`: the real register with the public forms of 2019 and 2024, all tables, built with
1.5 GB for DuckDB. Every question is asked in SQL and in pandas, plus a few about single stations.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench.cookbook import milliseconds

ROOT = Path(__file__).resolve().parents[1]
MOST_SECONDS = 2.0
FORMS = {"sirekap-2024": "*.csv.gz", "situng-2019": "situng*.csv.gz"}
# Questions missing in the book, because a release without forms cannot answer them.
STATIONS = {
    "stations by province": "select election_id, province_code, count(*) from core.tps group by all order by all",
    "rules broken, by province": """
        select election_id, rule_id, left(area_code, 2) as province, sum(n_failed)
        from mart.form_audit_area where level = 'regency' group by all order by all""",
    "votes by regency": """
        select election_id, regency_code, option_id, sum(votes)
        from core.vote join core.tps using (election_id, tps_id) group by all order by all""",
    "worst stations of Jakarta": """
        select tps_id, bit_count(failed_mask) as n
        from mart.form_audit
        where election_id = 'pemilu-2024' and province_code = '31' order by n desc, tps_id limit 20""",
    "one station": """
        select * from mart.form_audit
        where election_id = 'pemilu-2019'
            and tps_id = (select max(tps_id) from core.tps where election_id = 'pemilu-2019')""",
}


def build(root: Path, shared: Path) -> Path:
    """Build the warehouse below `root` and return its file."""
    from pipelines import catalog
    from pipelines.jobs import run as job
    from pipelines.sources import seal

    for name in ("register", "lineage", "tiles"):
        shutil.copytree(ROOT / "data" / "raw" / name, root / "data" / "raw" / name)
    for source, pattern in FORMS.items():
        folder = root / "data" / "raw" / source
        folder.mkdir()
        for path in sorted((shared / source).glob(pattern)):
            (folder / path.name).symlink_to(path)
        seal(folder)
    planned = job.plan(root, only=tuple(one.full_name for one in catalog.load() if one.layer != "meta"))
    if planned is None:
        raise RuntimeError("nothing to build")
    job.run_all(planned)
    return planned.database


def measured(database: Path) -> dict[str, Any]:
    """Return the milliseconds of opening, of every question in SQL and in pandas, and of the station questions."""
    import titikrawan
    from titikrawan import cookbook
    from titikrawan.place import VARIABLE

    def opened() -> None:
        with titikrawan.connect() as con:
            con.execute("select 1")

    os.environ[VARIABLE] = str(database)
    with titikrawan.connect() as con:
        stations = con.execute("select count(*) from core.tps").fetchone()
        in_sql = {one.name: _once(partial(cookbook.answer_in_sql, one, con)) for one in cookbook.questions()}
        in_pandas = {one.name: _once(partial(cookbook.answer_in_python, one)) for one in cookbook.questions()}
        of_stations = {name: _once(partial(con.df, sql)) for name, sql in STATIONS.items()}
    slow = {
        f"{kind}: {name}": value
        for kind, times in (("sql", in_sql), ("pandas", in_pandas), ("stations", of_stations))
        for name, value in times.items()
        if value > MOST_SECONDS * 1000
    }
    return {
        "stations": stations[0] if stations else 0,
        "bytes": database.stat().st_size,
        "open_ms": round(milliseconds(opened, 7), 1),
        "sql_ms": in_sql,
        "pandas_ms": in_pandas,
        "stations_ms": of_stations,
        "above_2_s": slow,
    }


def row(shared: Path) -> dict[str, Any]:
    """Build and measure."""
    os.environ.setdefault("TITIKRAWAN_MEMORY_LIMIT", "1500MB")
    with tempfile.TemporaryDirectory() as name:
        began = time.perf_counter()
        database = build(Path(name), shared)
        return {"build_seconds": round(time.perf_counter() - began, 1), **measured(database)}


def _once(do: Callable[[], Any]) -> float:
    """Return the time of a first, cold call."""
    return round(milliseconds(do, 1), 1)
