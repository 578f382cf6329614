"""`titikrawan report`: one area or all, resumable, side by side; what fails is named and stops nothing else."""

from __future__ import annotations

import hashlib
import json
import shutil
from multiprocessing import active_children
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from pipelines.cli.main import build
from pipelines.jobs.steps.page_workers import Order
from pipelines.jobs.steps.pages import Outcome, make
from pipelines.reporting.site import pages
from pipelines.reporting.site.site import Site
from pipelines.warehouse.publish import publish
from tests.support.invented_warehouse import invented

pytestmark = [pytest.mark.slow, pytest.mark.xdist_group("site_command")]
RELEASE = "2026-11-25-0123456789ab"
LISTED = ("00", "31", "3171", "3175", "64", "73", "7371")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A project folder whose published release is the invented warehouse, without any page yet."""
    warehouse = tmp_path / "data" / "warehouse"
    work = warehouse / "releases" / ".work" / RELEASE
    work.mkdir(parents=True)
    (tmp_path / "data" / "raw").mkdir()
    shutil.copyfile(invented(), work / "titikrawan.duckdb")
    manifest = {"release_id": RELEASE, "fingerprint": "f", "published_at": "2026-11-25"}
    publish(warehouse, tmp_path / "reports", work, manifest)
    monkeypatch.setenv("TITIKRAWAN_ROOT", str(tmp_path))
    return tmp_path


def call(*arguments: str) -> Result:
    return CliRunner().invoke(build("en"), ["report", *arguments])


def files(project: Path) -> dict[str, str]:
    folder = project / "reports" / "latest"
    return {path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(folder.iterdir())}


def test_all_areas_in_one_language_with_one_that_fails_then_it_alone_then_nothing_then_one_in_both(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    unfinished = project / "data" / "warehouse" / "releases" / ".work" / f"pages-{RELEASE}-none"
    blocked = unfinished / ".7371-kota-makassar.en.html.new"
    blocked.mkdir(parents=True)  # the page cannot be written
    first = call("--all", "--lang", "en")
    assert first.exit_code == 1
    assert "7371 Kota Makassar" in first.output
    names = {path.name for path in (project / "reports" / "latest").iterdir()}
    assert "3171-kota-administrasi-jakarta-pusat.en.html" in names and "index.html" in names
    assert ("7371", "en") not in pages.load(project / "reports" / "latest").pages
    second = call("--all", "--lang", "en")
    assert second.exit_code == 0 and "1 pages made" in second.output.replace("2 pages", "1 pages")

    made = files(project)
    assert {name[:2] for name in made if name.endswith(".en.html") and name[0].isdigit()} == {
        "00",
        "31",
        "64",
        "73",
    }
    assert sum(name.endswith(".en.xlsx") for name in made) == len(LISTED)
    assert not [name for name in made if ".id." in name and not name.startswith("dictionary")]
    assert {"index.html", "index.en.html"} <= made.keys()

    again = call("--all", "--lang", "en")
    assert again.exit_code == 0 and "0 pages made" in again.output
    assert files(project) == made

    folder = (project / "reports" / "latest").resolve()
    assert call("--all", "--lang", "en").exit_code == 0
    assert (
        project / "reports" / "latest"
    ).resolve() == folder  # where nothing was made, nothing is published

    others = set(active_children())  # of earlier tests in this process

    def end_helper(*_: object) -> None:
        (helper,) = set(active_children()) - others
        helper.kill()

    with monkeypatch.context() as lost:
        lost.setattr(Site, "foresee", end_helper)
        failed = call("3171")
    assert failed.exit_code == 1 and "3171" in failed.output and "BrokenProcessPool" in failed.output
    assert files(project) == made  # and nobody waited for the process that was lost

    one = call("3171")
    assert one.exit_code == 0, one.output
    assert "3171-kota-administrasi-jakarta-pusat.id.pdf" in one.output
    now = files(project)
    text = (project / "reports" / "latest" / "index.html").read_text(encoding="utf-8")
    assert "3171-kota-administrasi-jakarta-pusat.id.html" in text
    assert "7371-kota-makassar.en.html" in text
    unchanged = [name for name in made if name.startswith("7371-")]
    assert unchanged and all(now[name] == made[name] for name in unchanged)


def order(project: Path, wanted: dict[str, tuple[str, ...]]) -> Order:
    folder = project / "pages"
    return Order(project / "data" / "warehouse" / "titikrawan.duckdb", folder, folder, ("id",), wanted)


def test_an_interrupted_run_goes_on_where_it_stopped(project: Path) -> None:
    wanted = dict.fromkeys(("31", "3171", "7371"), ("id",))

    def stop(_: str) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        make(order(project, wanted), wanted, stop)
    folder = project / "pages"
    done = {area for area, _ in pages.load(folder).pages}
    assert done and not (folder / "index.html").exists()
    with (folder / pages.MANIFEST).open("a") as stream:
        stream.write('{"area":"31","lang":"id","co')  # as a lost process leaves it
    outcome: Outcome = make(order(project, wanted), wanted)
    assert outcome.failed == () and outcome.n_kept >= len(done - {"dictionary"})
    assert outcome.n_made + outcome.n_kept == len(wanted) + 2  # the books
    assert (folder / "index.html").exists()
    assert "co" not in {
        key for line in (folder / pages.MANIFEST).read_text().splitlines() for key in json.loads(line)
    }


def test_usage_says_what_to_name(project: Path) -> None:
    assert call().exit_code == 2 and "--all" in call().output
    assert call("3171", "--all").exit_code == 2
    nobody = call("9999")
    assert nobody.exit_code == 2 and "near it" in nobody.output
