"""Names of areas: found by a rule, never by likeness; measured on 500 distorted names."""

from __future__ import annotations

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from pipelines.workbooks.places import Area, MisreadAt, Places
from pipelines.workbooks.register import read_register
from pipelines.workbooks.text import normal

ROOT = Path(__file__).resolve().parents[3]
SEED = 20240214


@pytest.fixture(scope="module")
def places() -> Places:
    return read_register(ROOT / "data" / "raw" / "register").places


@pytest.mark.parametrize(
    "cells",
    [
        {"regency": "Jakarta Pusat", "district": "Kec. Kemayoran"},
        {"regency": "Kota Adm. Jakarta Pusat", "district": "KEMAYORAN"},
        {"district": "Kemayoran, Jakpus"},
        {"province": "DKI", "district": "kemayoran"},
        {"code": "31.71.03"},
        {"code": "317103.0"},
        {"district": "Kemayoran (Jakarta Pusat)"},
    ],
)
def test_kemayoran_however_it_is_written(places: Places, cells: dict[str, str]) -> None:
    found = places.find(cells)
    assert found is not None
    assert (found.code, found.level) == ("317103", "district")
    assert found.names["regency"] == "Kota Jakarta Pusat" or "Jakarta Pusat" in found.names["regency"]


def test_a_child_decides_between_a_city_and_a_regency_of_one_name(places: Places) -> None:
    with pytest.raises(MisreadAt) as wrong:
        places.find({"regency": "Bandung"})
    assert len(wrong.value.nearest) == 2
    found = places.find({"regency": "Bandung", "district": "Coblong"})
    assert found is not None and found.code.startswith("3273")
    typed = places.find({"regency": "Kab. Bandung"})
    assert typed is not None and typed.code == "3204"


def test_what_looks_alike_is_suggested_and_not_taken(places: Places) -> None:
    with pytest.raises(MisreadAt) as wrong:
        places.find({"regency": "Jakarta Pusat", "district": "Kemayorn"})
    assert wrong.value.level == "district"
    assert wrong.value.nearest[0].startswith("Kemayoran")


def test_a_district_of_another_regency_is_named_as_such(places: Places) -> None:
    with pytest.raises(MisreadAt, match="does not lie in"):
        places.find({"regency": "Jakarta Selatan", "district": "Kemayoran"})
    with pytest.raises(MisreadAt, match="two different areas"):
        places.find({"code": "3171", "regency": "Kota Surabaya"})
    assert places.find({}) is None
    with pytest.raises(MisreadAt):
        places.find({"code": "9999"})


def _typo(text: str, chance: random.Random) -> str:
    """One letter left out, doubled, or swapped with the next."""
    i = chance.randrange(1, len(text) - 1)
    how = chance.randrange(3)
    if how == 0:
        return text[:i] + text[i + 1 :]
    return text[:i] + text[i] + text[i:] if how == 1 else text[:i] + text[i + 1] + text[i] + text[i + 2 :]


# Declared distortions of a district and its regency; the last is the one that no rule may undo.
Distortion = Callable[[Area, Area, random.Random], dict[str, str]]
DISTORTIONS: dict[str, Distortion] = {
    "capitals": lambda d, r, c: {"regency": r.name.upper(), "district": d.name.upper()},
    "prefix": lambda d, r, c: {"regency": r.name, "district": f"Kec. {d.name}"},
    "short_kab": lambda d, r, c: {
        "regency": r.name.replace("Kabupaten", "Kab."),
        "district": f"KECAMATAN {d.name}",
    },
    "no_kind": lambda d, r, c: {"regency": r.name.split(" ", 1)[-1], "district": d.name},
    "blanks": lambda d, r, c: {"regency": f" {r.name} ", "district": d.name.replace(" ", "")},
    "hyphens": lambda d, r, c: {"regency": r.name, "district": d.name.replace(" ", "-")},
    "comma": lambda d, r, c: {"district": f"{d.name}, {r.name}"},
    "brackets": lambda d, r, c: {"district": f"{d.name.lower()} ({r.name})"},
    "typo": lambda d, r, c: {"regency": r.name, "district": _typo(d.name, c)},
    "typo_of_parent": lambda d, r, c: {"regency": _typo(r.name, c), "district": d.name},
}


def measure(places: Places, n: int = 500) -> dict[str, dict[str, int]]:
    """Per distortion: names, taken rightly, taken wrongly, sent back, sent back with the right area suggested."""
    chance = random.Random(SEED)
    districts = sorted(
        (a for a in places.inside("district", None) if len(a.name) > 4 and a.parent in places.by_code),
        key=lambda a: a.code,
    )
    kinds = list(DISTORTIONS)
    found = {k: dict.fromkeys(("n", "right", "wrong", "back", "suggested"), 0) for k in kinds}
    for number, district in enumerate(chance.sample(districts, n)):
        kind = kinds[number % len(kinds)]
        regency = places.by_code[district.parent]
        cells, counts = DISTORTIONS[kind](district, regency, chance), found[kind]
        counts["n"] += 1
        try:
            place = places.find(cells)
            assert place is not None
            counts["right" if place.code == district.code else "wrong"] += 1
        except MisreadAt as wrong:
            counts["back"] += 1
            sought = regency.name if kind == "typo_of_parent" else district.name
            counts["suggested"] += any(normal(name).startswith(normal(sought)) for name in wrong.nearest)
    return found


def test_500_distorted_names_are_never_taken_for_another_area(places: Places) -> None:
    found = measure(places)
    assert sum(c["n"] for c in found.values()) == 500
    assert sum(c["wrong"] for c in found.values()) == 0, found
    by_rule = [c for k, c in found.items() if "typo" not in k]
    assert sum(c["right"] for c in by_rule) / sum(c["n"] for c in by_rule) >= 0.97, found
    typos = [c for k, c in found.items() if "typo" in k]
    assert sum(c["suggested"] for c in typos) / max(sum(c["back"] for c in typos), 1) >= 0.9, found
