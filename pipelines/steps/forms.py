"""Result forms through the steps: text on disk, checked in DuckDB, typed Parquet by election and province."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from pipelines.analysis.area_names import resolve_names
from pipelines.catalog.forms import NAMES, FormText, form_tables, vote_table
from pipelines.quality.checks import check_rows
from pipelines.quality.conditions import conditions
from pipelines.quality.large import FormsValidated, scratch, validate_forms
from pipelines.quality.large_parts import drop_superseded
from pipelines.quality.large_text import distinct_names
from pipelines.sources import SourceError, discover_forms

WORKERS = 2
MEMORY_LIMIT = "2GB"


@dataclass(frozen=True)
class FormsRead:
    """Records per file, lines that are none, and files that cannot be read at all."""

    counts: list[dict[str, Any]]
    problems: list[pd.DataFrame]
    refused: list[SourceError]


def read(raw: Path, work: Path) -> FormsRead:
    """Turn every source of forms below `raw` into plain text below `work`/text/forms."""
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


def texts(work: Path) -> list[tuple[str, FormText]]:
    """(name of its part, text) of everything `read` left."""
    paths = sorted((work / "text" / "forms").glob("*/*.json"))
    return [(f"{p.parent.name}-{p.stem}", FormText.load(p)) for p in paths]


@dataclass(frozen=True)
class FormsTyped:
    """What the step `validate` adds for forms."""

    problems: list[pd.DataFrame]
    checks: list[pd.DataFrame]
    names: pd.DataFrame | None
    n_kept: int


def validate(work: Path, typed: Mapping[str, pd.DataFrame]) -> FormsTyped:
    """Check every form and write the good ones below `work`/typed/<table>/."""
    todo = texts(work)
    if not todo:
        return FormsTyped([], [], None, 0)
    references = {
        "ref.areas": typed["ref.areas"][["area_code"]],
        "ref.elections": typed["ref.elections"][["election_id"]],
    }
    by_source = _names(work, todo, typed)

    def one(named: tuple[str, FormText]) -> FormsValidated:
        part, text = named
        with scratch(work / "tmp" / part, MEMORY_LIMIT, threads=1 if len(todo) > 1 else 0) as con:
            return validate_forms(con, text, references, work / "typed", part, by_source.get(text.source))

    with ThreadPoolExecutor(WORKERS) as pool:
        results = list(pool.map(one, todo))
    kept: Counter[str] = sum((r.kept for r in results), Counter())
    refused: Counter[str] = sum((r.refused for r in results), Counter())
    # A form that another source holds in a newer state is no fault of the data, so no threshold counts it.
    n_read, n_kept = kept.total() + refused.total(), kept.total()
    with scratch(work / "tmp" / "parts", MEMORY_LIMIT) as con:
        superseded, gone = drop_superseded(con, [part for r in results for part in r.parts])
    kept = kept - gone
    (work / "forms_kept.json").write_text(json.dumps(kept), encoding="utf-8")
    checks = []
    lost = sum(sum(text.n_lost.values()) for _, text in todo)
    for table in (*form_tables(), vote_table()):
        failed: Counter[str] = sum((r.failed[table.full_name] for r in results), Counter())
        mine = lost if table.name == "result" else 0
        checks.append(check_rows(table, conditions(table), failed, n_read, n_kept, mine))
    problems = [superseded, *(p for r in results for p in r.problems)]
    names = (
        pd.concat([f.assign(source=s) for s, f in by_source.items()], ignore_index=True)
        if by_source
        else None
    )
    return FormsTyped(problems, checks, names, kept.total())


def _names(
    work: Path, todo: list[tuple[str, FormText]], typed: Mapping[str, pd.DataFrame]
) -> dict[str, pd.DataFrame]:
    """Today's codes for the names of sources that have none."""
    found = {}
    for source in sorted({t.source for _, t in todo if t.areas == NAMES}):
        with scratch(work / "tmp" / source, MEMORY_LIMIT) as con:
            listed = distinct_names(con, [t for _, t in todo if t.source == source])
        found[source] = resolve_names(listed, typed["ref.areas"], typed["ref.area_lineage"])
    return found


def kept(work: Path) -> dict[str, int]:
    """Forms kept per file, as `validate` left it."""
    path = work / "forms_kept.json"
    return dict(json.loads(path.read_text(encoding="utf-8"))) if path.exists() else {}
