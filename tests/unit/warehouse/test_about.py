"""The warehouse explains itself: every code, every key, where every table comes from."""

from __future__ import annotations

from pipelines import catalog
from pipelines.warehouse import about

EVERYTHING = (*catalog.load(), *catalog.views())


def test_every_column_with_a_closed_list_of_values_has_its_codes_explained() -> None:
    explained = {name: set(group["code"]) for name, group in about.code_values_frame().groupby("code_list")}
    for table in EVERYTHING:
        for field in table.fields:
            if "enum" in field.constraints:
                assert field.codes, f"{table.full_name}.{field.name} has an enum without a code list"
                used = {str(code) for code in field.constraints["enum"]}
                assert used - explained[field.codes] <= {"all"}, (table.full_name, field.name)


def test_a_code_without_a_longer_meaning_means_what_it_is_called() -> None:
    values = about.code_values_frame().set_index(["code_list", "code"])
    assert values.loc[("confidence", "low"), "meaning_en"].startswith("Doubtful")
    assert values.loc[("forum", "mk"), "meaning_id"] == values.loc[("forum", "mk"), "name_id"]
    assert not values[["name_id", "name_en", "meaning_id", "meaning_en"]].isna().any().any()


def test_every_table_and_view_has_a_key_and_every_reference_an_existing_target() -> None:
    relations = about.relations_frame(EVERYTHING)
    keyed = {*relations.loc[relations["key_kind"] == "primary", "table_name"]}
    assert keyed == {table.full_name for table in EVERYTHING}
    for row in relations[relations["key_kind"] == "foreign"].itertuples():
        assert {*row.target_columns.split(",")} <= {*catalog.table(row.target_table).field_names}
    held = relations.set_index("relation_id")["is_enforced"]
    assert not held["core.revote_claim(area_code)->ref.areas"]


def test_lineage_names_for_every_table_what_it_is_made_from() -> None:
    lineage = about.lineage_frame(EVERYTHING)
    assert {*lineage["table_name"]} == {table.full_name for table in EVERYTHING}
    made = lineage[lineage["table_name"] == "mart.incidents"]
    assert "core.incident" in {*made["made_from"]} and {*made["making"]} == {"sql"}
    assert "register/revotes.csv" in {*lineage.loc[lineage["table_name"] == "core.revote_claim", "made_from"]}
    view = lineage[lineage["table_name"] == "mart.v_counts"]
    assert {*view["making"]} == {"view"} and "mart.counts" in {*view["made_from"]}
