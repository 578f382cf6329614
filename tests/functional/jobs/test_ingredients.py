"""A run that takes over what the served release has makes the same rows as one that computes everything."""

from __future__ import annotations

import shutil
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from pipelines import catalog
from pipelines.jobs import fingerprints, ingredients
from pipelines.jobs.fingerprints import Inputs, data_fingerprint
from pipelines.jobs.run import SEED, Run
from pipelines.jobs.steps import derive
from pipelines.warehouse import load, releases
from pipelines.warehouse.read import open_readonly

ONLY = ("mart.funnel", "mart.persistence", "mart.rates", "mart.disputes")
ELECTIONS = ("pemilu-2019", "pemilu-2024")
BEFORE, AFTER, ANEW = (f"2026-11-28-{n:012x}" for n in (1, 2, 3))
CLAIMS, CASES = "core.revote_claim", "core.dispute_case"
Frames = Mapping[str, pd.DataFrame]


def small(frame: pd.DataFrame) -> pd.DataFrame:
    """What is told of Jakarta, its parts and the nation at two elections."""
    if "area_code" in frame:
        frame = frame[frame["area_code"].str[:2].isin(["31", "00"])]
    if "election_id" in frame:
        frame = frame[frame["election_id"].isin(ELECTIONS)]
    return frame.reset_index(drop=True)


@pytest.fixture(scope="module")
def told(register_run) -> Frames:
    """Rows of the register on Jakarta and the nation, by table."""
    tables = [t for t in Run("", "", Path(), only=ONLY).tables() if t.is_loaded and not t.is_large]
    with open_readonly(register_run.database) as con:
        return {t.full_name: small(load.read_table(con, t.full_name)) for t in tables}


def derived(run: Run, frames: Frames) -> Mapping[str, object]:
    """The facts of the step `derive` over these rows."""
    shutil.rmtree(run.work, ignore_errors=True)
    with load.writing(run.database) as con:
        load.create_schemas(con)
        for table in run.tables():
            if not (table.sql or table.derived):
                load.fill_from_frame(con, table, frames.get(table.full_name, pd.DataFrame()))
    return derive.step(run)


@pytest.fixture(scope="module")
def served(told: Frames, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run whose release is served."""
    run = Run(
        BEFORE, data_fingerprint(Inputs("before", ""), SEED), tmp_path_factory.mktemp("kept"), only=ONLY
    )
    assert derived(run, told)["kept"] == 0
    folder = run.warehouse / "releases" / BEFORE
    run.work.rename(folder)
    manifest = {"release_id": BEFORE, "fingerprint": run.fingerprint, "inputs": "before", "seed": SEED}
    releases.write_json(
        folder / releases.MANIFEST, {**manifest, "published_at": "", "data_date": run.data_date}
    )
    releases.write_sums(folder)
    (run.warehouse / releases.CURRENT).symlink_to(Path("releases", BEFORE))
    return run


def rows(run: Run) -> Iterator[tuple[str, list[tuple[object, ...]]]]:
    with open_readonly(run.database) as con:
        for table in run.tables():
            if table.sql or table.derived:
                yield table.full_name, con.execute(f"select * from {table.full_name}").fetchall()


def aggregate(claims: pd.DataFrame) -> pd.DataFrame:
    """One more station in the largest number that somebody states of a city of Jakarta."""
    of_cities = claims[(claims["area_code"].str.len() == 4) & (claims["kind"] == "psu")]
    largest = of_cities["n_tps"].idxmax()
    return claims.assign(n_tps=claims["n_tps"].where(claims.index != largest, claims["n_tps"] + 1))


def without_one(claims: pd.DataFrame) -> pd.DataFrame:
    """The first station of Jakarta that is named is gone, and all rows below it move up."""
    named = claims[claims["tps"].notna() & (claims["status"] == "held")]
    left = claims.drop(index=named.index[0]).reset_index(drop=True)
    return left.assign(source_row=range(1, len(left) + 1))


def another_end(cases: pd.DataFrame) -> pd.DataFrame:
    """A case about which the court decided otherwise."""
    return cases.assign(verdict=cases["verdict"].where(cases.index > 0, "withdrawn"))


def test_what_is_taken_over_is_what_would_be_computed(served: Run, told: Frames) -> None:
    changed = {**told, CLAIMS: without_one(aggregate(told[CLAIMS]))}
    kept = derived(replace(served, id=AFTER), changed)
    anew = derived(replace(served, id=ANEW, force=True), changed)
    assert anew["kept"] == 0
    assert anew["rows"] == kept["rows"]
    assert 0 < int(str(kept["kept"])) < int(str(kept["tables"]))
    found = dict(rows(replace(served, id=AFTER)))
    assert found == dict(rows(replace(served, id=ANEW)))
    before = dict(rows(replace(served, id=BEFORE, built=BEFORE)))
    assert {"mart.counts", "core.incident"} <= {name for name in found if found[name] != before[name]}


def test_only_what_depends_on_a_change_is_computed(
    served: Run, told: Frames, monkeypatch: pytest.MonkeyPatch
) -> None:
    made: list[str] = []
    fill = load.fill_from_frame
    monkeypatch.setattr(
        load, "fill_from_frame", lambda con, t, f: (made.append(t.full_name), fill(con, t, f))[1]
    )
    derived(replace(served, id=AFTER), {**told, CASES: another_end(told[CASES])})
    modules = {catalog.table(name).derived for name in made} - {""}
    assert modules == {"disputes"}
    found, before = (
        dict(rows(replace(served, id=name, built=name * (name == BEFORE)))) for name in (AFTER, BEFORE)
    )
    assert {name for name in found if found[name] != before[name]} >= {"mart.disputes"}
    assert found["mart.funnel"] == before["mart.funnel"] != []


def test_nothing_is_taken_over_where_anything_but_the_rows_is_another(
    served: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert ingredients.served(served) is not None
    assert ingredients.served(replace(served, force=True)) is None
    assert ingredients.served(replace(served, seed=SEED + 1)) is None
    assert ingredients.served(replace(served, root=tmp_path)) is None
    query = tmp_path / "mart.rates.sql"
    query.write_text("select 1", encoding="utf-8")
    code = fingerprints.data_code
    with monkeypatch.context() as patched:
        patched.setattr(fingerprints, "_HERE", tmp_path)
        patched.setattr(fingerprints, "data_code", lambda: iter([query]))
        assert ingredients.served(served) is None
    assert fingerprints.data_code is code
    with monkeypatch.context() as patched:
        patched.setattr(fingerprints, "libraries", lambda: {"duckdb": "0"})
        assert ingredients.served(served) is None


def test_a_release_whose_bytes_are_others_is_not_used(served: Run) -> None:
    folder = served.warehouse / "releases" / BEFORE
    database = folder / releases.DATABASE
    whole = database.read_bytes()
    try:
        database.write_bytes(whole + b"\0")
        assert ingredients.served(served) is None
    finally:
        database.write_bytes(whole)
    sums = (folder / releases.SUMS).read_text(encoding="utf-8")
    (folder / releases.SUMS).unlink()
    assert ingredients.served(served) is None
    (folder / releases.SUMS).write_text(sums, encoding="utf-8")
    assert ingredients.served(served) is not None


def test_a_module_reads_what_it_declares_and_nothing_else(served: Run) -> None:
    from pipelines.marts import rates

    with load.writing(replace(served, id=AFTER).database) as con:
        known = ingredients.Ingredients(con, None, is_same_day=True)
        with pytest.raises(ValueError, match=r"rates reads mart\.counts"):
            known.reader(rates, ["mart.three_zeros"], {})("mart.counts")
