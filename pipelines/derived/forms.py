"""The audit of result forms: ref.form_rule, mart.form_audit, core.form_count, mart.form_worst, mart.form_audit_area."""

from __future__ import annotations

import pandas as pd

from pipelines.analysis import binomial_eb
from pipelines.analysis.forms import audit_sql
from pipelines.analysis.forms_area import area_sql, worst_sql
from pipelines.catalog.form_rules import form_rules

from . import Read, Release

# How many of its worst stations each regency shows.
PER_REGENCY = 10


def selects() -> dict[str, str]:
    """SELECT statements of the tables that stay in the database."""
    rules = form_rules()
    return {
        "mart.form_audit": audit_sql(rules),
        "core.form_count": area_sql(rules),
        "mart.form_worst": worst_sql(rules, PER_REGENCY),
    }


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Rules as rows, and the rates per area with their intervals."""
    return {"ref.form_rule": _rules(), "mart.form_audit_area": _rates(read("core.form_count"))}


def _rules() -> pd.DataFrame:
    return pd.DataFrame(
        [
            {
                "rule_id": r.id,
                "bit": r.bit,
                "severity": r.severity,
                "scope": r.scope,
                "formula": f"{r.left} {r.op} {r.right}",
                "article": r.article or None,
                "explain_id": r.explain["id"],
                "explain_en": r.explain["en"],
            }
            for r in form_rules()
        ]
    ).astype({"bit": "Int64"})


def _rates(counts: pd.DataFrame) -> pd.DataFrame:
    """Failed share of the evaluable forms, raw and shrunken towards the areas of the same level."""
    parts = []
    known = counts[(counts["n_evaluable"] > 0) & counts["rule_id"].notna()]
    for _, group in known.groupby(["election_id", "contest", "level", "rule_id"], sort=True):
        shrunken = binomial_eb(group["n_failed"].to_numpy(), group["n_evaluable"].to_numpy())
        parts.append(
            group.assign(
                failed_share=shrunken.raw.round(6),
                eb_share=shrunken.estimate.round(6),
                eb_low=shrunken.low.round(6),
                eb_high=shrunken.high.round(6),
                exceedance=shrunken.exceedance.round(6),
            )
        )
    columns = ["failed_share", "eb_share", "eb_low", "eb_high", "exceedance"]
    unknown = counts[counts["n_evaluable"] == 0].assign(**{c: float("nan") for c in columns})
    frame = pd.concat([*parts, unknown], ignore_index=True)
    for column in columns:
        frame[column] = frame[column].astype("Float64")
    return frame.sort_values(["election_id", "contest", "area_code", "rule_id"], ignore_index=True)
