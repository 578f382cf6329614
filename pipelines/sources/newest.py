"""Choose the newest of several snapshots of an area; the older ones are superseded, not faulty."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from ..catalog.messages import Message
from ..catalog.records import KEPT_WITH_WARNING, in_languages, placed

Row = dict[str, Any]


def newest(rows: Sequence[Row]) -> tuple[list[Row], list[tuple[Row, Row]]]:
    """Return the rows of core.area_result published last, and pairs (row of an older answer, row used
    instead).

    Answers with the same timestamp are all kept: if they differ, the table's key check reports it.
    """
    latest: dict[tuple[str, ...], Row] = {}
    for row in rows:
        key = (row["election_id"], row["contest"], row["area_code"])
        if key not in latest or row["published_at"] > latest[key]["published_at"]:
            latest[key] = row
    kept: list[Row] = []
    older: dict[tuple[str, int], tuple[Row, Row]] = {}
    for row in rows:
        used = latest[(row["election_id"], row["contest"], row["area_code"])]
        same = (row["source_file"], row["source_row"]) == (used["source_file"], used["source_row"])
        if same or row["published_at"] == used["published_at"]:
            kept.append(row)
        else:
            older[(row["source_file"], row["source_row"])] = (row, used)
    return kept, list(older.values())


def superseded(row: Row, used: Row) -> Row:
    """Return the quarantine line that says which newer answer replaces `row`."""
    words = Message("sources.older_area", used_file=used["source_file"], used_row=used["source_row"])
    return {
        "table_name": "core.area_result",
        "source_file": row["source_file"],
        "source_row": row["source_row"],
        "rule": "superseded",
        "disposition": KEPT_WITH_WARNING,
        "column_name": "area_code",
        "value": row["area_code"],
        **in_languages(placed(words, row["source_file"], row["source_row"], "area_code")),
        "raw_row": json.dumps({k: row[k] for k in ("contest", "area_code", "published_at")}),
    }
