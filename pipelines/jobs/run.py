"""One run of the main job: what it is (`Run`), its ordered steps (`STEPS`), and whether it is needed (`plan`).

Both modes share this list: `run_all(run)` calls the steps plainly, `run_all(run, step=as_task)` under Prefect.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from pipelines.catalog.messages import Joined, Message, UserError
from pipelines.catalog.vocabulary import LANGS

AREAS = ("00", "31", "3171")
SEED = 20240214
# Versions that the bytes of the results depend on.
LIBRARIES = ("duckdb", "matplotlib", "numpy", "pandas", "scipy", "typst")


class DataRefusedError(UserError):
    """The data does not pass; nothing was published. `lines` say what is wrong, one each."""

    def __init__(self, lines: Sequence[Mapping[str, str]]) -> None:
        indented = (Joined("  ", line, separator="") for line in lines)
        super().__init__(
            Joined(Message("jobs.refused"), *indented, Message("jobs.see_quarantine"), separator="\n")
        )
        self.args = (lines,)
        self.lines = lines


@dataclass(frozen=True)
class Run:
    """A planned run: small enough to hand to every step; the data lies on disk below `work`.

    Attributes:
        runner: where parts of the result forms are checked and audited as mapped tasks; empty: in this process.
        workers: tasks at the same time. place: address of fsspec for the parts; empty: a folder in `work`.
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

    @property
    def raw(self) -> Path:
        return self.root / "data" / "raw"

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
        return self.work / "titikrawan.duckdb"


@dataclass(frozen=True)
class Step:
    """One step; its module `pipelines.jobs.steps.<name>` is imported when it runs, not before."""

    name: str
    title: Mapping[str, str]
    retries: int = 0

    def function(self, run: Run) -> Mapping[str, Any]:
        """Do the step; returns small facts (numbers and texts) for the summary."""
        facts: Mapping[str, Any] = import_module(f"pipelines.jobs.steps.{self.name}").step(run)
        return facts


STEPS: tuple[Step, ...] = (
    Step("inputs", Message("jobs.step_inputs")),
    Step("read", Message("jobs.step_read"), retries=2),
    Step("validate", Message("jobs.step_validate")),
    Step("build", Message("jobs.step_build")),
    Step("derive", Message("jobs.step_derive")),
    Step("check", Message("jobs.step_check")),
    Step("export", Message("jobs.step_export")),
    Step("report", Message("jobs.step_report")),
    Step("publish", Message("jobs.step_publish"), retries=2),
)


@dataclass(frozen=True)
class StepResult:
    """What a step did and how long it took (seconds)."""

    name: str
    seconds: float
    facts: Mapping[str, Any]


Function = Callable[[Run], Mapping[str, Any]]


def plain(step: Step) -> Function:
    """A step called as it is."""
    return step.function


def run_all(
    run: Run,
    step: Callable[[Step], Function] = plain,
    on_event: Callable[[str, Step, StepResult | None], None] | None = None,
) -> list[StepResult]:
    """All steps in order; the first that fails ends the run and leaves the published release alone.

    Args:
        run: from `plan`.
        step: wrapper, e.g. Prefect's `as_task`.
        on_event: called with ("start", step, None) and ("end", step, result).

    Raises:
        DataRefusedError: the data does not pass.
    """
    from pipelines.warehouse.publish import locked

    results = []
    with locked(run.warehouse):
        for one in STEPS:
            if on_event:
                on_event("start", one, None)
            began = time.perf_counter()
            facts = step(one)(run)
            result = StepResult(one.name, time.perf_counter() - began, facts)
            results.append(result)
            if on_event:
                on_event("end", one, result)
    return results


def _files_that_matter(root: Path) -> Iterator[Path]:
    """Inputs, and the code, declarations and templates that turn them into a release."""
    raw = root / "data" / "raw"
    # Names with a dot (progress of a download, locks) are no inputs, for readers and sidecars alike.
    yield from sorted(
        p
        for p in raw.rglob("*")
        if p.is_file() and not any(part.startswith(".") for part in p.relative_to(raw).parts)
    )
    here = Path(__file__).parents[1]
    kinds = {".po", ".py", ".yaml", ".sql", ".typ", ".html", ".css", ".j2", ".js"}
    yield from sorted(p for p in here.rglob("*") if p.is_file() and p.suffix in kinds)


def fingerprint(root: Path, areas: tuple[str, ...], langs: tuple[str, ...]) -> str:
    """SHA-256 over inputs, catalog, code, parameters and library versions: equal means an equal release."""
    total = hashlib.sha256()
    for path in _files_that_matter(root):
        base = root if path.is_relative_to(root) else Path(__file__).parents[2]
        total.update(path.relative_to(base).as_posix().encode())
        with path.open("rb") as stream:
            total.update(hashlib.file_digest(stream, "sha256").digest())
    total.update(
        json.dumps({"areas": areas, "langs": langs, "seed": SEED, "libraries": libraries()}).encode()
    )
    return total.hexdigest()


def libraries() -> dict[str, str]:
    """Versions of the libraries that results depend on."""
    found = {}
    for name in LIBRARIES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            found[name] = "missing"
    return found


def data_date(root: Path) -> str:
    """Day on which the newest input was obtained, from the sidecars; ISO."""
    days = ["1970-01-01"]
    for sidecar in sorted((root / "data" / "raw").glob("*/datapackage.json")):
        try:
            package = json.loads(sidecar.read_text(encoding="utf-8"))
            days += [str(r["accessed"]) for r in package.get("resources", ()) if "accessed" in r]
        except (ValueError, OSError, AttributeError, TypeError):
            continue  # the step `inputs` says what is wrong with a sidecar
    return max(days)


def plan(
    root: Path, areas: tuple[str, ...] = AREAS, langs: tuple[str, ...] = LANGS, force: bool = False
) -> Run | None:
    """The run that is needed, or None: the published release already comes from exactly this.

    Args:
        root: project folder.
        areas: area codes to report on.
        langs: languages of the reports.
        force: build even when nothing changed.
    """
    print_of_all = fingerprint(root, areas, langs)
    run = Run(f"{data_date(root)}-{print_of_all[:12]}", print_of_all, root, areas, langs, force)
    from pipelines.warehouse.publish import current_release

    current = current_release(run.warehouse)
    whole = (
        current is not None
        and current["fingerprint"] == print_of_all
        and (run.warehouse / "titikrawan.duckdb").exists()
        and (run.reports / "latest" / "index.html").exists()
    )
    return None if whole and not force else run
