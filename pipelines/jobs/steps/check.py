"""Check the built file as a whole and fill its self-description (schema meta)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from functools import cache, partial
from itertools import chain
from typing import Any

import pandas as pd

from pipelines import catalog
from pipelines.catalog import Table
from pipelines.catalog.records import check_frame
from pipelines.jobs import confirmed, judging
from pipelines.jobs.run import Run
from pipelines.quality import (
    published_checks,
    reconcile_coverage,
    reconcile_exposure,
    reconcile_sums,
    validate_large,
)
from pipelines.resolve.claim_counts import differences
from pipelines.sources import discover, inner_files, input_files
from pipelines.warehouse import about, ddl, load, releases
from pipelines.warehouse.read import open_readonly

from ..forms import one_machine
from . import frames, page_workers
from .inputs import unchanged
from .verdict import refuse_failed

# Tables that are compared with official counts; a partial run compares those it builds.


def reconcile_incidents(*tables: pd.DataFrame) -> pd.DataFrame:
    """Check whether incidents add up to the bounds of counts; arguments as for `differences`."""
    return reconcile_sums(differences(*tables), len(tables[1]))


RECONCILED: Mapping[Callable[..., pd.DataFrame], tuple[str, ...]] = {
    reconcile_coverage: ("mart.counts", "core.coverage_statement", "core.revote_claim"),
    reconcile_incidents: (
        "core.incident",
        "mart.counts",
        "ref.areas",
        "ref.elections",
        "ref.area_lineage",
    ),
    reconcile_exposure: ("core.exposure_resolution", "core.exposure", "ref.areas", "ref.area_lineage"),
}


def _inputs(run: Run) -> pd.DataFrame:
    """Return the rows of meta.inputs: files, hashes and the outcome for their rows."""
    read = frames.load(run.work / "read.parquet").to_dict("records")
    counts: dict[str, dict[str, Any]] = {}
    for row in read:  # one file may feed several tables
        first = counts.setdefault(
            str(row["source_file"]), {**{str(k): v for k, v in row.items()}, "n_read": 0}
        )
        first["n_read"] += int(row["n_read"])
    problems = frames.load(run.work / "problems.parquet")
    refused = problems[problems["disposition"] == "quarantined"].drop_duplicates(
        ["source_file", "source_row"]
    )
    lost = refused.groupby("source_file").size()
    kept: dict[str, int] = {}
    for path in sorted((run.work / "typed").glob("*.parquet")):
        files = frames.column(path, "source_file")
        for name, n in () if files is None else files.value_counts().items():
            kept[str(name)] = kept.get(str(name), 0) + int(n)
    kept |= one_machine.kept(run.work)
    left_out = {t.full_name for t in catalog.load()} - {t.full_name for t in run.tables()}
    rows = []
    for source in discover(run.raw):
        listed = list(input_files(run.raw / source))
        inner = {n.removeprefix(f"{source}/") for n in counts if n.startswith(f"{source}/")}
        inner = {n for n in inner - {one.file for one in listed} if (run.raw / source / n).is_file()}
        for one in (*listed, *inner_files(run.raw / source, inner)):
            name = f"{source}/{one.file}"
            is_table = name in counts and counts[name]["table_name"] not in left_out
            rows.append(
                {
                    "source_file": name,
                    "title": one.title,
                    "licence": one.licence,
                    "sha256": one.sha256,
                    "n_bytes": one.n_bytes,
                    "accessed_date": one.accessed,
                    "table_name": counts[name]["table_name"] if is_table else None,
                    "n_read": int(counts[name]["n_read"]) if is_table else None,
                    "n_kept": kept.get(name, 0) if is_table else None,
                    "n_quarantined": int(lost.get(name, 0)) if is_table else None,
                }
            )
    frame = pd.DataFrame(rows)
    for column in ("n_read", "n_kept", "n_quarantined"):
        frame[column] = frame[column].astype("Int64")
    return frame


def _run_row(run: Run) -> pd.DataFrame:
    from importlib.metadata import version

    row = {
        "release_id": run.id,
        "fingerprint": run.fingerprint,
        "inputs_fingerprint": run.inputs,
        "data_date": date.fromisoformat(run.data_date),
        "project_version": version("titik-rawan"),
        "seed": run.seed,
        "is_simulated": False,
        "accepted_reason": None,
        "compared_with": None,
    }
    return pd.DataFrame([row])


def step(run: Run) -> Mapping[str, Any]:
    """Check derived tables and keys, reconcile with official counts, and fill schema meta.

    Raises:
        DataRefusedError: a mandatory check failed.
    """
    unchanged(run)
    page_workers.warm_up(run)  # until then, other processes use the second core
    tables = run.tables()
    made = {table.full_name for table in tables}
    views = [view for view in catalog.views() if {*view.depends_on} <= made]
    described = (*tables, *views)
    with load.writing(run.database) as con:
        fill = {
            "meta.release": _run_row(run),
            "meta.inputs": _inputs(run),
            "meta.quarantine": _numbered(frames.load(run.work / "problems.parquet")),
            "meta.dictionary": about.dictionary_frame(described),
            "meta.code_values": about.code_values_frame(),
            "meta.relations": about.relations_frame(described),
            "meta.lineage": about.lineage_frame(described),
            "meta.coverage": about.coverage_frame(con, tables),
            # Filled by the step `compare`.
            "meta.changes": pd.DataFrame(),
            "meta.change_notes": pd.DataFrame(),
        }
        for name, frame in fill.items():
            load.fill_from_frame(con, catalog.table(name), frame)
        load.create_views(con, views)
        load.create_former_names(con, tables)
        held = cache(partial(load.read_table, con))
        small = {t.full_name for t in tables if t.name != "checks" and not t.is_large}
        found = [frames.load(run.work / "checks.parquet")]
        filled = [t for t in tables if not t.is_large and (t.full_name in fill or t.sql or t.derived)]
        again = _confirmed(run, filled)
        computed = (
            published_checks(
                table,
                held(table.full_name),
                {key.reference: held(key.reference) for key in table.foreign_keys if key.reference in small},
                ddl.HELD_RULES,
                judging.later(run),
            )
            for table in filled
            if table.full_name not in again
        )
        found.append(check_frame(chain.from_iterable((*again.values(), *computed))))
        found += [validate_large(con, table) for table in tables if table.is_large]
        found += [
            reconcile(*map(held, names)) for reconcile, names in RECONCILED.items() if small >= set(names)
        ]
        checks = pd.concat(found, ignore_index=True)
        load.fill_from_frame(con, catalog.table("meta.checks"), checks)
    frames.write(checks, run.warehouse / "last_attempt" / "checks.parquet")
    refuse_failed(checks)
    return {
        "checks": len(checks),
        "warnings": int((checks["status"] == "warn").sum()),
        "failed": int((checks["status"] == "fail").sum()),
    }


def _confirmed(run: Run, tables: Iterable[Table]) -> dict[str, list[dict[str, Any]]]:
    """Return table -> its checks, for those that are the same as in the served release, with all they reference."""
    same, served = confirmed.noted(run), releases.served(run.warehouse)
    if not same or served is None:
        return {}
    with open_readonly(served.database) as con:
        said = confirmed.Confirmed(con)
        found = {
            table.full_name: said.checks(table.full_name)
            for table in tables
            if same >= {table.full_name, *(key.reference for key in table.foreign_keys)}
        }
    return {name: checks for name, checks in found.items() if checks}


def _numbered(problems: pd.DataFrame) -> pd.DataFrame:
    ordered = problems.sort_values(
        ["source_file", "source_row", "rule", "column_name"], kind="stable"
    ).reset_index(drop=True)
    return ordered.assign(problem_no=range(1, len(ordered) + 1))
