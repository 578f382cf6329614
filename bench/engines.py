"""Which programs can read a release: each is tried on the real files; the table lists results with versions.

`python -m bench.engines FOLDER` installs the Python ones below FOLDER (not into this environment), tries R if
it is on this machine, and writes docs/ENGINES.md. A missing program is reported as missing. `--debian ROOT`
tries what only a newer Debian has, in a folder that contains one (as root): `debootstrap --variant=minbase sid
ROOT`, and in it `apt-get install duckdb r-cran-arrow`.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from titikrawan.place import find_warehouse
from titikrawan.session import Session

PAGE = Path("docs/ENGINES.md")
# The same numbers for every engine: count and sum of the lower bounds of Jakarta.
WHERE = "area_code = '31'"
EXPECTED = f"select count(*) as n, sum(lower)::bigint as s from mart.v_counts where {WHERE}"  # noqa: S608 (constant)
_DUCKDB = (
    "import duckdb, sys\n"
    "con = duckdb.connect(sys.argv[1], read_only=True)\n"
    "print(duckdb.__version__, *con.execute(sys.argv[3]).fetchone())\n"
    "assert con.execute(\"select comment from duckdb_columns() where table_name = 'v_counts' limit 1\").fetchone()[0]\n"
)
_POLARS = (
    "import polars as pl, sys\n"
    "f = pl.read_parquet(sys.argv[2] + '/mart.counts.parquet').filter(pl.col('area_code') == '31')\n"
    "print(pl.__version__, f.height, f['lower'].sum())\n"
)
_DASK = (
    "import dask, dask.dataframe as dd, sys\n"
    "f = dd.read_parquet(sys.argv[2] + '/mart.counts.parquet')\n"
    "f = f[f['area_code'] == '31'].compute()\n"
    "print(dask.__version__, len(f), int(f['lower'].sum()))\n"
)
_ARROW = (
    "import pyarrow as pa, pyarrow.parquet as pq, pyarrow.compute as pc, json, sys\n"
    "f = pq.read_table(sys.argv[2] + '/mart.counts.parquet')\n"
    "assert json.loads(f.schema.metadata[b'titikrawan.columns'])['lower']['unit'] == 'TPS'\n"
    "f = f.filter(pc.equal(f['area_code'], '31'))\n"
    "print(pa.__version__, f.num_rows, pc.sum(f['lower']).as_py())\n"
)
_SPARK = (
    "import pyspark, sys\n"
    "from pyspark.sql import SparkSession\n"
    "s = SparkSession.builder.master('local[1]').config('spark.ui.enabled', 'false').getOrCreate()\n"
    "f = s.read.parquet(sys.argv[2] + '/mart.counts.parquet').where(\"area_code = '31'\")\n"
    "print(pyspark.__version__, f.count(), f.agg({'lower': 'sum'}).collect()[0][0])\n"
)
# Without a screen: the program opens the file, receives the query as typed input, and shows the rows.
_HARLEQUIN = (
    "import asyncio, sys\n"
    "from importlib.metadata import version\n"
    "from harlequin import Harlequin\n"
    "from harlequin_duckdb.adapter import DuckDbAdapter\n"
    "async def main():\n"
    "    app = Harlequin(DuckDbAdapter((sys.argv[1],), read_only=True))\n"
    "    async with app.run_test(size=(140, 40)) as pilot:\n"
    "        await pilot.pause(3)\n"
    "        app.editor.text = sys.argv[3]\n"
    "        await pilot.press('ctrl+j')\n"
    "        for _ in range(60):\n"
    "            await pilot.pause(0.5)\n"
    "            shown = app.results_viewer.get_visible_table()\n"
    "            if shown is not None and shown.row_count:\n"
    "                return shown.get_row_at(0)\n"
    "print(version('harlequin'), *asyncio.run(main()))\n"
)
_R = (
    'a <- commandArgs(TRUE); f <- read.csv(gzfile(file.path(a[1], "mart.counts.csv.gz")),'
    ' colClasses = c(area_code = "character"));'
    ' f <- f[f$area_code == "31", ]; cat(as.character(getRversion()), nrow(f), sum(f$lower))'
)
_R_ARROW = (
    "suppressMessages(library(arrow)); f <- as.data.frame(read_parquet(file.path(commandArgs(TRUE)[1],"
    ' "mart.counts.parquet"))); f <- f[f$area_code == "31", ]; cat(paste0(packageVersion("arrow"), ",_R_",'
    " getRversion()), nrow(f), sum(f$lower))"
)
_R_PYTHON = (
    'source("docs/cookbook.R"); f <- dbGetQuery(con, commandArgs(TRUE)[1]);'
    ' cat(paste0(packageVersion("reticulate"), ",_R_", getRversion()), f$n, f$s)'
)


@dataclass(frozen=True)
class Tried:
    """One engine: what was tried, the version that ran, and the result."""

    engine: str
    how: str
    version: str
    outcome: str


def tried(
    engine: str, how: str, command: Sequence[str], expected: Sequence[int], **environment: str
) -> Tried:
    """Run a command that prints a version, a number of rows and a sum."""
    done = subprocess.run(  # noqa: S603 (commands of this file)
        list(command),
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
        env={**os.environ, **environment},
    )
    words = done.stdout.split()
    if done.returncode or len(words) < 3:
        lines = done.stderr.strip().splitlines() or ["no output"]
        return Tried(engine, how, "-", f"no: {lines[-1][:100]}")
    same = [int(float(word)) for word in words[1:3]] == list(expected)
    return Tried(engine, how, words[0], "works" if same else f"another answer: {words[1:3]}")


def in_python(
    engine: str,
    wanted: Sequence[str],
    script: str,
    folder: Path,
    files: Sequence[str],
    expected: Sequence[int],
) -> Tried:
    """Install packages into a separate folder and run a script with them."""
    place = _installed(folder, wanted)
    if place is None:
        return Tried(engine, "pip", "-", "not installable here")
    command = [sys.executable, "-c", script, *files]
    return tried(
        engine,
        "Parquet" if "argv[2]" in script else "the file itself",
        command,
        expected,
        PYTHONPATH=str(place),
    )


def _installed(folder: Path, wanted: Sequence[str]) -> Path | None:
    """Return the folder with these packages and their dependencies; None where pip cannot get them."""
    place = folder / "-".join(wanted).replace("=", "").replace("[", "").replace("]", "")
    if not place.is_dir():
        pip = [
            sys.executable,
            "-m",
            "pip",
            "install",
            "-q",
            "--disable-pip-version-check",
            "--target",
            str(place),
            *wanted,
        ]
        done = subprocess.run(pip, capture_output=True, text=True, check=False, timeout=1800)  # noqa: S603
        if done.returncode:
            return None
    return place


def _command_line(folder: Path, files: Sequence[str], expected: Sequence[int]) -> Tried:
    """Try the program `duckdb`, which prints its answer without decoration."""
    from duckdb import __version__ as version

    place = _installed(folder, [f"duckdb-cli=={version}"])
    if place is None:
        return Tried("DuckDB CLI", "pip", "-", "not installable here")
    query = f"select '{version}' as version, * from ({files[2]})"  # noqa: S608 (constant)
    command = [
        str(place / "bin" / "duckdb"),
        "-readonly",
        "-noheader",
        "-separator",
        " ",
        "-list",
        files[0],
        query,
    ]
    return tried("DuckDB CLI", "the file itself", command, expected, PYTHONPATH=str(place))


def everything(folder: Path, debian: Path | None = None) -> list[Tried]:
    """Try every engine available here."""
    database = find_warehouse()
    parquet, csv = (str(database.resolve().parent / kind) for kind in ("parquet", "csv"))
    with Session(database) as con:
        row = con.execute(EXPECTED).fetchone()
    expected = [int(one) for one in row or (0, 0)]
    files = [str(database.resolve()), parquet, EXPECTED]
    found = [
        in_python(f"DuckDB {version} (Python)", [f"duckdb=={version}"], _DUCKDB, folder, files, expected)
        for version in ("1.1.3", "1.2.2", "1.3.2", "1.4.1")
    ]
    found.append(
        tried("DuckDB (this project)", "the file itself", [sys.executable, "-c", _DUCKDB, *files], expected)
    )
    found.append(tried("Arrow (Python)", "Parquet", [sys.executable, "-c", _ARROW, *files], expected))
    found.append(in_python("polars", ["polars"], _POLARS, folder, files, expected))
    found.append(in_python("Dask", ["dask[dataframe]", "pyarrow"], _DASK, folder, files, expected))
    found.append(_command_line(folder, files, expected))
    found.append(in_python("harlequin", ["harlequin"], _HARLEQUIN, folder, files, expected))
    if shutil.which("java"):
        found.append(in_python("Spark", ["pyspark"], _SPARK, folder, files, expected))
    if program := shutil.which("Rscript"):
        found.append(tried("R (base)", "CSV", [program, "-e", _R, csv], expected))
        found.append(
            tried(
                "R with reticulate and Python's duckdb (`docs/cookbook.R`)",
                "the file itself",
                [program, "-e", _R_PYTHON, EXPECTED],
                expected,
                TITIKRAWAN_WAREHOUSE=files[0],
                RETICULATE_PYTHON=sys.executable,
            )
        )
    if debian:
        found += _of_a_newer_debian(debian, files, expected)
    return found


def _of_a_newer_debian(root: Path, files: Sequence[str], expected: Sequence[int]) -> list[Tried]:
    """Try programs of another Debian below `root`, with copies of the files."""
    inside = "tmp/titikrawan"
    (root / inside).mkdir(exist_ok=True)
    shutil.copy(files[0], root / inside / "titikrawan.duckdb")
    shutil.copy(Path(files[1], "mart.counts.parquet"), root / inside)
    name = (root / "etc" / "debian_version").read_text(encoding="utf-8").split("/")[-1].strip()
    enter = [str(shutil.which("chroot")), str(root)]
    query = f"select version() as version, * from ({files[2]})"  # noqa: S608 (constant)
    shell = [
        "duckdb",
        "-readonly",
        "-noheader",
        "-separator",
        " ",
        "-list",
        f"/{inside}/titikrawan.duckdb",
        query,
    ]
    return [
        tried(f"DuckDB CLI (Debian {name})", "the file itself", [*enter, *shell], expected),
        tried(
            f"R with arrow (Debian {name})",
            "Parquet",
            [*enter, "Rscript", "-e", _R_ARROW, f"/{inside}"],
            expected,
        ),
    ]


def page(found: Sequence[Tried], release: str, more: Sequence[Tried] = ()) -> str:
    """Return the text of docs/ENGINES.md."""
    lines = [
        f"| {one.engine} | {one.how} | {one.version.replace('_', ' ')} | {one.outcome} |"
        for one in (*found, *more)
    ]
    return (
        f"# What reads a release\n\nWritten by `python -m bench.engines FOLDER`: each program was run on the files of"
        f" release `{release}`\nand had to give the same numbers as the database; what is not listed was not tried.\n"
        "R's own package duckdb is one of these: CRAN could not be reached, and Debian had no package of it.\n\n"
        "| program | reads | version | outcome |\n|---|---|---|---|\n" + "\n".join(lines) + "\n"
    )


def main() -> None:
    """Try everything and write the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--more", type=Path, help="JSON list of [program, reads, version, outcome] tried by hand"
    )
    parser.add_argument("--debian", type=Path, help="folder with a newer Debian")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    more = [Tried(*row) for row in json.loads(given.more.read_text(encoding="utf-8"))] if given.more else []
    found = everything(given.folder, given.debian)
    with Session(find_warehouse()) as con:
        row = con.execute("select release_id from meta.release").fetchone()
    PAGE.write_text(page(found, str(row[0]) if row else "?", more), encoding="utf-8")


if __name__ == "__main__":
    main()
