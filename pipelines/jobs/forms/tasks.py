"""The task that checks one part of the result forms. All its inputs and outputs are in the shared storage."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import duckdb
import pandas as pd

from pipelines.catalog import table
from pipelines.catalog.forms import FormText, batches
from pipelines.catalog.records import problem_frame
from pipelines.catalog.sql import file_list, literal, quote
from pipelines.forms.check import FormsValidated, scratch, validate_forms
from pipelines.forms.tables import AGAIN, add_forms, create_form_tables, remove_forms
from pipelines.sources import SourceError, discover_forms
from pipelines.storage import SharedStorage
from pipelines.warehouse import load

from .one_machine import BATCH, references, resolver

REFERENCES = ("ref.areas", "ref.area_lineage", "ref.elections")
MEMORY_LIMIT = "2GB"
AUDIT = "mart.form_audit"


@dataclass(frozen=True)
class Part:
    """Raw files of a source that are checked together, and files shared by
    all of its parts, such as lists of areas."""

    source: str
    number: int
    files: tuple[str, ...]
    shared: tuple[str, ...] = ()

    @property
    def key(self) -> str:
        return f"{self.source}-{self.number:05d}"


def check_part(part: Part, address: str) -> None:
    """Check the forms of one part; writes Parquet by election and province, problems and, last, `found.json`.

    A part already finished by an interrupted run is skipped.
    """
    place, done = SharedStorage(address), f"parts/{part.key}/found.json"
    if place.has(done):
        return
    with TemporaryDirectory() as name:
        here = Path(name)
        typed = {t: pd.read_parquet(place.get(f"references/{t}.parquet", here / "place")) for t in REFERENCES}
        folder = here / "raw" / part.source
        for file in (*part.files, *part.shared):
            (folder / file).parent.mkdir(parents=True, exist_ok=True)
            (folder / file).symlink_to(place.get(f"raw/{part.source}/{file}", here / "place"))
        found: dict[str, Any] = {"counts": {}, "texts": [], "refused": []}
        problems: list[pd.DataFrame] = []
        try:
            texts = list(_read(part, here, problems, found))
        except SourceError as error:
            found["refused"].append(error.message)
            texts = []
        with scratch(here / "spill", MEMORY_LIMIT, threads=1) as con:
            for number, text in enumerate(batches(texts, BATCH)):
                of_text = validate_forms(con, text, references(typed), resolver(typed))
                problems += of_text.problems
                found["texts"].append(_leave(con, of_text, text, place, f"parts/{part.key}/{number}", here))
        problem_frame().to_parquet(here / "problems.parquet", index=False)
        if frames := [p for p in problems if len(p)]:
            pd.concat(frames, ignore_index=True).to_parquet(here / "problems.parquet", index=False)
        place.put(here / "problems.parquet", f"parts/{part.key}/problems.parquet")
        place.put_json(found, done)


def _read(part: Part, here: Path, problems: list[pd.DataFrame], found: dict[str, Any]) -> Iterator[FormText]:
    """Yield the texts of a part; problems of shared files are reported by the source's first part only."""
    out = here / "text"
    out.mkdir()
    told = {f"{part.source}/{file}" for file in part.shared} if part.number else set()
    counts: Counter[str] = Counter()
    for text, unreadable in discover_forms(here / "raw")[part.source](here / "raw" / part.source, out):
        problems.append(unreadable[~unreadable["source_file"].isin(told)])
        lost = {file: n for file, n in text.n_lost.items() if file not in told}
        counts.update(text.n_read)
        counts.update(lost)
        yield replace(text, n_lost=lost)
    found["counts"] = dict(counts)


def _leave(
    con: duckdb.DuckDBPyConnection,
    found: FormsValidated,
    text: FormText,
    place: SharedStorage,
    name: str,
    here: Path,
) -> dict[str, Any]:
    """Write the valid forms of a text; returns what the run needs to know about it."""
    files = []
    for election, province in sorted({(e, p) for e, _, p in found.groups}):
        chosen = f"election_id = {literal(election)} and province_code = {literal(province)}"
        con.execute(
            f"copy (select * from good_form where {chosen}) to {literal(here / 'forms.parquet')} "  # noqa: S608 (ours)
            "(format parquet, compression zstd)"
        )
        files.append(f"{name}/{election}/{province}.parquet")
        place.put(here / "forms.parquet", files[-1])
    if found.names is not None:
        found.names.to_parquet(here / "names.parquet", index=False)
        place.put(here / "names.parquet", f"{name}/names.parquet")
    if found.edits is not None:
        found.edits.to_parquet(here / "edits.parquet", index=False)
        place.put(here / "edits.parquet", f"{name}/edits.parquet")
    return {
        "kept": found.kept,
        "refused": found.refused,
        "failed": found.failed,
        "groups": [[*group, n] for group, n in found.groups.items()],
        "names": f"{name}/names.parquet" if found.names is not None else "",
        "edits": f"{name}/edits.parquet" if found.edits is not None else "",
        "n_lost": sum(text.n_lost.values()),
        "files": files,
    }


def audit_name(election: str, province: str) -> str:
    """Return the file name of a province's audit."""
    return f"audit/{election}/{province}.parquet"


def audit_part(
    election: str, province: str, files: tuple[str, ...], needed: tuple[str, ...], address: str
) -> None:
    """Audit the forms of one election and province, which need no forms of other provinces.

    Args:
        files: partitions of forms, in the order of their parts. needed: other tables that the audit reads.
    """
    from pipelines.marts.forms import selects

    place, done = SharedStorage(address), audit_name(election, province)
    if place.has(done):
        return
    with TemporaryDirectory() as name, scratch(Path(name) / "spill", MEMORY_LIMIT, threads=1) as con:
        here = Path(name)
        load.create_schemas(con)
        for one in needed:
            path = place.get(f"audit/{one}.parquet", here)
            con.execute(
                f"create table {'.'.join(map(quote, one.split('.')))} as from read_parquet({file_list([path])})"
            )
        create_form_tables(con, {})
        for one in files:
            add_forms(
                con, f"read_parquet({file_list([place.get(one, here)])}, hive_partitioning = false)", AGAIN
            )
        path = place.get("superseded.parquet", here)
        con.execute(f"create temp table superseded as from read_parquet({file_list([path])})")
        remove_forms(con)
        key = ", ".join(map(quote, table(AUDIT).primary_key))
        con.execute(
            f"copy (select * from ({selects()[AUDIT]}) order by {key}) to {literal(here / 'audit.parquet')} "  # noqa: S608
            "(format parquet, compression zstd)"
        )
        place.put(here / "audit.parquet", done)
