"""Compare the register with official figures, and provinces with the nation. Pure functions on frames."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd

from ..catalog import label
from ..catalog.messages import Given, Joined, Message, Text
from ..catalog.records import check_frame
from ..catalog.vocabulary import LANGUAGES, TOTALLED_FIGURES
from .checks import check

# Prefix of `source_file` for rows of an office's own workbooks.
OWN = "own/"
STATUSES = {"held": "held", "ordered": "decided"}
KEY = ("election_id", "area_code", "kind")


def reconcile_coverage(
    counts: pd.DataFrame, coverage_statements: pd.DataFrame, claims: pd.DataFrame
) -> pd.DataFrame:
    """Compare the resolved count with the official count of each coverage statement.

    Args:
        counts: rows of mart.counts (election_id, area_code, kind, measure, lower, n_located, rests_on).
        coverage_statements: rows of core.coverage_statement.
        claims: rows of core.revote_claim (election_id, area_code, kind, status, n_tps).

    Returns:
        One check per statement: equal = pass; different = fail: stop if the register claims to be complete,
        warn if it is partial or if an office added its own records there, which may rightly exceed the count;
        no official count = pass, not evaluable.
    """
    statements = _records(coverage_statements)
    areas = {statement["area_code"] for statement in statements}
    stated, said = (_records(frame[frame["area_code"].isin(areas)]) for frame in (counts, claims))
    is_own = claims["source_file"].astype(str).str.startswith(OWN) if "source_file" in claims else False
    own = _records(claims[pd.Series(is_own, claims.index)])
    return check_frame(_coverage_check(statement, stated, said, own) for statement in statements)


Row = dict[str, Any]


def _records(frame: pd.DataFrame) -> list[Row]:
    return [{str(k): v for k, v in row.items()} for row in frame.to_dict("records")]


def _coverage_check(
    statement: Row, counts: Sequence[Row], claims: Sequence[Row], own: Sequence[Row]
) -> dict[str, Any]:
    election, area, kind = key = tuple(statement[name] for name in KEY)
    wanted_status = STATUSES[statement["status"]]
    has_own = any(
        (row["election_id"], row["kind"]) == (election, kind)
        and str(row["area_code"]).startswith("" if area == "00" else area)
        for row in own
    )
    complete = statement["completeness"] == "complete" and not has_own
    mine = [
        row
        for row in counts
        if _key(row) == key and row["measure"] == statement["status"] and row["rests_on"] != "none"
    ]
    # Where only the statement itself gives the number, compare the stations located below.
    chosen = [int(row["n_located"] if row["rests_on"] == "coverage" else row["lower"]) for row in mine]
    official = statement["expected_count"]
    about = ", ".join((election, area, kind, *(() if wanted_status == "held" else (wanted_status,))))
    observed = str(chosen[0]) if chosen else "no data"
    seen = observed if chosen else Message("quality.no_data")
    words: Text
    if pd.isna(official):
        status, wanted = "pass", "not stated"
        words = Message("quality.no_official_count", about=about, observed=seen)
    else:
        wanted = str(int(official))
        equal = observed == wanted
        status = "pass" if equal else "fail" if complete else "warn"
        words = Message(
            "quality.official_count", about=about, observed=seen, wanted=wanted, basis=statement["basis"]
        )
        if not equal:
            words = _explain(
                words,
                chosen,
                int(official),
                _carries(claims, key, wanted_status, int(official)),
                wanted_status,
            )
            words = Joined(words, Message("quality.own_records")) if has_own else words
    return check(
        "mart.counts",
        "coverage_reconciles",
        "reconciliation",
        "stop" if complete else "warn",
        status,
        (0 if pd.isna(official) else 1, 0 if status == "pass" else 1),
        observed,
        wanted,
        words,
        about,
    )


def _key(row: Row) -> tuple[Any, ...]:
    return tuple(row[name] for name in KEY)


def _carries(claims: Sequence[Row], key: tuple[Any, ...], wanted_status: str, official: int) -> str:
    """Return the status of the register's claim that states the figure: `wanted_status`, another one, or ''."""
    rows = [row for row in claims if _key(row) == key and pd.notna(row["n_tps"])]
    found = sorted(
        {str(row["status"]) for row in rows if row["n_tps"] == official},
        key=lambda status: (status != wanted_status, status),
    )
    return found[0] if found else ""


def _explain(words: Text, chosen: Sequence[int], official: int, carried: str, wanted_status: str) -> Text:
    difference = chosen[0] - official if chosen else 0
    if not carried:
        reason = Message("quality.no_claim_carries")
    elif carried != wanted_status:
        status = Given({lang: label("status", carried, lang) for lang in LANGUAGES})
        reason = Message("quality.claim_has_status", status=status)
    else:
        reason = Message("quality.claim_not_chosen")
    return Joined(words, Message("quality.difference", difference=difference) if chosen else "", reason)


def reconcile_sums(differences: pd.DataFrame, n_counts: int) -> pd.DataFrame:
    """Check that the incidents of every area add up to its lower bounds; a difference stops the run.

    Args:
        differences: rows of `resolve.claim_counts.differences`.
        n_counts: counts that were compared.

    Returns:
        One check.
    """
    first = differences.iloc[0] if len(differences) else None
    about = "" if first is None else ", ".join(str(first[c]) for c in differences.columns[:4])
    words = (
        Message("quality.sums_agree", n=n_counts)
        if first is None
        else Message(
            "quality.sums_differ",
            n=len(differences),
            about=about,
            lower=first["lower"],
            summed=first["summed"],
        )
    )
    return check_frame(
        [
            check(
                "mart.incidents",
                "incidents_add_up_to_counts",
                "reconciliation",
                "stop",
                "pass" if first is None else "fail",
                (n_counts, len(differences)),
                "0" if first is None else str(first["summed"]),
                "0" if first is None else str(first["lower"]),
                words,
                about,
            )
        ]
    )


def reconcile_exposure(
    exposure_resolution: pd.DataFrame,
    exposure: pd.DataFrame,
    areas: pd.DataFrame,
    lineage: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Compare the sum over the provinces with every stated national total, per election.

    Sources state national totals of different scope (with or without voters abroad), so a figure passes when
    one of them equals the sum. A sum with missing provinces is not evaluable: it says nothing about the total.

    Args:
        exposure_resolution: rows of core.exposure_resolution.
        exposure: rows of core.exposure; its national rows are the stated totals.
        areas: rows of ref.areas.
        lineage: rows of ref.area_lineage; a former province that has a figure stands for its successors.

    Returns:
        One check per election and figure (n_tps, dpt_total) with a stated national total.
    """
    return check_frame(_exposure_checks(exposure_resolution, exposure, areas, lineage))


def _exposure_checks(
    resolution: pd.DataFrame, exposure: pd.DataFrame, areas: pd.DataFrame, lineage: pd.DataFrame | None
) -> Iterator[dict[str, Any]]:
    national = exposure[exposure["level"] == "national"]
    for election in sorted(national["election_id"].unique()):
        parts = resolution[resolution["election_id"] == election]
        for figure in TOTALLED_FIGURES:
            stated = national[national["election_id"] == election][figure].dropna()
            if len(stated):
                values = parts.dropna(subset=[figure]).set_index("area_code")[figure]
                wanted = _provinces_at(values, areas, lineage)
                yield _exposure_check(election, figure, values, sorted({int(v) for v in stated}), wanted)


def _provinces_at(values: pd.Series, areas: pd.DataFrame, lineage: pd.DataFrame | None) -> set[str]:
    """Return the provinces that must have a figure: today's, with a former one replacing its successors."""
    provinces = set(areas[areas["level"] == "province"]["area_code"])
    if lineage is None:
        return provinces
    split = lineage[(lineage["change"] == "split") & lineage["former_code"].isin(values.index)]
    return (provinces - set(split["area_code"])) | set(split["former_code"])


def _exposure_check(
    election: str, figure: str, values: pd.Series, stated: list[int], wanted: set[str]
) -> dict[str, Any]:
    found = values[values.index.isin(wanted)]
    missing = sorted(wanted - set(found.index))
    total = int(found.sum())
    nearest = min(stated, key=lambda s: abs(s - total))
    difference = total - nearest
    figures = " / ".join(f"{s}" for s in stated)
    words: Text
    if missing:
        status = "pass"
        words = Message("quality.provinces_missing", election=election, figure=figure, n_missing=len(missing))
    else:
        status = "warn" if difference else "pass"
        words = Message(
            "quality.provinces_add_up",
            election=election,
            figure=figure,
            total=total,
            figures=figures,
            difference=difference,
        )
        if difference:
            words = Joined(words, Message("quality.look_for_province"))
    return check(
        "core.exposure_resolution",
        "provinces_add_up_to_nation",
        "reconciliation",
        "warn",
        status,
        (0 if missing else 1, 1 if status == "warn" else 0),
        f"not evaluable: {len(missing)} missing" if missing else str(total),
        figures,
        words,
        f"{election}, {figure}",
    )
