"""A run of the main job: its definition (`Run`), its ordered steps (`STEPS`), and whether it is needed
(`plan`).

Both modes share this list: `run_all(run)` calls the steps plainly, `run_all(run, step=as_task)` under Prefect.
"""

from __future__ import annotations

import logging
import re
import shutil
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pipelines.catalog import Table

from pipelines.catalog.messages import Given, Joined, Message, UserError
from pipelines.catalog.vocabulary import INBOX, LANGS
from pipelines.jobs.fingerprints import data_date, data_fingerprint, read_inputs
from pipelines.jobs.garbage import collected_seldom
from pipelines.warehouse import releases
from pipelines.warehouse.errors import WarehouseError

AREAS: tuple[str, ...] = ()  # default: the usual ones (`reporting.facts.usual`)
SEED = 20240214
MOST_WORDS = 500  # maximum length of an acceptance reason, in characters
log = logging.getLogger(__name__)


class DataRefusedError(UserError):
    """The data did not pass the checks; nothing was published. `lines`: the problems, one per line."""

    def __init__(self, lines: Sequence[Mapping[str, str]]) -> None:
        indented = (Joined("  ", line, separator="") for line in lines)
        super().__init__(
            Joined(Message("jobs.refused"), *indented, Message("jobs.see_quarantine"), separator="\n")
        )
        self.args = (lines,)
        self.lines = lines


class HeldError(UserError):
    """The release is built but not served: it looks like a mistake until somebody accepts it."""

    def __init__(self, release: str, reasons: Sequence[Mapping[str, str]], n: int) -> None:
        listed = (Joined("  ", reason, separator="") for reason in reasons)
        super().__init__(
            Joined(
                Message("jobs.held", release=release, n=n),
                *listed,
                Message("jobs.held_advice"),
                separator="\n",
            )
        )
        self.args = (release, reasons, n)


@dataclass(frozen=True)
class Run:
    """A planned run: small enough to pass to every step; the data are on disk below `work`.

    Attributes:
        runner: where parts of the result forms are checked and audited as mapped tasks; empty: in this process.
        workers: concurrent tasks. place: fsspec URL for the parts; empty: a folder in `work`.
        inputs, stamps: digests of the inputs (`fingerprints.Inputs`). data_date: newest input, ISO.
        accept: reason for publishing a held release.
        built: folder of a release that already has these data; only its reports are built.
        only: tables of a partial run, which builds these and their dependencies and is never published; empty:
            all.
        held: a built release is on hold, and is resumed from the step `compare`.
    """

    id: str
    fingerprint: str
    root: Path
    areas: tuple[str, ...] = AREAS
    langs: tuple[str, ...] = LANGS
    force: bool = False
    seed: int = SEED
    runner: str = ""
    workers: int = 2
    place: str = ""
    inputs: str = ""
    stamps: str = ""
    data_date: str = "1970-01-01"
    accept: str = ""
    built: str = ""
    only: tuple[str, ...] = ()
    held: bool = False

    @property
    def raw(self) -> Path:
        """The inputs of this run, as copied by the step `inputs`; nothing else is read."""
        return self.work / "raw"

    @property
    def warehouse(self) -> Path:
        return self.root / "data" / "warehouse"

    @property
    def reports(self) -> Path:
        return self.root / "reports"

    @property
    def work(self) -> Path:
        return self.warehouse / "releases" / ".work" / self.id

    @property
    def database(self) -> Path:
        folder = self.warehouse / "releases" / self.built if self.built else self.work
        return folder / releases.DATABASE

    def tables(self) -> tuple[Table, ...]:
        """The tables this run builds, in dependency order."""
        from pipelines import catalog

        if not self.only:
            return catalog.load()
        names = catalog.needed(self.only)
        return tuple(t for t in catalog.load() if t.layer == "meta" or t.full_name in names)

    @property
    def has_forms(self) -> bool:
        """Whether it builds tables of result forms."""
        return any(table.is_large for table in self.tables())

    def steps(self) -> tuple[Step, ...]:
        """The steps of this run.

        A partial run ends with its Parquet, without comparison, reports and publication; if the data exist
        already, only reports are built; a held release is resumed.
        """
        if self.only:
            until = [one.name for one in STEPS].index("export") + 1
            return tuple(one for one in STEPS[:until] if one.name != "compare")
        if self.held:
            return tuple(one for one in STEPS if one.after_holding)
        return tuple(one for one in STEPS if one.without_data or not self.built)


@dataclass(frozen=True)
class Step:
    """One step; its module `pipelines.jobs.steps.<name>` is imported only when it runs."""

    name: str
    title: Mapping[str, str]
    retries: int = 0
    without_data: bool = False  # also run if the data exist and only reports are built
    after_holding: bool = False  # run again when a held release is accepted

    def function(self, run: Run) -> Mapping[str, Any]:
        """Run the step; returns small facts (numbers and texts) for the summary."""
        facts: Mapping[str, Any] = import_module(f"pipelines.jobs.steps.{self.name}").step(run)
        return facts


STEPS: tuple[Step, ...] = (
    Step("inputs", Message("jobs.step_inputs")),
    Step("read", Message("jobs.step_read"), retries=2),
    Step("validate", Message("jobs.step_validate")),
    Step("build", Message("jobs.step_build")),
    Step("derive", Message("jobs.step_derive")),
    Step("check", Message("jobs.step_check")),
    Step("compare", Message("jobs.step_compare"), after_holding=True),
    Step("export", Message("jobs.step_export"), after_holding=True),
    Step("report", Message("jobs.step_report"), without_data=True, after_holding=True),
    Step("publish", Message("jobs.step_publish"), retries=2, without_data=True, after_holding=True),
)


@dataclass(frozen=True)
class StepResult:
    """The facts of a step and its duration (seconds)."""

    name: str
    seconds: float
    facts: Mapping[str, Any]


Function = Callable[[Run], Mapping[str, Any]]


def plain(step: Step) -> Function:
    """Return the function of a step, unwrapped."""
    return step.function


def run_all(
    run: Run,
    step: Callable[[Step], Function] = plain,
    on_event: Callable[[str, Step, StepResult | None], None] | None = None,
) -> list[StepResult]:
    """Run all steps in order; the first failure ends the run and leaves the published release untouched.

    Args:
        run: from `plan`.
        step: wrapper, e.g. Prefect's `as_task`.
        on_event: called with ("start", step, None) and ("end", step, result).

    Raises:
        DataRefusedError: the data did not pass the checks.
        HeldError: the release looks like a mistake and was put on hold.
        EngineError: Great Expectations disagrees with the results.
        MachineError: the disk is full or not writable.
    """
    from pipelines.jobs import apart, judging, trouble
    from pipelines.jobs.steps import page_workers
    from pipelines.warehouse.publish import locked

    try:
        with (
            locked(run.warehouse),
            judging.beside(run),
            apart.beside(run),
            page_workers.ended(run),
            collected_seldom(),
        ):
            return _in_order(run, step, on_event)
    except Exception as error:
        if explained := trouble.explain(error, run.root):
            raise explained from error
        raise


def _in_order(
    run: Run,
    step: Callable[[Step], Function],
    on_event: Callable[[str, Step, StepResult | None], None] | None,
) -> list[StepResult]:
    from pipelines.jobs import trouble

    results = []
    try:
        for one in run.steps():
            if on_event:
                on_event("start", one, None)
            began = time.perf_counter()
            facts = step(one)(run)
            result = StepResult(one.name, time.perf_counter() - began, facts)
            results.append(result)
            if on_event:
                on_event("end", one, result)
    except Exception as error:
        if isinstance(trouble.explain(error, run.root), trouble.DiskFullError):
            shutil.rmtree(run.work.parent, ignore_errors=True)  # while holding the write lock
        raise
    return results


def plan(
    root: Path,
    areas: tuple[str, ...] = AREAS,
    langs: tuple[str, ...] = LANGS,
    force: bool = False,
    accept: str = "",
    on_mended: Callable[[Mapping[str, str]], None] = lambda message: log.warning("%s", message),
    only: tuple[str, ...] = (),
) -> Run | None:
    """Return the required run, or None if the served release was built from exactly this, or is pinned.

    Leftovers of an interrupted run are repaired first.

    Args:
        root: project folder.
        areas: codes or names of areas to report on; default: the usual ones.
        langs: languages of the reports.
        force: build even when nothing changed.
        accept: reason for publishing a held release.
        on_mended: called with each repair.
        only: tables of a partial run (`Run.only`), which always runs.

    Raises:
        ReportError: an area is not in the inputs; the error names the nearest.
    """
    raw, warehouse = root / "data" / "raw", root / "data" / "warehouse"
    if areas:
        from pipelines.jobs.areas import codes

        areas = codes(raw, areas)
    _mend(warehouse, root / "reports", on_mended)
    accept = " ".join(accept.split())[:MOST_WORDS]
    _take_inbox(root, on_mended)
    inputs = read_inputs(raw)
    fingerprint = data_fingerprint(inputs, SEED)
    run = Run(
        _release_id(data_date(raw), fingerprint), fingerprint, root, areas, langs, force,
        inputs=inputs.digest, stamps=inputs.stamps, data_date=data_date(raw), accept=accept, only=only,
    )  # fmt: skip
    if only:
        return run
    if (pin := releases.pinned(warehouse)) and pin["inputs"] == inputs.digest:
        return None
    if force:
        return run
    if (waiting := releases.held(warehouse)) and waiting.manifest.get("fingerprint") == fingerprint:
        if not accept:
            raise held_error(waiting)
        return replace(run, held=True)
    there = [
        one for one in releases.all_releases(warehouse) if one.manifest.get("fingerprint") == fingerprint
    ]
    current = releases.served(warehouse)
    if current and current.name in {one.name for one in there}:
        return None if _has_pages(current, areas, langs) else replace(run, built=current.name)
    for one in there:  # built and checked before: it only has to be served again
        if not releases.verify(one):
            return replace(run, built=one.name)
    return run


def held_error(release: releases.Release) -> HeldError:
    """Return the HeldError with the reasons from the release's diff.json."""
    from pipelines.jobs.steps.compare import read

    diff = read(release.folder)
    reasons = [Given({"id": note["id"], "en": note["en"]}) for note in diff["notes"] if note["is_suspicious"]]
    return HeldError(release.id, reasons, diff["n_suspicious"])


def _release_id(day: str, fingerprint: str) -> str:
    return f"{day if re.fullmatch(r'[0-9]{4}-[0-9]{2}-[0-9]{2}', day) else '1970-01-01'}-{fingerprint[:12]}"


def _mend(warehouse: Path, reports: Path, on_mended: Callable[[Mapping[str, str]], None]) -> None:
    """Repair leftovers, unless another run is writing or the folder is read-only."""
    from pipelines.warehouse.mend import mend
    from pipelines.warehouse.publish import locked

    if not warehouse.is_dir():
        return
    try:
        with locked(warehouse):
            for message in mend(warehouse, reports):
                on_mended(message)
    except WarehouseError:
        return  # the run that is writing will repair it
    except OSError:
        return  # reported when something has to be written


def _take_inbox(root: Path, on_notice: Callable[[Mapping[str, str]], None]) -> None:
    """Import waiting workbooks; a problem with one is reported beside it and does not stop the run."""
    if (root / "data" / "raw" / INBOX).is_dir():
        from pipelines.jobs.own import take_inbox

        take_inbox(root, on_notice)


def _has_pages(release: releases.Release, areas: tuple[str, ...], langs: tuple[str, ...]) -> bool:
    """Return whether the current code built this release's reports, and
    they have these areas in these languages."""
    from pipelines.reporting.site.pages import code_fingerprint, load

    pages = release.pages
    if pages is None or releases.read_sums(pages) is None or not (pages / "index.html").is_file():
        return False
    about = releases.read_json(pages / releases.MANIFEST)
    made = load(pages).pages
    areas = areas or _usual(release)
    return (
        all(page.code == code_fingerprint() for page in made.values())
        and {*langs} <= {*(about.get("langs") or ())}
        and all((area, lang) in made for area in areas for lang in langs)
    )


def _usual(release: releases.Release) -> tuple[str, ...]:
    """Return the areas that get a page by default."""
    from pipelines.reporting.facts.usual import usual
    from pipelines.warehouse.read import open_readonly

    with open_readonly(release.database) as con:
        return tuple(usual(con))
