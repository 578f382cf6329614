"""Every figure of the real register can be followed to its claims: ids of one grammar, sums with parts, two sides."""

from __future__ import annotations

import re

import pytest

from pipelines import catalog
from pipelines.catalog import claim_ids

SUMS = "select sum_id as id from mart.sum_parts"
KNOWN = f"""
select event_id as id from core.revote_claim
union select 'coverage/' || election_id || '/' || area_code || '/' || kind || '/' || status from core.coverage_statement
union select 'row/' || source_file || '/' || source_row from core.exposure
union select 'row/' || source_file || '/' || source_row from core.recap_milestone
union select 'row/' || source_file || '/' || source_row from core.dispute_case
union select 'row/' || source_file || '/' || source_row from core.dispute_count
union select 'row/' || source_file || '/' || source_row from core.index_score
union {SUMS}
"""


def columns_of_claims() -> list[tuple[str, str]]:
    return [
        (table.full_name, field.name)
        for table in catalog.load()
        for field in table.fields
        if re.fullmatch(r"(.*_)?claim_ids?", field.name)
    ]


def test_every_claim_id_of_every_table_has_the_one_grammar_and_leads_somewhere(warehouse) -> None:
    listed = columns_of_claims()
    assert len(listed) > 25
    every = " union all ".join(
        f"select '{table}.{column}' as place, unnest(string_split({column}, ';')) as id from {table}"
        for table, column in listed
    )
    odd = f"select place, min(id), count(*) from ({every}) where not regexp_full_match(id, ?) group by place"
    assert warehouse.execute(odd, [claim_ids.PATTERN]).fetchall() == []
    lost = f"""
        with known as ({KNOWN})
        select place, min(id), count(*) from ({every}) where id not in (select id from known) group by place
    """
    assert warehouse.execute(lost).fetchall() == []


@pytest.mark.parametrize(
    ("table", "value"),
    [
        ("mart.three_zeros", "value"),
        ("mart.counts", "lower"),
        ("core.dispute_resolution", "value"),
        ("core.exposure_resolution", "n_tps"),
    ],
)
def test_the_parts_of_a_sum_add_up_to_it(warehouse, table: str, value: str) -> None:
    query = f"""
        select t.claim_id, t.{value}, p.total
        from {table} t
        left join (select sum_id, sum(value) as total from mart.sum_parts group by sum_id) p on p.sum_id = t.claim_id
        where starts_with(t.claim_id, 'sum/') and p.total is distinct from t.{value}
    """
    assert warehouse.execute(query).fetchall() == []


def test_every_conflict_names_both_claims_what_they_say_and_where(warehouse) -> None:
    one_sided = """
        select conflict_id from mart.conflicts
        where chosen_claim_id = other_claim_id or chosen_value = other_value
            or (starts_with(other_claim_id, 'row/') and other_url is null)
            or (chosen_url is null and not regexp_matches(chosen_claim_id, '^(sum|coverage)/'))
            or (subject = 'revote' and other_basis is null)
    """
    assert warehouse.execute(one_sided).fetchall() == []
    subjects = warehouse.execute("select distinct subject from mart.conflicts order by all").fetchall()
    assert [s for (s,) in subjects] == ["dispute", "exposure", "index", "recap", "revote"]


def test_cases_granted_after_the_court_counted_are_conflicts(warehouse) -> None:
    query = """
        select election_id, chosen_value, other_value, reason from mart.conflicts
        where subject = 'dispute' and area_code = '00' and measure = 'granted' order by election_id
    """
    assert warehouse.execute(query).fetchall() == [
        ("pilkada-2020", "19", "17", "parts_exceed_whole"),
        ("pilkada-2024", "27", "26", "parts_exceed_whole"),
    ]


def test_data_columns_hold_codes_and_numbers_not_words(warehouse) -> None:
    query = "select count(*) from mart.conflicts where not regexp_full_match(other_value, '[0-9.-]+')"
    assert warehouse.execute(query).fetchone() == (0,)
    measures = {m for (m,) in warehouse.execute("select distinct measure from mart.conflicts").fetchall()}
    lists = ("status", "milestone", "exposure_figure", "dispute_measure", "index")
    assert measures <= {code for name in lists for code in catalog.code_lists()[name]}
