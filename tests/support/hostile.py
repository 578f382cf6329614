"""Texts that try to break out of a report."""

from __future__ import annotations

import duckdb

SCRIPT = "<script>alert(1)</script>"
QUOTES = "\"'><img src=x onerror=alert(1)>"
TURNED = "Desa\u202egnirab\u2066 \u0000akhir"
MARKUP = '#panic("x") $x^2$ *bold* _it_ `raw` @ref <lbl> \\ // [a] = H #image("/etc/passwd")'
TEMPLATE = "{{ 7*7 }} {% raw %} {0} {area}"
LONG = "Panjang" * 40
FORMULA = "=cmd|' /C calc'!A0"
LINK = '=HYPERLINK("https://example.org/?x="&A1;"Klik")'
FORMULAS = (FORMULA, LINK, "+1+1", "-2+3", "@SUM(A1)")
EVERYTHING = " ".join((SCRIPT, QUOTES, TURNED, MARKUP, TEMPLATE))


def poison(con: duckdb.DuckDBPyConnection) -> None:
    """Put hostile texts into every place a report prints text from."""
    con.execute("update ref.areas set name = ? where area_code = '3171'", [EVERYTHING])
    con.execute(
        "update ref.elections set name_id = ?, name_en = ? where election_id = 'pemilu-2024'", [MARKUP] * 2
    )
    con.execute("update mart.three_zeros set source_title = ?, area_name = ?", [EVERYTHING, LONG])
    con.execute(
        "update mart.incidents set village_name = ?, district_name = ?, ground_id = ?, article = ?, tps = ?,"
        " source_title = ?, source_url = ?",
        [LONG, TURNED, EVERYTHING, MARKUP, QUOTES, SCRIPT, "javascript:alert(1)"],
    )
    con.execute("update mart.recap_timeliness set area_name = ?, source_title = ?", [EVERYTHING, MARKUP])
    con.execute(
        "update mart.disputes set case_id = ?, order_scope = ?, order_kind = ?, verdict = ?",
        [MARKUP, EVERYTHING, QUOTES, SCRIPT],
    )
    con.execute("update mart.first_places set area_name = ?, evidence = ?", [LONG, SCRIPT])
    con.execute("update mart.first_places set area_name = ? where rank = 2", [LINK])
    con.execute(
        "update ref.elections set name_id = ?, name_en = ? where election_id = 'pilkada-2024'", [FORMULA] * 2
    )
    con.execute("update mart.coverage set area_name = ?", [FORMULA])
    con.execute(
        "update ref.law_in_force set rule = ?, citation = ?, wording_id = ?, wording_en = ? where state = 'cited'",
        [MARKUP, FORMULA, EVERYTHING, TURNED],
    )
    con.execute(
        "insert into ref.provisions by name select 'data' as provision_code, ? as label_id, ? as label_en",
        [QUOTES] * 2,
    )
    for mart in ("hotspots", "persistence", "propensity", "clusters", "ground_profile"):
        con.execute(f"update mart.{mart} set area_name = ?", [EVERYTHING])
    con.execute("update mart.ground_profile set ground_id = ?", [MARKUP])
    con.execute("update mart.backtest set best_baseline = ?", [SCRIPT])
    con.execute(
        "update mart.conflicts set area_name = ?, chosen_title = ?, other_title = ?", [SCRIPT, QUOTES, MARKUP]
    )
    con.execute("update meta.checks set kind = ?, observed = ?, message_id = ?", [SCRIPT, MARKUP, EVERYTHING])
    con.execute("update meta.quarantine set rule = ?, message_id = ?", [SCRIPT, LONG])
    con.execute("update meta.release set release_id = ?", ['2026-<b>"#x'])
