"""Areas by code, name and short name; what is not sure is asked back with the nearest names."""

from __future__ import annotations

import pytest

from pipelines.reporting.errors import ReportError
from pipelines.reporting.facts.find import find
from pipelines.reporting.facts.queries import Area

AREAS = {
    code: Area(code, name, level, parent)
    for code, name, level, parent in (
        ("00", "Indonesia", "national", None),
        ("73", "Sulawesi Selatan", "province", None),
        ("7371", "Kota Makassar", "regency", "73"),
        ("5206", "Kabupaten Bima", "regency", "52"),
        ("5272", "Kota Bima", "regency", "52"),
        ("3171", "Kota Administrasi Jakarta Pusat", "regency", "31"),
        ("317101", "Makassar", "district", "3171"),
    )
}


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("7371", "7371"),
        ("Makassar", "7371"),
        ("kota makassar", "7371"),
        ("Kab. Bima", "5206"),
        ("KABUPATEN BIMA", "5206"),
        ("Kota Bima", "5272"),
        ("Kota Adm. Jakarta Pusat", "3171"),
        ("jakpus", "3171"),
        ("sulsel", "73"),
        ("Sulawesi Selatan", "73"),
    ],
)
def test_what_is_sure_is_found(text: str, code: str) -> None:
    assert find(AREAS, text).code == code


def test_a_name_of_two_areas_is_asked_back() -> None:
    with pytest.raises(ReportError) as caught:
        find(AREAS, "Bima")
    assert "5206 Kabupaten Bima, 5272 Kota Bima" in str(caught.value)


def test_an_unknown_name_is_answered_with_the_nearest() -> None:
    with pytest.raises(ReportError) as caught:
        find(AREAS, "Makasar")
    assert "7371 Kota Makassar" in str(caught.value)
    with pytest.raises(ReportError):
        find(AREAS, "99")
