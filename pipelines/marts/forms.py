"""The audit of result forms: ref.form_rule, mart.form_audit and the
marts derived from it per area and worst form."""

from __future__ import annotations

import pandas as pd

from pipelines.catalog.form_rules import form_rules
from pipelines.forms.audit import audit_sql
from pipelines.forms.audit_area import area_sql, worst_figures_sql, worst_sql
from pipelines.forms.evidence import COLUMNS, evidence_classes, failure_statistics

from . import Read, Release

# Number of worst stations shown per regency.
PER_REGENCY = 10


def selects() -> dict[str, str]:
    """Return the SELECT statements of the tables computed inside the database."""
    rules = form_rules()
    return {
        "mart.form_audit": audit_sql(rules),
        "core.form_count": area_sql(rules),
        "mart.form_worst": worst_sql(rules, PER_REGENCY),
        "mart.form_worst_figure": worst_figures_sql(rules, PER_REGENCY),
    }


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Return the rules as rows, and the rates per area with intervals and evidence."""
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
                "law_subject": r.law[0] if r.law else None,
                "law_ground": (r.law[1] or None) if r.law else None,
                "not_for": ";".join(r.not_for) or None,
                "about": r.about,
                "remedy": r.remedy,
                "short_id": r.short["id"],
                "short_en": r.short["en"],
                "explain_id": r.explain["id"],
                "explain_en": r.explain["en"],
            }
            for r in form_rules()
        ]
    ).astype({"bit": "Int64"})


def _rates(counts: pd.DataFrame) -> pd.DataFrame:
    """Return failed shares of evaluable forms against areas of the same level, and the evidence for the
    difference.

    A family is one election, contest, level and rule over every area whose forms are loaded. Rules about whole
    areas have a single verdict each, so there is no rate to compare.
    """
    about_areas = {r.id for r in form_rules() if r.scope == "area"}
    counts = counts.assign(scope=counts["province_code"].where(counts["level"] != "province", "00"))
    is_known = (counts["n_evaluable"] > 0) & ~counts["rule_id"].isin(about_areas)
    parts = []
    for _, group in counts[is_known].groupby(["election_id", "contest", "level", "rule_id"], sort=True):
        rows = group.reset_index(drop=True)
        found = failure_statistics(rows["n_failed"].to_numpy(), rows["n_evaluable"].to_numpy())
        family = pd.concat([rows, found.round(6)], axis=1)
        # A single area cannot be compared with others.
        words = evidence_classes(family) if len(family) > 1 else None
        parts.append(family.assign(n_family=len(family), evidence=words))
    rest = counts[~is_known]
    rest = rest.assign(evidence=(rest["n_evaluable"] == 0).map({True: "no_data"}))
    frame = pd.concat([*parts, rest], ignore_index=True).reindex(
        columns=[*counts.columns, *COLUMNS, "n_family", "evidence"]
    )
    for column in COLUMNS:
        frame[column] = frame[column].astype("Float64")
    frame["n_family"] = frame["n_family"].astype("Int64")
    return frame.sort_values(["election_id", "contest", "area_code", "rule_id"], ignore_index=True)
