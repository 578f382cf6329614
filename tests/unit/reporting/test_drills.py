"""Rehearsals: every ground of the register has its order of action and question, in every language."""

from __future__ import annotations

import csv
from pathlib import Path

from pipelines.catalog.vocabulary import LANGUAGES
from pipelines.reporting.facts import actions
from pipelines.reporting.facts.drills import drills

GROUNDS = Path(__file__).resolve().parents[3] / "data" / "raw" / "register" / "grounds.csv"


def test_every_ground_that_a_source_can_state_has_a_rehearsal() -> None:
    with GROUNDS.open(encoding="utf-8", newline="") as stream:
        grounds = {row["ground_code"] for row in csv.DictReader(stream)}
    assert set(drills()) == grounds - {"unknown"}


def test_a_rehearsal_has_three_to_five_steps_of_known_duties_and_a_question() -> None:
    duties = set(actions.read()["duties"])
    for ground, drill in drills().items():
        assert 3 <= len(drill.steps) <= 5, ground
        assert {duty for duty, _ in drill.steps} <= duties
        for lang in LANGUAGES:
            assert all(words[lang].endswith(".") for _, words in drill.steps), ground
            assert drill.question[lang].endswith("?"), ground


def test_rehearsals_name_no_article() -> None:
    for drill in drills().values():
        for words in (*(words for _, words in drill.steps), drill.question):
            assert not any(word in words["id"] for word in ("pasal", "Pasal", "UU ", "PKPU"))
