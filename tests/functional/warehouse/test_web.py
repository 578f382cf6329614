"""The release in a browser: tables with their meaning, facets, and the questions of the cookbook."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import duckdb
import pytest

from pipelines import catalog
from pipelines.warehouse import web
from tests.support.readable import make


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    place = tmp_path_factory.mktemp("web")
    database = make(place / "titikrawan.duckdb")
    (view,) = [one for one in catalog.views() if one.name == "v_disputes"]
    with duckdb.connect(str(database)) as con:  # as in a release that is older than a column of the catalog
        con.execute(
            f"create or replace view mart.v_disputes as from ({view.sql}) select * exclude (order_kind_name_id)"
        )
    return web.write(database, place / "made", "2026-11-25-0123456789ab", "en")


def asked(folder: Path, *paths: str) -> list[Any]:
    app = pytest.importorskip("datasette.app")

    async def ask() -> list[Any]:
        about = json.loads((folder / web.METADATA).read_text(encoding="utf-8"))
        # A second, Datasette's own limit, is sometimes too little on a busy machine.
        settings = {"sql_time_limit_ms": 60_000}
        site = app.Datasette(immutables=[str(folder / web.DATABASE)], metadata=about, settings=settings)
        return [await site.client.get(path) for path in paths]

    return asyncio.run(ask())


def test_tables_questions_and_an_area_are_answered(folder: Path) -> None:
    rows, question, area, page = asked(
        folder,
        "/titikrawan/v_counts.json?area_code=31&_shape=array",
        "/titikrawan/held_by_election.json?_shape=array",
        "/titikrawan/area.json?area_code=3171&_shape=array",
        "/titikrawan/v_counts",
    )
    assert [row["lower"] for row in rows.json()] == [5]
    assert rows.json()[0]["outcome_name_en"] == "re-vote (PSU)"
    assert question.status_code == 200
    assert {row["area_code"] for row in area.json()} == {"3171"}
    assert "Counts and their bounds" in page.text


def test_a_release_without_a_column_of_the_catalog_is_shown_as_it_is(folder: Path) -> None:
    (page,) = asked(folder, "/titikrawan/v_disputes?_shape=array")
    assert page.status_code == 200
    assert "order_kind_name_en" in page.text and "order_kind_name_id" not in page.text


def test_nothing_can_be_written_and_only_this_machine_is_served(folder: Path) -> None:
    (refused,) = asked(folder, "/titikrawan.json?sql=delete+from+v_counts")
    assert refused.status_code == 400
    words = web.command(folder, 8001)
    assert words[words.index("--host") + 1] == "127.0.0.1" and "-i" in words


def test_serving_becomes_the_server_so_that_ending_it_leaves_no_process(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("datasette")
    became: list[tuple[str, list[str]]] = []
    monkeypatch.setattr("os.execv", lambda program, words: became.append((program, words)))
    web.serve(folder, 8001)
    words = web.command(folder, 8001)
    assert became == [(words[0], words)]


def test_it_is_made_once_for_a_release(folder: Path) -> None:
    before = (folder / web.DATABASE).stat().st_mtime_ns
    again = web.write(folder / "missing.duckdb", folder.parent, "2026-11-25-0123456789ab", "en")
    assert again == folder and (folder / web.DATABASE).stat().st_mtime_ns == before
