"""A question to a judge says the same in another process, and our own answer is the one that Great Expectations gives."""

from __future__ import annotations

from pathlib import Path

import pandas as pd

from pipelines.catalog import table
from pipelines.quality import conditions, engine
from pipelines.quality.questions import Question

AREAS = table("ref.areas")


def areas(*codes: str | None) -> pd.DataFrame:
    given = {name: pd.Series([None] * len(codes), dtype="object") for name in AREAS.field_names}
    return pd.DataFrame({**given, "area_code": list(codes)})


def test_a_question_left_on_disk_comes_back_whole(tmp_path: Path) -> None:
    asked: list[tuple[Question, dict[int, int]]] = []
    wanted = conditions(AREAS)
    rows = engine.failing_rows(
        AREAS, wanted, areas("31", None, "3171", "31"), {}, lambda q, found: asked.append((q, dict(found)))
    )
    ((question, found),) = asked
    assert {place: len(bad) for place, bad in rows.items()} == found
    required = next(n for n, c in enumerate(wanted) if c.rule == "required" and c.columns == ("area_code",))
    unique = next(n for n, c in enumerate(wanted) if c.rule == "unique")
    assert rows[required] == [1]
    assert rows[unique] == [0, 3]

    question.leave(tmp_path / "0001.json", found)
    again, answer = Question.left(tmp_path / "0001.json")
    assert answer == found
    with question.opened() as first, again.opened() as second:
        everything = "select * from checked order by all"
        assert first.execute(everything).fetchall() == second.execute(everything).fetchall() != []
        assert first.execute("describe checked").fetchall() == second.execute("describe checked").fetchall()


def test_nothing_is_asked_about_no_rows() -> None:
    asked: list[Question] = []
    assert engine.failing_rows(AREAS, conditions(AREAS), areas(), {}, lambda q, _: asked.append(q)) == {}
    assert asked == []
