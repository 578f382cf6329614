"""An entry that proposes a correction: what a cell holds, what it should hold, and the page that shows it."""

from __future__ import annotations

import datetime as dt
import re
from typing import Any

from pipelines.catalog.messages import USAGE, Message, UserError
from pipelines.catalog.sql import quote

from .query import _find, describe, release
from .session import Session
from .trace import Origin, trace_claim

SOURCE = re.compile(r"https?://[^\s/]+\.[^\s]+|dokumen:.+")
_NEVER = ("source_file", "source_row")


class CorrectionError(UserError):
    """The correction cannot be proposed as it was given."""

    exit_code = USAGE


def propose(con: Session, claim_id: str, column: str, new: str, source: str) -> dict[str, Any]:
    """A correction of one cell of a claim; nothing is changed by it.

    Args:
        claim_id: as `trace` prints it. column: of the claim's table. new: the value that should stand there.
        source: address of the page, or `dokumen:` and the number of a letter, that shows it.

    Raises:
        CorrectionError: no such column, a value that the column cannot hold or holds already, or no page.
        NothingTracedError: no such claim.
    """
    origin = trace_claim(con, claim_id)[0]
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
            "claim_id": claim_id,
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
    """Whether the column can hold the value: its type, and its code list where it has one."""
    about = describe(table, con).set_index("column_name").loc[column]
    if not new:
        return
    kind = str(about["type"])
    if kind not in ("varchar", "bigint", "double", "date", "timestamp", "boolean"):
        return
    row = con.execute(f"select try_cast(? as {kind}) is not null", [new]).fetchone()
    code_list = about["code_list"] if isinstance(about["code_list"], str) else ""
    codes = con.execute(
        "select list(code order by position) from meta.code_values where code_list = ?", [code_list]
    ).fetchone()
    allowed = codes[0] if codes else None
    is_code = allowed is None or all(part in (*allowed, "all") for part in new.split(";"))
    if not row or not row[0] or not is_code:
        what = ", ".join(allowed) if allowed else kind
        raise CorrectionError(Message("reader.no_fit", column=column, value=new, what=what))
