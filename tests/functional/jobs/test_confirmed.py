"""What a run takes over from checks of the served release is what checking again would give."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path

import pandas as pd
import pytest

from pipelines import catalog
from pipelines.catalog.records import check_frame
from pipelines.jobs import confirmed, judging, unchanged_texts
from pipelines.jobs import run as job
from pipelines.jobs.steps import check, frames, inputs, read, validate
from pipelines.quality import published_checks
from pipelines.sources import seal
from pipelines.warehouse import ddl, load, releases
from pipelines.warehouse.read import open_readonly
from tests.support.builds import published

pytestmark = pytest.mark.build
CHANGED = "core.dispute_case"


def unasked(question: object, found: object) -> None:
    """In place of Great Expectations, which confirms the answers elsewhere."""


def as_stored(checks: pd.DataFrame) -> list[tuple[object, ...]]:
    return sorted(checks.astype(object).where(checks.notna(), None).itertuples(index=False, name=None))


def test_checks_of_a_release_are_those_that_its_tables_give(register_run) -> None:
    with open_readonly(register_run.database) as con:
        held = cache(partial(load.read_table, con))
        said = confirmed.Confirmed(con)
        for table in catalog.load():
            if table.is_large or table.layer == "meta" or not (table.sql or table.derived):
                continue
            small = {k.reference: held(k.reference) for k in table.foreign_keys}
            again = published_checks(table, held(table.full_name), small, ddl.HELD_RULES, unasked)
            found = said.checks(table.full_name)
            assert found, table.full_name
            assert as_stored(check_frame(found)) == as_stored(check_frame(again)), table.full_name


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A project that serves the real register, in whose files one case ended otherwise since."""
    folder = tmp_path_factory.mktemp("confirmed")
    shutil.copytree(published() / "data", folder / "data", symlinks=True)
    cases = folder / "data" / "raw" / "register" / "disputes.csv"
    text = cases.read_text(encoding="utf-8")
    assert ",withdrawn," in text
    cases.write_text(text.replace(",withdrawn,", ",inadmissible,", 1), encoding="utf-8")
    seal(cases.parent)
    return folder


def validated(root: Path, force: bool, monkeypatch: pytest.MonkeyPatch) -> tuple[job.Run, set[str]]:
    """A run up to the step `validate`, and the tables that were checked in it."""
    run = job.plan(root, force=True)
    assert run is not None
    run = replace(run, force=force)
    checked: set[str] = set()
    really = validate.validate

    def noted(table: catalog.Table, *given: object) -> object:
        checked.add(table.full_name)
        return really(table, *given)

    with monkeypatch.context() as patched:
        patched.setattr(validate, "validate", noted)
        patched.setattr(judging, "later", lambda _: unasked)
        for one in (inputs, read, validate):
            one.step(run)
    return run, checked


def left(run: job.Run) -> dict[str, pd.DataFrame]:
    """The frames that the step `validate` leaves for the next, in an order of their own."""
    paths = [*sorted((run.work / "typed").glob("*.parquet")), run.work / "problems.parquet"]
    found = {path.stem: frames.load(path) for path in (*paths, run.work / "checks.parquet")}
    found["checks"] = found["checks"].sort_values("check_id", ignore_index=True)
    return found


def test_only_tables_with_another_text_are_checked_and_all_come_out_the_same(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run, every = validated(root, True, monkeypatch)
    anew, texts = left(run), unchanged_texts.noted(run)
    run, checked = validated(root, False, monkeypatch)
    assert checked == {CHANGED}
    assert len(every) > 10
    assert unchanged_texts.noted(run) == texts
    assert texts.keys() == every
    kept = left(run)
    assert kept.keys() == anew.keys()
    assert len(kept["problems"]) > 0
    for name, frame in anew.items():
        pd.testing.assert_frame_equal(kept[name], frame, obj=name)


def intact(manifest: Path) -> None:
    assert releases.read_json(manifest)


def without_texts(manifest: Path) -> None:
    releases.write_json(manifest, {**releases.read_json(manifest), unchanged_texts.TEXTS: ["a"]})
    releases.write_sums(manifest.parent)


def with_more_bytes(manifest: Path) -> None:
    with (manifest.parent / releases.DATABASE).open("ab") as stream:
        stream.write(b"\0")


@pytest.mark.parametrize("spoil", [intact, without_texts, with_more_bytes])
def test_a_spoiled_release_confirms_nothing(
    root: Path, tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    folder = tmp_path / "spoiled"
    shutil.copytree(root / "data", folder / "data", symlinks=True)
    run = job.plan(folder, force=True)
    assert run is not None
    run = replace(run, force=False)
    inputs.step(run)
    read.step(run)
    release = releases.served(run.warehouse)
    assert release is not None
    spoil(release.folder / releases.MANIFEST)
    path = run.work / "text" / "ref.elections.parquet"
    with unchanged_texts.Before(run) as before:
        table, text = catalog.table("ref.elections"), frames.load(path)
        found = before.validated(table, path, text, pd.DataFrame())
        assert (found is not None) == (spoil is intact)
        assert before.validated(table, path, text, pd.DataFrame({"rule": ["columns"]})) is None


def test_a_table_is_confirmed_only_with_all_that_it_references(register_run, tmp_path: Path) -> None:
    release = tmp_path / "data" / "warehouse" / "releases" / register_run.id
    shutil.copytree(register_run.work, release, symlinks=True)
    (release.parents[1] / releases.CURRENT).symlink_to(Path("releases", register_run.id))
    run = job.Run("2026-11-29-000000000001", "", tmp_path)
    run.work.mkdir(parents=True)
    table = catalog.table("mart.hotspots")
    outer = {key.reference for key in table.foreign_keys}
    assert outer
    assert check._confirmed(run, [table]) == {}
    confirmed.note(run, {table.full_name, *sorted(outer)[1:]})
    assert check._confirmed(run, [table]) == {}
    confirmed.note(run, {table.full_name, *outer})
    assert check._confirmed(run, [table]).keys() == {table.full_name}
