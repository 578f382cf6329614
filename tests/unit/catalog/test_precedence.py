"""Who is heard first is data: the file is complete, and a word it does not know is refused."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from pipelines.catalog import claim_ids
from pipelines.catalog.declared import HERE, CatalogError
from pipelines.catalog.precedence import precedence, read_precedence
from pipelines.resolve.precedence import KEYS, heard

ROW = {"confidence": "high", "source_date": None, "source_file": "register/x.csv", "source_row": 2}


def test_every_step_for_rows_has_a_key() -> None:
    for subject in ("exposure", "recap", "dispute", "index"):
        assert set(precedence().steps[subject]) <= KEYS.keys()


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("[kpu, mk,", "[kpu, dkpp,", "dkpp"),
        ("later_line]", "luck]", "luck"),
        ("  refused:", "  held:", "refused"),
    ],
)
def test_a_word_that_is_not_known_is_refused(tmp_path: Path, old: str, new: str, says: str) -> None:
    text = (HERE / "precedence.yaml").read_text(encoding="utf-8").replace(old, new, 1)
    (tmp_path / "precedence.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(CatalogError, match=says):
        read_precedence(tmp_path / "precedence.yaml")


def test_the_first_step_at_which_two_differ_decides() -> None:
    steps = [(name, KEYS[name]) for name in ("confidence", "later_line")]
    better, worse, later = ROW, ROW | {"confidence": "low", "source_row": 1}, ROW | {"source_row": 3}
    chosen, others = heard([worse, later, better], steps)
    assert chosen == better and others == [(later, "later_line"), (worse, "confidence")]
    with pytest.raises(ValueError, match="nothing"):
        heard([], steps)


@pytest.mark.parametrize(
    "claim_id",
    [
        claim_ids.row_id("register/exposure.csv", 7),
        claim_ids.row_id("own/kejadian--kota.csv", 2),
        claim_ids.statement_id("pemilu-2024", "00", "psu", "held"),
        claim_ids.sum_id("pilkada-2017-r2", "91-2022", "psu", "ordered"),
        claim_ids.sum_id("pemilu-2024", "31", "dispute", "granted", "legislative"),
        "pemilu-2024/psu/menteng/043",
        "own/kejadian/lembar/3",
    ],
)
def test_claim_ids_have_one_grammar(claim_id: str) -> None:
    assert re.fullmatch(claim_ids.PATTERN, claim_id)


@pytest.mark.parametrize(
    "text", ["register/exposure.csv:7", "c1", "row/register/exposure.csv", "pemilu-2024/a b/c", ""]
)
def test_what_is_no_claim_id_does_not_match(text: str) -> None:
    assert not re.fullmatch(claim_ids.PATTERN, text)
