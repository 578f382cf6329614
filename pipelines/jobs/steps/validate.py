"""Cast and check text into typed tables; rows that fail go to quarantine."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pandas as pd

from pipelines import catalog
from pipelines.catalog.vocabulary import LANGUAGES
from pipelines.jobs import judging, unchanged_texts
from pipelines.jobs.run import Run
from pipelines.quality import validate
from pipelines.sources import discover_forms

from ..forms import one_machine, partitioned
from ..forms.absent import no_forms
from . import frames
from .verdict import refuse_failed


def step(run: Run) -> Mapping[str, Any]:
    """Cast and check every loaded table, referenced tables first.

    Raises:
        DataRefusedError: a table-level rule fails (too few rows, too many quarantined).
    """
    unreadable = frames.load(run.work / "unreadable.parquet")
    typed: dict[str, pd.DataFrame] = {}
    problems, checks = [unreadable], []
    with unchanged_texts.Before(run) as before:
        for table in run.tables():
            path = run.work / "text" / f"{table.full_name}.parquet"
            if table.is_large or not (table.is_loaded or path.exists()):
                continue
            if table.is_optional and not path.exists():
                continue
            text = frames.load(path)
            mine = unreadable[unreadable["table_name"] == table.full_name]
            found = before.validated(table, path, text, mine)
            found = found or validate(table, text, typed, mine, judging.later(run))
            typed[table.full_name] = found.typed
            problems.append(found.problems)
            checks.append(found.checks)
            frames.write(found.typed, run.work / "typed" / f"{table.full_name}.parquet")
    way = partitioned if run.runner and run.has_forms else one_machine
    of_forms = way.validate(run, typed)
    problems += of_forms.problems
    checks += of_forms.checks
    empty = no_forms(discover_forms(run.raw), of_forms.n_kept)
    checks.append(empty)
    if of_forms.names is not None:
        names = catalog.table("core.area_name")
        frames.write(of_forms.names[names.field_names], run.work / "typed" / f"{names.full_name}.parquet")
    if of_forms.edits is not None:
        _add_edits(run, of_forms.edits)
    every_problem = pd.concat(problems, ignore_index=True)
    every_check = pd.concat(checks, ignore_index=True)
    frames.write(every_problem, run.work / "problems.parquet")
    frames.write(every_check, run.work / "checks.parquet")
    _leave_for_people(run, every_problem, every_check)
    refuse_failed(every_check)
    quarantined = every_problem[every_problem["disposition"] == "quarantined"]
    return {
        "rows_kept": sum(map(len, typed.values())) + of_forms.n_kept,
        "rows_quarantined": len(quarantined.drop_duplicates(["source_file", "source_row"])),
        "warnings": int((every_problem["disposition"] != "quarantined").sum()),
        "checks": len(every_check),
        **(
            {f"notice_{lang}": str(empty[f"message_{lang}"].iloc[0]) for lang in LANGUAGES}
            if len(empty)
            else {}
        ),
    }


def _add_edits(run: Run, edits: pd.DataFrame) -> None:
    """Merge edits between copies of one form with those recorded by repeated downloads."""
    name = "core.result_change"
    if name not in {table.full_name for table in run.tables()}:
        return
    path = run.work / "typed" / f"{name}.parquet"
    noted = [frames.load(path)] if path.exists() else []
    frames.write(pd.concat([*noted, edits], ignore_index=True), path)


def _leave_for_people(run: Run, problems: pd.DataFrame, checks: pd.DataFrame) -> None:
    """Store the last attempt's findings outside the release, so that they can be read if the run is refused."""
    attempt = run.warehouse / "last_attempt"
    frames.write(problems, attempt / "quarantine.parquet")
    frames.write(checks, attempt / "checks.parquet")
