"""The processes that build pages: started while a release is checked, given pages as they are found, always ended."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import psutil
import pytest

from pipelines.jobs.run import Run
from pipelines.jobs.steps import page_workers, pages
from pipelines.reporting.site.pages import MANIFEST, Page
from pipelines.warehouse import releases

ID = "2026-11-28-000000000001"
AREAS = [f"{number:04d}" for number in range(1101, 1131)]


def serving(root: Path, areas: list[str]) -> Run:
    """A run of a project that serves pages of these areas."""
    folder = root / "data" / "warehouse" / "releases" / ID
    reports = folder / "reports-000000000001"
    reports.mkdir(parents=True)
    (folder / releases.REPORTS).symlink_to(reports.name)
    releases.write_json(folder / releases.MANIFEST, {"release_id": ID, "fingerprint": "", "published_at": ""})
    (folder / releases.DATABASE).touch()
    made = [Page(area, "id", "c", "l", ID, ID, {}, ()) for area in areas]
    (reports / MANIFEST).write_text("".join(json.dumps(vars(page)) + "\n" for page in made), encoding="utf-8")
    (folder.parents[1] / releases.CURRENT).symlink_to(Path("releases", ID))
    return Run("2026-11-29-000000000002", "", root)


@pytest.fixture
def light(monkeypatch: pytest.MonkeyPatch) -> None:
    """One process that loads nothing."""
    monkeypatch.setattr(page_workers, "WORKERS", 1)
    monkeypatch.setattr(page_workers, "_load", page_workers._begin)


def eventually(is_true: Callable[[], bool]) -> bool:
    end = time.monotonic() + 20
    while not is_true() and time.monotonic() < end:
        time.sleep(0.02)
    return is_true()


@pytest.mark.usefixtures("light")
def test_processes_that_no_step_took_end_with_the_run(tmp_path: Path) -> None:
    run = serving(tmp_path, AREAS)
    started: list[int] = []
    with pytest.raises(ValueError, match="the checks failed"), page_workers.ended(run):
        page_workers.warm_up(run)
        started += [child.pid for child in page_workers._AHEAD[run.work]._children]
        assert [psutil.pid_exists(process) for process in started] == [True]
        raise ValueError("the checks failed")
    assert eventually(lambda: not any(map(psutil.pid_exists, started)))
    assert page_workers.taken(run) is None


@pytest.mark.usefixtures("light")
def test_the_step_takes_them_and_they_answer(tmp_path: Path) -> None:
    run = serving(tmp_path, AREAS)
    with page_workers.ended(run):
        page_workers.warm_up(run)
        pool = page_workers.taken(run)
        assert pool is not None
        assert page_workers.taken(run) is None
        try:
            (found,) = pool.done([pool.submit(os.getpid)])
            assert found.result() != os.getpid()
        finally:
            pool.close()


@pytest.mark.usefixtures("light")
def test_few_pages_or_none_need_no_process(tmp_path: Path) -> None:
    for name, areas in {"few": AREAS[:2], "none": []}.items():
        run = serving(tmp_path / name, areas)
        page_workers.warm_up(run)
        assert page_workers.taken(run) is None
    page_workers.warm_up(Run("2026-11-29-000000000003", "", tmp_path / "nothing served"))
    assert not page_workers._AHEAD


@pytest.mark.skipif(not hasattr(os, "SCHED_IDLE"), reason="this system has no idle priority")
@pytest.mark.parametrize("is_refused", [False, True])
def test_loading_waits_for_others_and_needs_no_privilege_to_go_on(
    monkeypatch: pytest.MonkeyPatch, is_refused: bool
) -> None:
    policies: list[int] = []
    loaded: list[str] = []
    really = os.sched_setscheduler

    def as_unprivileged(thread: int, policy: int, about: os.sched_param) -> None:
        if is_refused or policy != os.SCHED_IDLE:
            raise PermissionError("only downwards, if at all")
        really(thread, policy, about)

    def noted(name: str) -> None:
        loaded.append(name)
        policies.append(os.sched_getscheduler(0))

    before = os.sched_getscheduler(0)
    monkeypatch.setattr(os, "sched_setscheduler", as_unprivileged)
    monkeypatch.setattr(page_workers, "import_module", noted)
    monkeypatch.setattr(page_workers, "_begin", lambda: None)
    page_workers._load()
    assert os.sched_getscheduler(0) == before
    assert set(policies) == {before if is_refused else os.SCHED_IDLE}
    assert len(loaded) == len(page_workers.BUILDERS) + len(page_workers.DRAWING)


class Noted:
    """In place of processes: which work came, in which order."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, tuple[str, ...]]] = []

    def submit(self, work: Any, *given: Any) -> Future[Any]:
        self.asked.append((given[1], tuple(given[2])))
        return Future()

    def close(self) -> None:
        """Nothing to end."""


class Found:
    """A site of which every second page has to be built."""

    def __init__(self, seen: list[str]) -> None:
        self._seen = seen

    def keep(self, area: str, langs: tuple[str, ...]) -> Any:
        from pipelines.reporting.site.site import Answer

        self._seen.append(area)
        is_kept = area in AREAS and AREAS.index(area) % 2
        kept = tuple(Page(area, lang, "c", "l", ID, ID, {}, ()) for lang in langs if is_kept)
        return Answer(kept, 0, {})


def test_pages_go_to_the_processes_as_they_are_found_and_books_by_language() -> None:
    noted, seen = Noted(), list[str]()
    order = page_workers.Order(Path("db"), Path("out"), None, ("id", "en"), {})

    def hurried() -> Iterator[tuple[list[str], int]]:
        with page_workers.Workers(order, 99, None, noted) as workers:  # type: ignore[arg-type]
            jobs = [("methods", ("id", "en")), *((area, ("id", "en")) for area in AREAS)]

            def on_left(area: str, langs: Any) -> None:
                workers.hurry(area, langs)

            left, kept = pages._left(Found(seen), jobs, on_left)  # type: ignore[arg-type]
            assert len(kept.pages) == len(AREAS)
            workers.submit(None, left)  # type: ignore[arg-type]
            yield list(workers.running.values()), len(left)

    ((running, n_left),) = hurried()
    assert n_left == 1 + len(AREAS) / 2
    assert noted.asked[:3] == [("methods", ("id",)), ("methods", ("en",)), (AREAS[0], ("id", "en"))]
    assert running == [area for area, _ in noted.asked]
    assert len(running) == n_left + 1
