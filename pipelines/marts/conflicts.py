"""mart.conflicts: figures and dates on which sources disagree, with both sides and the step that decided."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import pandas as pd

from pipelines.catalog import columns
from pipelines.catalog.claim_ids import row_id, statement_id
from pipelines.catalog.vocabulary import codes
from pipelines.resolve.disputes import resolve_disputes
from pipelines.resolve.exposure import exposure_alternatives
from pipelines.resolve.indices import index_alternatives
from pipelines.resolve.offices import mark_own
from pipelines.resolve.recap import recap_alternatives
from pipelines.resolve.rows import records

from . import Read, Release

COLUMNS = columns("mart.conflicts")
APART = True
# Tables whose rows are claims without their own id.
LOADED = (
    "core.exposure",
    "core.recap_milestone",
    "core.dispute_count",
    "core.dispute_case",
    "core.index_score",
)
BASES = codes("basis")
NOT_STATED = BASES[-1]
KEY = ["subject", "election_id", "area_code", "outcome", "measure", "detail", "other_claim_id"]


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Return all conflicts, each side with its actor, day and page."""
    sides = dict(_claims(read))
    areas = read("ref.areas").set_index("area_code")[["level", "name"]]
    levels, names = areas["level"].to_dict(), areas["name"].to_dict()
    rows = []
    for row in _found(read):
        whole = dict.fromkeys(("election_id", "outcome", "detail")) | row
        for side in ("chosen", "other"):
            about = sides.get(str(whole[f"{side}_claim_id"]), {})
            whole |= {f"{side}_{name}": value for name, value in about.items()}
        whole["conflict_id"] = "/".join(str(whole[name]) for name in KEY if whole[name])
        whole |= {"level": levels[row["area_code"]], "area_name": names[row["area_code"]]}
        rows.append(whole)
    frame = pd.DataFrame(rows, columns=COLUMNS)
    for name in ("chosen_date", "other_date"):
        frame[name] = pd.to_datetime(frame[name])
    return {"mart.conflicts": frame.sort_values("conflict_id", kind="stable").reset_index(drop=True)}


def _found(read: Read) -> Iterator[dict[str, Any]]:
    elections, lineage, offices = read("ref.elections"), read("ref.area_lineage"), read("ref.offices")

    def own(table: str) -> pd.DataFrame:
        return mark_own(read(table), offices)

    disputes = resolve_disputes(
        own("core.dispute_case"), read("core.dispute_count"), read("ref.areas"), elections, lineage
    )
    by_subject = {
        "revote": _revotes(read("core.claim_alternative")),
        "exposure": exposure_alternatives(own("core.exposure"), elections, lineage),
        "recap": recap_alternatives(own("core.recap_milestone"), read("ref.stages"), elections, lineage),
        "dispute": disputes.alternatives,
        "index": index_alternatives(read("core.index_score"), elections),
    }
    return chain.from_iterable(({"subject": s} | row for row in rows) for s, rows in by_subject.items())


def _revotes(alternatives: pd.DataFrame) -> Iterator[dict[str, Any]]:
    for row in records(alternatives):
        yield {
            "election_id": row["election_id"],
            "area_code": row["area_code"],
            "outcome": row["outcome"],
            "measure": row["status"],
            "chosen_value": str(int(row["chosen_value"])),
            "chosen_claim_id": row["chosen_claim_id"],
            "other_value": str(int(row["value"])),
            "other_claim_id": row["claim_id"],
            "reason": row["reason"],
        }


def _claims(read: Read) -> Iterator[tuple[str, Mapping[str, Any]]]:
    """Yield (claim id, facts) of every claim that a conflict may name: actor, day, confidence and page."""
    for row in records(read("core.revote_claim")):
        day = row["date_held"] or row["date_decided"] or row["source_date"]
        yield str(row["event_id"]), {"basis": row["basis"], "date": day, **_page(row)}
    for row in records(read("core.coverage_statement")):
        name = statement_id(row["election_id"], row["area_code"], row["kind"], row["status"])
        yield name, {"basis": _actor(row["basis"]), "date": row["as_of"]}
    for table in LOADED:
        for row in records(read(table)):
            yield row_id(row["source_file"], row["source_row"]), {"date": row["source_date"], **_page(row)}


def _page(row: Mapping[str, Any]) -> dict[str, Any]:
    return {"confidence": row["confidence"], "title": row["source_title"], "url": row["source_url"]}


def _actor(text: Any) -> str:
    """Return the code of the actor that a statement of completeness names in words: `KPU RI (digelar)` -> kpu."""
    first = str(text or "").replace("/", " ").split()[:1]
    return next((code for code in BASES if first and first[0].lower() == code), NOT_STATED)
