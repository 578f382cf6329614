"""After publication older runs below the place go: only marked folders, only what a run writes, on any storage."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from pipelines.jobs.forms import old_runs
from pipelines.jobs.run import Run
from pipelines.jobs.steps import publish
from pipelines.storage import SharedStorage
from tests.support.object_store import Store

pytestmark = pytest.mark.flows
NOW = datetime(2030, 5, 1, 12, tzinfo=UTC)
OLD, OLDER, NEW = (f"2029-0{n}-01-00000000000{n}" for n in (3, 2, 4))


@pytest.fixture(params=["local", "memory", "s3"])
def address(
    request: pytest.FixtureRequest, store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[str]:
    if request.param == "local":
        yield str(tmp_path / "place")
        return
    for name, value in store.environment().items():
        monkeypatch.setenv(name, value)
    import fsspec

    protocol = request.param
    fsspec.get_filesystem_class(protocol).clear_instance_cache()
    yield f"{protocol}://bucket/{tmp_path.name}"
    fsspec.get_filesystem_class(protocol).clear_instance_cache()


def left_by(root: Path, address: str, run_id: str, days_ago: float = 1, is_published: bool = True) -> Run:
    """What a run leaves below the place, begun some days ago."""
    run = Run(run_id, "f" * 64, root, runner="threads", place=address)
    then = NOW - timedelta(days=days_ago)
    old_runs.begin(run, then)
    if is_published:
        assert old_runs.finish(run, then) == []
    place = SharedStorage(old_runs.place_of(run))
    for name in ("raw/a/b.gz", "references/x.parquet", "parts/a-00000/found.json", "audit/e/31.parquet"):
        place.put_json(1, name)
    place.put_json(1, "superseded.parquet")
    return run


def names(address: str) -> list[str]:
    return SharedStorage(address).folders()


def test_published_and_long_abandoned_runs_go_and_the_rest_stays(tmp_path: Path, address: str) -> None:
    left_by(tmp_path, address, OLDER, days_ago=8, is_published=False)
    left_by(tmp_path, address, OLD, days_ago=6, is_published=False)
    run = left_by(tmp_path, address, NEW, is_published=False)
    assert old_runs.finish(run, NOW) == [OLDER]
    assert names(address) == [OLD, NEW]  # the unfinished may go on; the published one stays until the next

    following = left_by(tmp_path, address, "2029-06-01-00000000000a", is_published=False)
    old_runs.begin(Run(OLD, "", tmp_path, runner="threads", place=address), NOW)  # it goes on
    assert old_runs.finish(following, NOW + timedelta(days=2)) == [NEW]
    assert names(address) == [OLD, following.id]
    assert SharedStorage(old_runs.place_of(following)).has("parts/a-00000/found.json")


def test_nothing_that_others_wrote_is_removed(tmp_path: Path, address: str) -> None:
    left_by(tmp_path, address, OLD)
    place = SharedStorage(address)
    place.put_json("mine", f"{OLD}/notes.json")  # beside our files, in our folder
    for name, marker in {
        "backup": {"project": "titik-rawan", "release": "backup"},
        "2029-01-01-no-release": {"project": "titik-rawan", "release": "2029-01-01-no-release"},
        "2029-01-01-00000000000b": {"project": "another", "release": "2029-01-01-00000000000b"},
        "2029-01-01-00000000000c": {"project": "titik-rawan", "release": OLD},  # a copy under another name
        "2029-01-01-00000000000d": ["no", "marker"],
    }.items():
        if isinstance(marker, dict):
            marker |= {"state": "published", "since": "2029-01-01T00:00:00+00:00"}
        place.put_json(marker, f"{name}/{old_runs.MARKER}")
        place.put_json(1, f"{name}/parts/x.json")
    place.put_json(1, "2029-01-01-00000000000e/parts/x.json")  # a name like a release, and no marker at all
    before = names(address)
    run = left_by(tmp_path, address, NEW, is_published=False)
    assert old_runs.finish(run, NOW) == [OLD]
    assert names(address) == sorted([*before, NEW])
    assert place.get_json(f"{OLD}/notes.json") == "mine"
    assert not place.has(f"{OLD}/parts") and not place.has(f"{OLD}/{old_runs.MARKER}")
    assert all(place.has(f"{name}/parts/x.json") for name in before if name != OLD)
    assert old_runs.finish(run, NOW) == []


def test_a_run_in_its_work_folder_marks_and_removes_nothing(tmp_path: Path) -> None:
    run = Run(NEW, "", tmp_path, runner="threads")
    old_runs.begin(run)
    assert old_runs.finish(run) == []
    # A place without a runner is not used, so there is nothing to clear either.
    assert old_runs.finish(Run(NEW, "", tmp_path, place=str(tmp_path / "place"))) == []
    assert list(tmp_path.iterdir()) == []


def built(run: Run) -> Run:
    run.work.mkdir(parents=True)
    run.database.write_bytes(b"a database")
    return run


def test_publication_says_what_was_removed(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    address = str(tmp_path / "place")
    left_by(tmp_path, address, OLD)
    run = built(Run(NEW, "", tmp_path, runner="threads", place=address))
    with caplog.at_level("INFO"):
        assert publish.step(run) == {"release": NEW, "older_runs": f"removed {OLD}"}
    assert f"removed what run {OLD} left" in caplog.text
    assert names(address) == [NEW]
    # Tried again after the move: nothing more to say.
    assert publish.step(run) == {"release": NEW}


def test_a_place_that_fails_at_the_end_does_not_fail_the_publication(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("no folder")
    run = built(Run(NEW, "", tmp_path, runner="threads", place=str(tmp_path / "file" / "place")))
    assert publish.step(run)["older_runs"].startswith("not removed (")
    assert (run.warehouse / "current").readlink() == Path("releases", NEW)
