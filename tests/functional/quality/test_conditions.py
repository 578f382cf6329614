"""What stands in YAML becomes a demand of the suite, the cast and the sidecar, and is enforced."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest

from pipelines.catalog import Table, load, load_folder
from pipelines.quality import Condition, conditions, validate
from pipelines.quality.sql import broken, known_values
from pipelines.sources.schema import table_schema
from tests.support.copied_catalog import copied
from tests.support.small_register import text_of

NOTE = "  - {name: note, type: string}\nprimaryKey"


def edited(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, new: str) -> Table:
    """The claims table from a copy of the catalog in which one line of YAML was changed."""
    copy = copied(tmp_path / "catalog", monkeypatch)
    path = copy / "tables" / "core.revote_claim.yaml"
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")
    return next(t for t in load_folder(copy) if t.full_name == "core.revote_claim")


# YAML for the column `note`, the condition it must add, a note that breaks it, the rule it breaks
ADDED = {
    "required: true": ("required", "", "required"),
    "unique: true": ("unique", "sama", "conflicting_duplicate"),
    "enum: [satu, dua]": ("allowed_value", "tiga", "allowed_value"),
    "pattern: '[a-z]+'": ("pattern", "Besar", "pattern"),
}


@pytest.mark.parametrize("constraint", ADDED)
def test_a_constraint_added_in_yaml_shows_up_in_conditions_sidecar_and_result(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, references: Mapping[str, pd.DataFrame], constraint: str
) -> None:
    added, bad, rule = ADDED[constraint]
    declared = edited(
        tmp_path, monkeypatch, NOTE, NOTE.replace("string}", f"string, constraints: {{{constraint}}}}}")
    )
    before = _on_note(next(t for t in load() if t.name == "revote_claim"))
    assert {c.rule for c in _on_note(declared)} - {c.rule for c in before} == {added}
    note = next(f for f in table_schema(declared, {})["fields"] if f["name"] == "note")
    assert list(note["constraints"]) == [constraint.split(":")[0]]
    text = text_of("revotes").assign(note=["satu", "dua", "", ""])
    text["note"] = [bad, bad, *("x" if rule == "required" else "",) * 2]
    result = validate(declared, text, references)
    assert set(result.problems["rule"]) == {rule}
    assert result.problems["source_row"].to_list() == [2, 3]


def _on_note(declared: Table) -> list[Condition]:
    return [c for c in conditions(declared) if c.columns == ("note",)]


def test_a_type_changed_in_yaml_changes_the_cast(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, references: Mapping[str, pd.DataFrame]
) -> None:
    declared = edited(tmp_path, monkeypatch, NOTE, NOTE.replace("string", "date"))
    text = text_of("revotes").assign(note=["2024-02-14", "kemarin", "", ""])
    result = validate(declared, text, references)
    assert result.typed["note"].dtype == "datetime64[s]"
    assert result.problems[["source_row", "rule", "value"]].to_numpy().tolist() == [[3, "type", "kemarin"]]


def test_a_maximum_added_in_yaml_is_enforced(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, references: Mapping[str, pd.DataFrame]
) -> None:
    declared = edited(tmp_path, monkeypatch, "minimum: 0, maximum: 900000", "minimum: 0, maximum: 3")
    assert validate(declared, text_of("revotes"), references).problems["value"].to_list() == ["4"]


def test_a_rule_added_in_yaml_is_enforced_and_speaks_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, references: Mapping[str, pd.DataFrame]
) -> None:
    rule = (
        "rules:\n  - {id: few, severity: quarantine, columns: [n_tps], expr: 'n_tps < 4',"
        " message_id: Terlalu banyak., message_en: Too many.}\n"
    )
    declared = edited(tmp_path, monkeypatch, "rules:\n", rule)
    problem = validate(declared, text_of("revotes"), references).problems.to_dict("records")[0]
    assert problem["rule"] == "few"
    assert "Too many. Correct n_tps from the source." in problem["message_en"]
    assert "Terlalu banyak. Perbaiki n_tps menurut sumber." in problem["message_id"]


@pytest.mark.parametrize("declared", load(), ids=lambda t: t.full_name)
def test_every_declared_table_has_conditions_of_which_each_is_sql(declared: Table) -> None:
    wanted = conditions(declared)
    known = {key.fields: known_values(key, "other") for key in declared.foreign_keys}
    assert len(wanted) > 0 and len({c.id for c in wanted}) == len(wanted)
    assert all(broken(declared, c, known, "rows") for c in wanted)
    rules = {c.rule for c in wanted}
    assert {r.id for r in declared.rules} <= rules
    assert ("foreign_key" in rules) == bool(declared.foreign_keys)
