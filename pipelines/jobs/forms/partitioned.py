"""Result forms in parts, checked and audited by tasks wherever they run; this module maps and combines them.

A part is one or a few raw files (`Part`). Its task fetches them from the shared storage, checks them and writes
typed Parquet by election and province, with the problems found (`tasks.check_part`). The run loads the
partitions in the order of the parts, as a run on one machine loads its texts. Then one task per election and
province audits its forms.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from contextvars import ContextVar
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipelines.catalog import Table
from pipelines.catalog.forms import form_tables, vote_table
from pipelines.catalog.sql import file_list
from pipelines.forms.check import FormsValidated
from pipelines.jobs.run import DataRefusedError, Run
from pipelines.sources import form_parts
from pipelines.storage import SharedStorage
from pipelines.warehouse import load

from ..steps import frames
from . import tasks
from .old_runs import begin, place_of
from .one_machine import FormsTyped, Total
from .tasks import Part

AUDIT = "mart.form_audit"
# (task name, function, arguments of each task); returns when all are done. `flows.forms` sets Prefect's mapper.
Mapper = Callable[[str, Callable[..., None], Sequence[tuple[Any, ...]]], None]


def _one_by_one(_name: str, function: Callable[..., None], todo: Sequence[tuple[Any, ...]]) -> None:
    for arguments in todo:
        function(*arguments)


mapper: ContextVar[Mapper] = ContextVar("mapper", default=_one_by_one)


def plan(raw: Path) -> list[Part]:
    """Return the parts of every source of forms, in the order in which one machine reads them."""
    parts: list[Part] = []
    for source, (own, shared) in form_parts(raw).items():
        parts += [Part(source, n, tuple(names), tuple(shared)) for n, names in enumerate(own)]
    return parts


def validate(run: Run, typed: Mapping[str, pd.DataFrame]) -> FormsTyped:
    """Check every form in mapped tasks and load their output into a new database.

    Raises:
        DataRefusedError: a raw file cannot be read. StorageError: the storage does not work.
    """
    parts, address = plan(run.raw), place_of(run)
    run.database.unlink(missing_ok=True)
    if not parts:
        return FormsTyped([], [], None, 0)
    begin(run)
    place = SharedStorage(address)
    for name in tasks.REFERENCES:
        frames.write(typed[name], run.work / "references" / f"{name}.parquet")
        place.put(run.work / "references" / f"{name}.parquet", f"references/{name}.parquet")
    for name in sorted({f"{p.source}/{f}" for p in parts for f in (*p.files, *p.shared)}):
        place.put(run.raw / name, f"raw/{name}")
    mapper.get()("check", tasks.check_part, [(part, address) for part in parts])
    left = [place.get_json(f"parts/{part.key}/found.json") for part in parts]
    refused = [message for one in left for message in one["refused"]]
    if refused:
        raise DataRefusedError(refused)
    with load.writing(run.database) as con:
        load.create_schemas(con)
        kept = [file for one in left for text in one["texts"] for file in text["kept"]]
        total = Total(con, typed, kept)
        for part, one in zip(parts, left, strict=True):
            _add(total, part, one, place, run.work)
        found = total.close(run.work)
        con.execute(f"copy superseded to '{run.work / 'superseded.parquet'}' (format parquet)")
    place.put(run.work / "superseded.parquet", "superseded.parquet")
    counts: Counter[str] = Counter()
    for one in left:
        counts.update(one["counts"])
    listed = [{"source_file": f, "table_name": "core.result", "n_read": n} for f, n in sorted(counts.items())]
    frames.append(
        pd.DataFrame(listed, columns=["source_file", "table_name", "n_read"]), run.work / "read.parquet"
    )
    return found


def _add(total: Total, part: Part, one: Mapping[str, Any], place: SharedStorage, work: Path) -> None:
    """Load the partitions of one part; the problems of all its texts are in one file."""
    problems = pd.read_parquet(place.get(f"parts/{part.key}/problems.parquet", work / "fetched"))
    for text in one["texts"]:
        found = FormsValidated(
            Counter(text["kept"]),
            Counter(text["refused"]),
            [problems],
            {table: Counter(failed) for table, failed in text["failed"].items()},
            Counter({(str(e), str(c), str(p)): int(n) for e, c, p, n in text["groups"]}),
        )
        if text["names"]:
            found.names = pd.read_parquet(place.get(text["names"], work / "fetched"))
        if text["edits"]:
            found.edits = pd.read_parquet(place.get(text["edits"], work / "fetched"))
        problems = problems.iloc[:0]
        paths = [str(place.get(name, work / "fetched")) for name in text["files"]]
        total.add(found, _relation(paths) if paths else "", part.source, int(text["n_lost"]))


def _relation(paths: Sequence[str]) -> str:
    return f"read_parquet({file_list(paths)}, hive_partitioning = false)"


def audited(run: Run, con: duckdb.DuckDBPyConnection, table: Table) -> str:
    """Return a SELECT over the audits of all provinces, which mapped tasks write to the storage."""
    address = place_of(run)
    place = SharedStorage(address)
    ours = {t.full_name for t in (*form_tables(), vote_table())}
    needed = [name for name in table.depends_on if name not in ours]
    for name in needed:
        frames.write(load.read_table(con, name), run.work / "references" / f"{name}.parquet")
        place.put(run.work / "references" / f"{name}.parquet", f"audit/{name}.parquet")
    groups: dict[tuple[str, str], list[str]] = {}
    for part in plan(run.raw):
        for text in place.get_json(f"parts/{part.key}/found.json")["texts"]:
            for name in text["files"]:
                election, province = name.split("/")[-2:]
                groups.setdefault((election, province.removesuffix(".parquet")), []).append(name)
    if not groups:
        return ""
    mapper.get()(
        "audit",
        tasks.audit_part,
        [(*group, tuple(names), tuple(needed), address) for group, names in sorted(groups.items())],
    )
    paths = [str(place.get(tasks.audit_name(*group), run.work / "fetched")) for group in sorted(groups)]
    return f"select * from {_relation(paths)}"  # noqa: S608 (paths of ours)


def spread(run: Run, con: duckdb.DuckDBPyConnection, table: Table, select: str) -> str:
    """Return the SELECT that fills a table: the declared one, or one over the output of mapped tasks."""
    is_mapped = bool(run.runner) and table.full_name == AUDIT
    return (audited(run, con, table) if is_mapped else "") or select
