"""Findings of an office stand in the section, the brief and the checklist of its area, and of what it lies in."""

from __future__ import annotations

import duckdb
import pytest

from pipelines.reporting.brief.findings import findings_line
from pipelines.reporting.facts import queries
from pipelines.reporting.facts.context import Context
from pipelines.reporting.sections import findings
from pipelines.reporting.site import checklist
from pipelines.reporting.site.render import content
from tests.support.invented import D, put

Con = duckdb.DuckDBPyConnection


def finding(con: Con, name: str, deadline: object, **more: object) -> None:
    row = {
        "finding_id": name, "election_id": "pemilu-2024", "area_code": "3171", "level": "regency",
        "area_name": "Kota Administrasi Jakarta Pusat", "provision_code": "sop", "provision_order": 4,
        "finding_stage": "voting", "problem": f"Masalah <{name}>", "recommendation": "Cek silang",
        "responsible": "Subbagian teknis", "deadline": deadline, "finding_status": "open",
        "source_url": "dokumen:ND 5/2024", "source_title": "ND 5/2024", "confidence": "high", "n_elections": 1,
        "is_recurring": False, "is_open": True, "is_overdue": deadline is not None and deadline < D(2026, 11, 25),
        "judged_on": D(2026, 11, 25),
    }  # fmt: skip
    put(con, "mart.findings", row | more)


def context(con: Con, code: str, lang: str) -> Context:
    return Context(con, queries.area(con, code), lang, queries.elections(con, lang), queries.release(con))


@pytest.mark.parametrize("lang", ["id", "en"])
def test_open_recommendations_are_counted_and_the_overdue_ones_said(warehouse: Con, lang: str) -> None:
    finding(warehouse, "nanti", D(2027, 1, 31))
    finding(warehouse, "lewat", D(2026, 6, 30))
    finding(warehouse, "tuntas", D(2026, 1, 1), finding_status="done", is_open=False, is_overdue=False)
    for code in ("31", "3171"):
        line = findings_line(context(warehouse, code, lang))
        assert (
            "2 rekomendasi masih terbuka, 1 di antaranya lewat" in line
            or "2 recommendations are open, 1 of" in line
        )
        assert "Masalah <lewat>" in line and "2026" in line
    assert findings_line(context(warehouse, "3175", lang)) == ""
    section = findings.build(context(warehouse, "3171", lang))
    assert section is not None
    (table, *_) = section.blocks
    texts = [[cell.text for cell in row] for group in table.groups for row in group.rows]
    assert len(texts) == 3
    assert [("lewat" in t[5] or "past" in t[5]) for t in texts] == [True, False, False]


@pytest.mark.slow
def test_the_checklist_lists_what_is_open_by_deadline_with_a_box(warehouse: Con) -> None:
    ctx = context(warehouse, "3171", "id")
    report = content(warehouse, "3171", "id")
    assert "findings" not in [s.key for s in checklist.build(ctx, report).sections]
    finding(warehouse, "tanpa", None)
    finding(warehouse, "lewat", D(2026, 6, 30))
    (section,) = [
        s for s in checklist.build(context(warehouse, "3171", "id"), report).sections if s.key == "findings"
    ]
    rows = [[cell.text for cell in row] for group in section.blocks[0].groups for row in group.rows]
    assert [row[2] for row in rows] == ["Masalah <lewat>", "Masalah <tanpa>"] and rows[0][0] == "☐"
