"""Names of 2014 and 2019 find today's districts by declared rules, by the lineage, or stay above with a reason."""

from __future__ import annotations

import pandas as pd
import pytest

from pipelines.catalog import code_lists
from pipelines.resolve.area_names import is_short_for, resolve_names

AREAS = pd.DataFrame(
    [
        ("14", "province", "Riau", "00"), ("1471", "regency", "Kota Pekanbaru", "14"),
        ("147104", "district", "Limapuluh", "1471"), ("147108", "district", "Binawidya", "1471"),
        ("147112", "district", "Rumbai", "1471"), ("147115", "district", "Rumbai Timur", "1471"),
        ("17", "province", "Bengkulu", "00"), ("1701", "regency", "Kabupaten Bengkulu Selatan", "17"),
        ("170104", "district", "Manna", "1701"), ("170105", "district", "Kota Manna", "1701"),
        ("170106", "district", "Ulu Manna", "1701"), ("73", "province", "Sulawesi Selatan", "00"),
        ("7314", "regency", "Kabupaten Sidenreng Rappang", "73"), ("731403", "district", "Watang Pulu", "7314"),
        ("731408", "district", "Watang Sidenreng", "7314"), ("96", "province", "Papua Barat Daya", "00"),
        ("9671", "regency", "Kota Sorong", "96"), ("967101", "district", "Sorong", "9671"),
        ("967107", "district", "Sorong Kota", "9671"), ("11", "province", "Aceh", "00"),
        ("1106", "regency", "Kabupaten Aceh Besar", "11"), ("110601", "district", "Kuta Cot Glie", "1106"),
        ("110602", "district", "Kuta Malaka", "1106"), ("1101", "regency", "Kabupaten Aceh Selatan", "11"),
        ("110101", "district", "Kluet Utara", "1101"), ("110102", "district", "Kluet Ulu", "1101"),
    ],
    columns=["area_code", "level", "name", "parent_code"],
)  # fmt: skip
LINEAGE = pd.DataFrame(
    [("9271", "Kota Sorong", "9671", "recoded"), ("96-2022", "Papua Barat", "96", "split")],
    columns=["former_code", "former_name", "area_code", "change"],
)


def find(*chain: str, lineage: pd.DataFrame = LINEAGE) -> tuple[str, str, object]:
    """(code, method, reason) of a district as a source of that time writes it."""
    names = pd.DataFrame([(*chain, "", 1)], columns=["province", "regency", "district", "village", "n_tps"])
    row = resolve_names(names, AREAS, lineage).iloc[0]
    return row["area_code"], row["method"], None if pd.isna(row["reason"]) else row["reason"]


@pytest.mark.parametrize(
    ("chain", "code", "method"),
    [
        (("RIAU", "KOTA PEKANBARU", "LIMA PULUH"), "147104", "spelling"),
        (("RIAU", "KOTA PEKANBARU", "LIMAPULUH"), "147104", "exact"),
        (("BENGKULU", "BENGKULU SELATAN", "KOTA MANNA"), "170105", "exact"),
        (("BENGKULU", "BENGKULU SELATAN", "MANNA"), "170104", "exact"),
        (("PAPUA BARAT DAYA", "KOTA SORONG", "SORONG"), "967101", "exact"),
        (("PAPUA BARAT DAYA", "KOTA SORONG", "SORONG KOTA"), "967107", "exact"),
        (("SULAWESI SELATAN", "SIDENRENG RAPPANG", "WT. SIDENRENG"), "731408", "spelling"),
        (("ACEH", "ACEH BESAR", "KOTA COT GLIE"), "110601", "similar"),
    ],
)
def test_names_of_that_time_find_the_district_of_today(
    chain: tuple[str, ...], code: str, method: str
) -> None:
    assert find(*chain) == (code, method, None)


@pytest.mark.parametrize("name", ["TAMPAN", "RUMBAI PESISIR"])
def test_a_district_that_is_gone_stays_at_the_regency_with_the_reason(name: str) -> None:
    code, _, reason = find("RIAU", "KOTA PEKANBARU", name)
    assert (code, reason) == ("1471", "not_listed_today")
    assert "no cited page" in code_lists()["name_reason"]["not_listed_today"]["en"]


def test_a_row_of_the_lineage_with_its_page_places_a_former_name() -> None:
    """An invented row: the lineage of the register names no such page for Tampan."""
    added = pd.concat(
        [LINEAGE, pd.DataFrame([("147108", "Tampan", "147108", "renamed")], columns=LINEAGE.columns)]
    )
    assert find("RIAU", "KOTA PEKANBARU", "TAMPAN", lineage=added) == ("147108", "lineage", None)


def test_what_several_areas_fit_is_not_chosen() -> None:
    assert find("ACEH", "ACEH SELATAN", "KL. U.")[::2] == ("1101", "several_alike")


@pytest.mark.parametrize(
    ("short", "long", "fits"),
    [
        ("wt sidenreng", "watang sidenreng", True), ("stm hilir", "sinembah tanjung muda hilir", True),
        ("kep bala", "kepulauan bala", True), ("t jambo aye", "tanah jambo aye", True),
        ("rumbai", "rumbai timur", False), ("manna", "kota manna", False), ("ulu manna", "ulu", False),
        ("rumbai pesisir", "rumbai timur", False), ("a", "a", False), ("iv koto", "vi koto", False),
        ("v koto", "vii koto", False),
    ],
)  # fmt: skip
def test_only_words_that_are_cut_short_stand_for_others(short: str, long: str, fits: bool) -> None:
    assert is_short_for(short, long) is fits
