"""The catalog: declarations are read whole, wrong ones are refused with the file's name."""

from __future__ import annotations

from pathlib import Path

import pytest

from pipelines import catalog
from pipelines.catalog import CatalogError
from pipelines.catalog.declared import HERE, load_folder, order_tables
from tests.support.copied_catalog import copied


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the catalog that a test may change."""
    return copied(tmp_path / "catalog", monkeypatch)


def test_every_column_has_title_and_meaning_in_both_languages() -> None:
    for table in catalog.load():
        for field in table.fields:
            for lang in catalog.LANGS:
                assert field.title[lang] != field.name or field.name.isupper(), (table.full_name, field.name)
                assert field.description[lang] != field.name, (table.full_name, field.name)


def test_tables_come_after_what_they_need() -> None:
    seen: set[str] = set()
    for table in catalog.load():
        needs = {k.reference for k in table.foreign_keys} | set(table.depends_on)
        assert needs - {table.full_name} <= seen, table.full_name
        seen.add(table.full_name)


def test_code_list_becomes_an_enum_constraint() -> None:
    status = catalog.table("core.revote_claim").field("status")
    assert status.constraints["enum"] == ["reported", "recommended", "decided", "held", "refused"]


def test_separated_codes_become_a_pattern() -> None:
    import re

    pattern = catalog.table("core.revote_claim").field("ballots").constraints["pattern"]
    assert re.fullmatch(pattern, "ppwp;dpr")
    assert re.fullmatch(pattern, "all")
    assert not re.fullmatch(pattern, "ppwp,dpr")


def test_every_caveat_and_code_list_is_known() -> None:
    for table in catalog.load():
        assert set(table.caveats) <= set(catalog.caveats()), table.full_name
    for codes in catalog.code_lists().values():
        for code, texts in codes.items():
            assert {"id", "en"} <= set(texts), code


def test_dropping_in_a_mart_is_enough_to_declare_it(folder: Path) -> None:
    (folder / "marts" / "mart.count_by_kind.yaml").write_text(
        "name: count_by_kind\nlayer: mart\ntitle_id: Hitungan\ntitle_en: Counts\ngrain: one row per kind\n"
        "depends_on: [core.revote_claim]\nfields:\n  - {name: kind, type: string}\n  - {name: n, type: integer}\n"
        "primaryKey: [kind]\n"
    )
    (folder / "marts" / "mart.count_by_kind.sql").write_text(
        "select kind, count(*) as n from core.revote_claim group by kind"
    )
    names = [t.full_name for t in load_folder(folder)]
    assert names.index("mart.count_by_kind") > names.index("core.revote_claim")


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        (("type: integer", "type: whole"), "unknown type 'whole'"),
        (("codes: status", "codes: states"), "no code list 'states'"),
        (("severity: warn", "severity: shout"), "severity must be"),
        (("primaryKey: [event_id]", "primaryKey: [nothing]"), "no field 'nothing'"),
        (("grain: one row per claim", "remark: x"), "`grain` is missing"),
        (("layer: core", "layer: cellar"), "layer must be one of"),
        (("fields:", "fields: ["), "not valid YAML"),
    ],
)
def test_wrong_declaration_names_file_and_fault(
    folder: Path, change: tuple[str, str], complaint: str
) -> None:
    path = folder / "tables" / "core.revote_claim.yaml"
    path.write_text(path.read_text().replace(*change, 1))
    with pytest.raises(CatalogError, match=complaint):
        load_folder(folder)


def test_circular_dependence_is_refused() -> None:
    from dataclasses import replace

    first, second = catalog.table("ref.grounds"), catalog.table("ref.provisions")
    with pytest.raises(CatalogError, match="in a circle"):
        order_tables(
            [replace(first, depends_on=("ref.provisions",)), replace(second, depends_on=("ref.grounds",))]
        )


def test_unknown_table_says_where_to_look() -> None:
    with pytest.raises(CatalogError, match="titikrawan dictionary"):
        catalog.table("core.nothing")


def test_rows_of_declarations_are_folded_so_that_a_difference_can_be_read() -> None:
    root = HERE.parents[1]
    rooms = (root / "pipelines", root / "flows", root / "titikrawan")
    long = [
        f"{path.relative_to(root)}:{number}: {len(line)}"
        for path in sorted(path for room in rooms for path in room.rglob("*.yaml"))
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if len(line) > 250
    ]
    assert long == []


def test_what_offices_say_of_themselves_needs_no_result_forms() -> None:
    """Counts depend on offices and voting days; a run for counts alone must not read the forms of a nation."""
    assert "ref.offices" in catalog.needed(["mart.counts"])
    assert not {"core.tps", "core.vote", "core.area_result"} & catalog.needed(
        ["mart.counts", "mart.findings"]
    )
    assert {"core.tps", "core.area_name", "core.area_result"} <= catalog.needed(["mart.upload_area"])
