"""Propose a correction: what a cell holds, what it should hold, and the page that shows it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from pipelines import catalog
from pipelines.catalog.messages import USAGE, Message, UserError
from pipelines.catalog.sql import quote

from .query import _find, release
from .session import Session
from .trace import Origin, trace_claim

SOURCE = re.compile(r"https?://[^\s/]+\.[^\s]+|dokumen:.+")
_NEVER = ("source_file", "source_row")


class CorrectionError(UserError):
    """The correction cannot be proposed in this form."""

    exit_code = USAGE


def propose(con: Session, claim_id: str, column: str, new: str, source: str) -> dict[str, Any]:
    """Return a proposed correction of one cell of a claim; changes nothing.

    Args:
        claim_id: as `trace` prints it. column: of the claim's table. new: the correct value.
        source: URL of the page that shows it, or `dokumen:` and the number of a letter.

    Raises:
        CorrectionError: several claims, no such column, a value that the column cannot hold or already has, or
            no page.
        NothingTracedError: no such claim.
    """
    origin, *others = trace_claim(con, claim_id)
    if others:
        ids = ", ".join(dict.fromkeys(one.claim_id for one in (origin, *others[:4])))
        raise CorrectionError(Message("reader.several_claims", claim=claim_id, n=len(others) + 1, claims=ids))
    _, columns = _find(con, origin.table)
    if column not in columns or column in _NEVER:
        known = ", ".join(name for name in columns if name not in _NEVER)
        raise CorrectionError(Message("reader.no_column", table=origin.table, column=column, known=known))
    if not SOURCE.fullmatch(source):
        raise CorrectionError(Message("reader.no_page", source=source))
    expected = _cell(con, origin, column)
    _fits(con, origin.table, column, new)
    if (expected or "") == new:
        raise CorrectionError(Message("reader.same_value", column=column, value=new))
    return {
        "correction": {
            "file": origin.source_file,
            "line": origin.source_row,
            "claim_id": origin.claim_id,
            "column": column,
            "expected": expected,
            "new": new or None,
            "source_url": source,
            "found_source": origin.source_url,
            "proposed_on": dt.date.today().isoformat(),
            "release": release(con),
        }
    }


def _cell(con: Session, origin: Origin, column: str) -> str | None:
    target = ".".join(map(quote, origin.table.split(".")))
    row = con.execute(
        f"select {quote(column)}::varchar from {target} where source_file = ? and source_row = ?",  # noqa: S608
        [origin.source_file, origin.source_row],
    ).fetchone()
    return None if row is None or row[0] is None else str(row[0])


def _fits(con: Session, table: str, column: str, new: str) -> None:
    """Check that the column can hold the value: by its type, its codes, its limits and its foreign keys."""
    declared = catalog.table(table)
    field = declared.field(column)
    limits = field.constraints
    what = field.sql_type
    allowed = _codes(con, field.codes)
    if not new:
        is_fit = not field.is_required
    elif not _is_typed(con, field.sql_type, new):
        is_fit = False
    elif allowed:
        what = ", ".join(allowed)
        is_fit = all(part in allowed for part in new.split(";"))
    else:
        is_fit = True
    conditions = (
        ("pattern", "regexp_full_match(?, ?)", "{}"),
        ("minimum", f"?::{field.sql_type} >= ?::{field.sql_type}", ">= {}"),
        ("maximum", f"?::{field.sql_type} <= ?::{field.sql_type}", "<= {}"),
    )
    for limit, condition, told in conditions:
        if is_fit and new and limit in limits and not _is_true(con, condition, [new, str(limits[limit])]):
            is_fit, what = False, told.format(limits[limit])
    for key in declared.foreign_keys:
        if is_fit and new and key.fields == (column,):
            target = ".".join(map(quote, key.reference.split(".")))
            there = f"? in (select {quote(key.reference_fields[0])}::varchar from {target})"  # noqa: S608 (quoted names)
            if not _is_true(con, there, [new]):
                is_fit, what = False, key.reference
    if not is_fit:
        raise CorrectionError(Message("reader.no_fit", column=column, value=new or "''", what=what))


def _codes(con: Session, code_list: str) -> list[str]:
    rows = con.execute(
        "select code from meta.code_values where code_list = ? order by position", [code_list]
    ).fetchall()
    return [str(code) for (code,) in rows]


def _is_typed(con: Session, kind: str, text: str) -> bool:
    """Return whether a text is a value of the type as written: 1.5 and 1e3
    cast to integers but are not integers."""
    if kind in ("bigint", "date"):
        return _is_true(con, f"coalesce(try_cast(? as {kind})::varchar = ?, false)", [text, text])
    return _is_true(con, f"try_cast(? as {kind}) is not null", [text])


def _is_true(con: Session, condition: str, values: list[str]) -> bool:
    row = con.execute(f"select {condition}", values).fetchone()
    return bool(row and row[0])
