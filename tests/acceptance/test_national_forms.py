"""Result forms of the whole country: counts known from the public data, and nothing lost."""

from __future__ import annotations

import pytest

from pipelines.warehouse.read import open_readonly
from tests.support.runs import run_with

pytestmark = [pytest.mark.realdata, pytest.mark.slow, pytest.mark.xdist_group("national")]


@pytest.fixture(scope="module")
def national(tmp_path_factory, shared_data):
    """A run over everything the public data hold for 2019 and 2024."""
    sources = {
        "sirekap-2024": sorted((shared_data / "sirekap-2024").glob("*.csv.gz")),
        "situng-2019": [shared_data / "situng-2019" / "situng2019_kpu_tps.csv.gz"],
    }
    wanted = ("core.area_name", "mart.form_audit_area")
    return run_with(tmp_path_factory.mktemp("national"), sources, wanted, with_files=False)


KNOWN = {  # rule: failed in all, Jakarta, Jakarta Pusat
    "E9": (12789, 651, 74), "E8": (20407, 1444, 235), "E6": (3325, 235, 22), "I1": (2495, 219, 24),
    "E1_dpt": (5812, 442, 53),
}  # fmt: skip


@pytest.mark.parametrize("rule", KNOWN)
def test_known_counts_of_2024(national, rule: str) -> None:
    with open_readonly(national.database) as con:
        found = con.execute(
            "select n_failed from mart.form_audit_area where election_id = 'pemilu-2024' and rule_id = ? "
            "and area_code in ('00', '31', '3171') order by area_code",
            [rule],
        ).fetchall()
    assert tuple(n for (n,) in found) == KNOWN[rule]


def test_known_counts_of_2019(national) -> None:
    query = """
        with bits as (select sum(1::bigint << bit)::bigint as b from ref.form_rule where rule_id in ('E6', 'E9'))
        select count(*), count(*) filter (failed_mask & b <> 0),
            count(*) filter (contains(';' || failed_rules || ';', ';E9;')),
            count(*) filter (contains(';' || failed_rules || ';', ';E6;'))
        from mart.form_audit, bits where election_id = 'pemilu-2019'
    """
    with open_readonly(national.database) as con:
        assert con.execute(query).fetchone() == (806583, 47032, 13848, 39666)


def test_stations_of_jakarta_and_nothing_lost(national) -> None:
    with open_readonly(national.database) as con:
        per_city = con.execute(
            "select count(*) from core.tps where election_id = 'pemilu-2024' and province_code = '31' "
            "group by regency_code order by regency_code"
        ).fetchall()
        lost = con.execute(
            "select sum(n_read - n_kept), sum(n_read) from meta.inputs where source_file like 's%-20%'"
        ).fetchone()
        unresolved = con.execute(
            "select sum(n_tps) from core.area_name where resolved_level in ('none', 'province', 'regency')"
        ).fetchone()
    assert [n for (n,) in per_city] == [88, 3129, 4853, 7169, 6715, 8812]
    assert lost == (0, 441609 + 806583)
    assert unresolved[0] < 0.005 * 806583
