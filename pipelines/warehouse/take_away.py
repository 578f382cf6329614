"""Export part of a release as Parquet, CSV, a workbook, a DuckDB file or a PostgreSQL script."""

from __future__ import annotations

import datetime as dt
import shutil
import subprocess
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import duckdb

from pipelines.catalog import Table
from pipelines.catalog.messages import ENVIRONMENT, USAGE, Message
from pipelines.catalog.sql import quote
from pipelines.storage import SharedStorage, without_secrets

from . import ddl, export
from .errors import WarehouseError
from .releases import DATABASE
from .subset import Subset, Wanted, cut

MOST_ROWS = 1_048_575  # limit of a sheet, without the header
_POSTGRES = {"varchar": "text", "double": "double precision"}
_POSTGRES_SCHEMES = ("postgres://", "postgresql://")


def take_away(source: Path, wanted: Wanted, kind: str, to: str) -> tuple[Subset, str]:
    """Write the requested part of a release; returns its contents and where it was written.

    Args:
        source: database of a release. kind: one of `vocabulary.EXPORT_FORMATS`.
        to: a path, an fsspec URL, or for `postgres` the URL of a database.

    Raises:
        WarehouseError: no such table or area, the target exists, or own records are mixed in.
        StorageError: the storage refuses.
    """
    is_address = "://" in to
    if not is_address and Path(to).exists() and (Path(to).is_file() or any(Path(to).iterdir())):
        raise WarehouseError(Message("warehouse.place_taken", place=to), exit_code=USAGE)
    with tempfile.TemporaryDirectory(prefix="titikrawan-") as aside:
        subset = cut(source, Path(aside) / DATABASE, wanted)
        made = Path(aside) / "made"
        made.mkdir()
        _make(subset, wanted, kind, made)
        if kind == "postgres" and to.startswith(_POSTGRES_SCHEMES):
            _load_into_postgres(made / "titikrawan.sql", to)
        else:
            _move(made, to)
    return subset, to


def _make(subset: Subset, wanted: Wanted, kind: str, made: Path) -> None:
    about = _about(subset, wanted)
    written = (*subset.tables, *subset.views)
    with duckdb.connect(str(subset.path), read_only=True) as con:
        if kind == "parquet":
            export.export_parquet(con, written, made, subset.release)
        elif kind == "csv":
            export.export_csv(con, written, made)
        elif kind == "xlsx":
            write_workbook(con, subset, about, made / "titikrawan.xlsx")
        elif kind == "postgres":
            write_postgres(con, subset, made / "titikrawan.sql")
        if kind in ("parquet", "csv"):
            export.write_datapackage(written, made, about)
    if kind == "duckdb":
        shutil.move(subset.path, made / DATABASE)


def _about(subset: Subset, wanted: Wanted) -> dict[str, Any]:
    parts = [
        wanted.area and f"area {wanted.area}",
        "tables " + ", ".join(wanted.tables) if wanted.tables else "",
    ]
    part = "; ".join(filter(None, parts)) or "everything"
    return {
        "name": "titik-rawan",
        "title": f"titik-rawan, release {subset.release} ({part})",
        "version": subset.release,
        "created": f"{subset.release[:10]}T00:00:00Z",
        "licenses": [{"name": "CC-BY-4.0", "path": "https://creativecommons.org/licenses/by/4.0/"}],
        "part": part,
        "own_rows": subset.n_own,
    }


def _move(made: Path, to: str) -> None:
    """Move the files to their target: a single file under the given name if
    that has a suffix, else into a folder."""
    files = sorted(path for path in made.rglob("*") if path.is_file())
    if "://" in to:
        place = SharedStorage(to)
        names = {path.relative_to(made).as_posix(): path for path in files}
        if any(place.has(name) for name in names):
            raise WarehouseError(Message("warehouse.place_taken", place=without_secrets(to)), exit_code=USAGE)
        for name, path in names.items():
            place.put(path, name)
        return
    target = Path(to)
    if len(files) == 1 and target.suffix:
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(files[0], target)
        return
    target.mkdir(parents=True, exist_ok=True)
    for path in files:
        goal = target / path.relative_to(made)
        goal.parent.mkdir(parents=True, exist_ok=True)
        shutil.move(path, goal)


# Workbook


def write_workbook(con: duckdb.DuckDBPyConnection, subset: Subset, about: dict[str, Any], path: Path) -> None:
    """Write one sheet for each table or view that has rows, with a
    description; tables too long for a sheet are noted."""
    import xlsxwriter

    options = {"strings_to_formulas": False, "strings_to_urls": False, "default_date_format": "yyyy-mm-dd"}
    with xlsxwriter.Workbook(str(path), options) as book:
        bold = book.add_format({"bold": True})
        front = book.add_worksheet("about")
        notes = [[key, str(value)] for key, value in about.items() if key != "licenses"] + [
            ["licence", "CC BY 4.0"]
        ]
        names: set[str] = {"about"}
        for table in (*subset.views, *(t for t in subset.tables if t.layer != "meta")):
            cursor = con.execute(f"select * from {ddl.name_of(table)} order by {_key(table)}")  # noqa: S608
            rows = cursor.fetchmany(MOST_ROWS)
            if not rows:
                continue
            more = cursor.fetchone() is not None
            sheet = book.add_worksheet(_sheet_name(table.full_name, names))
            sheet.write_row(0, 0, table.field_names, bold)
            sheet.freeze_panes(1, 0)
            for number, row in enumerate(rows, 1):
                sheet.write_row(number, 0, [_cell(value) for value in row])
            notes.append(
                [
                    table.full_name,
                    f"{table.title['en']} | {table.title['id']}" + (" (cut off)" if more else ""),
                ]
            )
        for number, note in enumerate(notes):
            front.write_row(number, 0, note)
        front.set_column(0, 0, 28)
        front.set_column(1, 1, 100)


def _key(table: Table) -> str:
    return ", ".join(map(quote, table.primary_key))


def _cell(value: Any) -> Any:
    return (
        value
        if value is None or isinstance(value, bool | int | float | dt.date | dt.datetime)
        else str(value)[:32767]
    )


def _sheet_name(full_name: str, taken: set[str]) -> str:
    name = full_name[:31]
    for number in range(2, 100):
        if name not in taken:
            break
        name = f"{full_name[:28]}~{number}"
    taken.add(name)
    return name


# PostgreSQL


def write_postgres(con: duckdb.DuckDBPyConnection, subset: Subset, path: Path) -> None:
    """Write a psql script: schemas, tables with keys and comments, their rows, then foreign keys and views."""
    with path.open("w", encoding="utf-8", newline="\n") as out:
        out.write("\\set ON_ERROR_STOP on\nset client_encoding = 'UTF8';\nbegin;\n")
        for layer in dict.fromkeys(table.layer for table in subset.tables):
            out.write(f"create schema {quote(layer)};\n")
        for table in subset.tables:
            out.writelines(f"{line}\n" for line in _create(table))
            out.write(f"copy {ddl.name_of(table)} from stdin;\n")
            out.writelines(_copied(con, table))
            out.write("\\.\n")
        for table in subset.tables:
            out.writelines(f"{line}\n" for line in _foreign_keys(con, table, subset.tables))
        for view in subset.views:
            columns = ", ".join(f"{quote(f.name)} {_type(f.sql_type)}" for f in view.fields)
            # PostgreSQL cannot run DuckDB's SQL: views become tables with the rows they had.
            out.write(f"create table {ddl.name_of(view)} ({columns});\n")
            out.writelines(f"{line};\n" for line in _comments(view))
            out.write(f"copy {ddl.name_of(view)} from stdin;\n")
            out.writelines(_copied(con, view))
            out.write("\\.\n")
        out.write("commit;\n")


def _type(sql_type: str) -> str:
    return _POSTGRES.get(sql_type, sql_type)


def _create(table: Table) -> Iterator[str]:
    columns = ", ".join(f"{quote(f.name)} {_type(f.sql_type)}" for f in table.fields)
    yield f"create table {ddl.name_of(table)} ({columns}, primary key ({_key(table)}));"
    yield from (f"{line};" for line in _comments(table))


def _comments(table: Table) -> Iterator[str]:
    for line in ddl.comments(table):
        yield line.replace("comment on view", "comment on table", 1)


def _copied(con: duckdb.DuckDBPyConnection, table: Table) -> Iterator[str]:
    columns = ", ".join(map(quote, table.field_names))
    cursor = con.execute(f"select {columns} from {ddl.name_of(table)} order by {_key(table)}")  # noqa: S608 (declared names)
    while rows := cursor.fetchmany(10_000):
        for row in rows:
            yield "\t".join(map(_field, row)) + "\n"


def _field(value: Any) -> str:
    if value is None:
        return "\\N"
    if isinstance(value, bool):
        return "t" if value else "f"
    text = str(value)
    for mark, escaped in (("\\", "\\\\"), ("\t", "\\t"), ("\n", "\\n"), ("\r", "\\r")):
        text = text.replace(mark, escaped)
    return text.replace("\x00", "")


def _foreign_keys(con: duckdb.DuckDBPyConnection, table: Table, tables: Iterable[Table]) -> Iterator[str]:
    """Yield foreign keys whose target table is included, is a key, and matches every row; may cross schemas."""
    there = {one.full_name: one for one in tables}
    for key in table.foreign_keys:
        target = there.get(key.reference)
        if target is None or key.reference_fields not in (target.primary_key, *target.unique_keys):
            continue
        joined = " and ".join(
            f"a.{quote(mine)} = b.{quote(theirs)}"
            for mine, theirs in zip(key.fields, key.reference_fields, strict=True)
        )
        stated = " and ".join(f"a.{quote(mine)} is not null" for mine in key.fields)
        row = con.execute(
            f"select 1 from {ddl.name_of(table)} a where {stated}"  # noqa: S608 (declared names)
            f" and not exists (select 1 from {ddl.name_of(target)} b where {joined}) limit 1"
        ).fetchone()
        if row is None:
            mine, theirs = (", ".join(map(quote, names)) for names in (key.fields, key.reference_fields))
            reference = f"{ddl.name_of(target)} ({theirs})"
            yield f"alter table {ddl.name_of(table)} add foreign key ({mine}) references {reference};"


def _load_into_postgres(script: Path, address: str) -> None:
    program = shutil.which("psql")
    if program is None:
        raise WarehouseError(Message("warehouse.no_psql"), exit_code=ENVIRONMENT)
    done = subprocess.run(  # noqa: S603 (a fixed program; the address is one argument of it)
        [program, "--no-psqlrc", "--quiet", f"--dbname={address}", f"--file={script}"],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        lines = done.stderr.strip().splitlines() or ["psql"]
        raise WarehouseError(Message("warehouse.psql_failed", error=lines[0][:300]), exit_code=ENVIRONMENT)


__all__ = ["take_away", "write_postgres", "write_workbook"]
