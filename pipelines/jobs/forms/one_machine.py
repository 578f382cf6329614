"""Result forms in the steps on one machine: text on disk, checked in DuckDB, inserted into the new database."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd

from pipelines.catalog.forms import FormText, batches, form_tables, vote_table
from pipelines.forms.check import FormsValidated, Group, Resolve, validate_forms
from pipelines.forms.edits import edits, in_tables, latest_known
from pipelines.forms.superseded import superseded
from pipelines.forms.tables import AGAIN, NEW, SOME, add_forms, create_form_tables, remove_forms
from pipelines.jobs.run import Run
from pipelines.quality.checks import check_rows
from pipelines.quality.conditions import conditions
from pipelines.resolve.area_names import resolve_names
from pipelines.sources import SourceError, discover_forms
from pipelines.warehouse import load

# Forms checked at once: enough to use all cores, few enough for a laptop's memory.
BATCH = 500_000


@dataclass(frozen=True)
class FormsRead:
    """Records per file, malformed lines, and files that cannot be read."""

    counts: list[dict[str, Any]]
    problems: list[pd.DataFrame]
    refused: list[SourceError]


def read(raw: Path, work: Path) -> FormsRead:
    """Convert every source of forms below `raw` to plain text below `work`/text/forms."""
    found = FormsRead([], [], [])
    counts: Counter[str] = Counter()
    for name, reader in discover_forms(raw).items():
        folder = work / "text" / "forms" / name
        folder.mkdir(parents=True, exist_ok=True)
        try:
            for number, (text, problems) in enumerate(reader(raw / name, folder)):
                text.write(folder / f"{number:05d}.json")
                found.problems.append(problems)
                counts.update(text.n_read)
                counts.update(text.n_lost)
        except SourceError as error:
            found.refused.append(error)
    found.counts.extend(
        {"source_file": file, "table_name": "core.result", "n_read": n} for file, n in sorted(counts.items())
    )
    return found


def texts(work: Path) -> list[FormText]:
    """Return every text that `read` wrote, in order."""
    return [FormText.load(p) for p in sorted((work / "text" / "forms").glob("*/*.json"))]


@dataclass(frozen=True)
class FormsTyped:
    """What the step `validate` adds for forms."""

    problems: list[pd.DataFrame]
    checks: list[pd.DataFrame]
    names: pd.DataFrame | None
    n_kept: int
    edits: pd.DataFrame | None = None


def validate(run: Run, typed: Mapping[str, pd.DataFrame]) -> FormsTyped:
    """Check every form; the valid ones become rows of a new database."""
    todo = texts(run.work)
    run.database.unlink(missing_ok=True)
    if not todo:
        return FormsTyped([], [], None, 0)
    with load.writing(run.database) as con:
        load.create_schemas(con)
        total = Total(con, typed, [file for text in todo for file in text.n_read])
        for text in batches(todo, BATCH):
            found = validate_forms(con, text, references(typed), resolver(typed))
            total.add(found, "good_form", text.source, sum(text.n_lost.values()))
        return total.close(run.work)


def references(typed: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Return the tables that foreign keys of forms reference."""
    return {
        "ref.areas": typed["ref.areas"][["area_code"]],
        "ref.elections": typed["ref.elections"][["election_id"]],
    }


def resolver(typed: Mapping[str, pd.DataFrame]) -> Resolve:
    """Return the function that maps area names to today's codes."""
    return lambda names: resolve_names(names, typed["ref.areas"], typed["ref.area_lineage"])


class Total:
    """The forms of all texts, added to the tables one text at a time."""

    def __init__(
        self, con: duckdb.DuckDBPyConnection, typed: Mapping[str, pd.DataFrame], source_files: list[str]
    ) -> None:
        self._con = con
        self._found: list[FormsValidated] = []
        self._names: list[pd.DataFrame] = []
        self._n_lost = 0
        self._groups: Counter[Group] = Counter()
        elections = typed["ref.elections"]["election_id"].tolist()
        create_form_tables(con, {"election_id": elections, "source_file": source_files})

    def add(self, found: FormsValidated, relation: str, source: str, n_lost: int) -> None:
        """Append the forms of `relation` ('' = none), described by `found`; `n_lost` records were malformed."""
        if relation:
            add_forms(self._con, relation, self._stations(found.groups))
        self._groups += found.groups
        self._found.append(found)
        self._n_lost += n_lost
        if found.names is not None:
            self._names.append(found.names.assign(source=source))

    def _stations(self, groups: Counter[Group]) -> str:
        if any(n > 1 or group in self._groups for group, n in groups.items()):
            return AGAIN
        places = Counter((election, province) for election, _, province in groups)
        known = {(election, province) for election, _, province in self._groups}
        return SOME if any(n > 1 or place in known for place, n in places.items()) else NEW

    def close(self, work: Path) -> FormsTyped:
        """Keep only the newest state of every form, and report the outcome for all of them."""
        kept: Counter[str] = sum((f.kept for f in self._found), Counter())
        refused: Counter[str] = sum((f.refused for f in self._found), Counter())
        # A form superseded by another source is not a data error, so it does not count towards the threshold.
        older_here = sum(f.failed["core.result"]["superseded"] for f in self._found)
        n_read, n_kept = kept.total() + refused.total() - older_here, kept.total()
        problems = [p for f in self._found for p in f.problems]
        several = [group for group, n in self._groups.items() if n > 1]
        older, gone = superseded(self._con, several)
        edited = [f.edits for f in self._found if f.edits is not None]
        if several:
            edited.append(edits(self._con, in_tables()))
            remove_forms(self._con)
            problems.insert(0, older)
            kept = kept - gone
        per_file = {file: kept[file] for f in self._found for file in (*f.kept, *f.refused)}
        (work / "forms_kept.json").write_text(json.dumps(per_file), encoding="utf-8")
        checks = []
        for table in (*form_tables(), vote_table()):
            failed: Counter[str] = sum((f.failed[table.full_name] for f in self._found), Counter())
            mine = self._n_lost if table.name == "result" else 0
            checks.append(check_rows(table, conditions(table), failed, n_read, n_kept, mine))
        names = pd.concat(self._names, ignore_index=True) if self._names else None
        return FormsTyped(problems, checks, names, kept.total(), latest_known(edited) if edited else None)


def kept(work: Path) -> dict[str, int]:
    """Return forms kept per file of forms, as recorded by `validate`."""
    path = work / "forms_kept.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
