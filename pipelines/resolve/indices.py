"""Published indices and counts: which of several scores for one area and edition takes precedence."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from ..catalog.claim_ids import row_id
from .precedence import heard, steps_of
from .rows import records


def index_alternatives(scores: pd.DataFrame, elections: pd.DataFrame) -> Iterator[dict[str, Any]]:
    """Yield scores that differ from the one that takes precedence, as rows of mart.conflicts.

    Args:
        scores: core.index_score. elections: election_id; editions that are elections use these ids.
    """
    known = set(elections["election_id"])
    groups: dict[tuple[str, ...], list[Mapping[str, Any]]] = {}
    for row in records(scores):
        if row["score"] is not None:
            # A score without a dimension is that of the whole index.
            key = (row["index_id"], row["edition"], row["area_code"], row["dimension"] or "total")
            groups.setdefault(key, []).append(row)
    for (index_id, edition, area_code, dimension), rows in sorted(groups.items()):
        chosen, others = heard(rows, steps_of("index"))
        for other, reason in others:
            if other["score"] != chosen["score"]:
                yield {
                    "election_id": edition if edition in known else None,
                    "area_code": area_code,
                    "measure": index_id,
                    "detail": f"{edition}/{dimension}",
                    "chosen_value": f"{chosen['score']:g}",
                    "chosen_claim_id": row_id(chosen["source_file"], chosen["source_row"]),
                    "other_value": f"{other['score']:g}",
                    "other_claim_id": row_id(other["source_file"], other["source_row"]),
                    "reason": reason,
                }
