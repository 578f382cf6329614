"""The style page speaks of the classes with the very words that reports print."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import catalog
from pipelines.reporting.facts.certainty import CLASSES
from pipelines.reporting.language.phrases import read

PAGE = Path(__file__).resolve().parents[3] / "docs" / "STYLE.md"


def rows(heading: str) -> list[list[str]]:
    """Cells of the table below a heading of the page."""
    part = PAGE.read_text(encoding="utf-8").split(f"## {heading}")[1].split("\n## ")[0]
    lines = [line for line in part.splitlines() if line.startswith("|")][2:]
    return [[cell.strip(" `") for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize(("heading", "codes"), [("Tingkat bukti", "evidence"), ("Kelengkapan", "coverage")])
def test_words_of_a_code_list_are_those_of_the_catalog(heading: str, codes: str) -> None:
    known = catalog.code_lists()[codes]
    assert [row[0] for row in rows(heading)] == list(known)
    for code, indonesian, english, *_ in rows(heading):
        assert (indonesian, english) == (known[code]["id"], known[code]["en"])


def test_every_class_of_evidence_that_reports_print_is_explained() -> None:
    assert [row[0] for row in rows("Tingkat bukti")] == list(CLASSES)


def test_words_for_attainment_are_those_of_the_phrases() -> None:
    keys = ("attainment.met", "attainment.missed", "attainment.open")
    assert [(row[0], row[1]) for row in rows("Capaian")] == [
        (read("id")[k][0], read("en")[k][0]) for k in keys
    ]


def test_forbidden_words_are_in_no_phrase() -> None:
    forbidden = [quoted for row in rows("Tingkat bukti") for quoted in row[5].replace('"', "").split(", ")]
    assert len(forbidden) >= 4
    for key, forms in read("id").items():
        for word in forbidden:
            assert f" {word} " not in f" {' '.join(forms)} ".lower(), (key, word)
