"""`titikrawan doctor`: is this machine ready? Each finding says what was seen and, if bad, how to fix it."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from pipelines.catalog.messages import ENVIRONMENT, Joined, Message, UserError, speak_in
from pipelines.cli.answers import answers, tell

PROJECT = "titik-rawan"
EXTRA = "pipeline"  # extra in pyproject.toml with everything needed to build a release
NEEDED_BYTES = 500_000_000


@dataclass(frozen=True)
class Finding:
    """The result of one check.

    Attributes:
        mend: applies a safe fix, if there is one.
    """

    about: Mapping[str, str]
    seen: Mapping[str, str] | str
    is_good: bool
    advice: Mapping[str, str] | str
    mend: Callable[[], None] | None = None


@answers
def doctor(root: Path, lang: str, fix: bool = False) -> int:
    """Report whether this machine is ready and what to do if not; `fix`: apply the safe fixes."""
    say, good = speak_in(lang), True
    for finding in examine(root):
        if fix and finding.mend is not None and not finding.is_good:
            finding.mend()
            tell(f"[{say('cli.doctor_mended')}] {finding.about[lang]}: {Joined(finding.seen)[lang]}")
            continue
        good = good and finding.is_good
        mark = say("cli.ok") if finding.is_good else say("cli.problem")
        advice = "" if finding.is_good else Joined(" ->", finding.advice)[lang]
        tell(f"[{mark}] {finding.about[lang]}: {Joined(finding.seen)[lang]}{advice}")
    return 0 if good else ENVIRONMENT


def examine(root: Path) -> Iterator[Finding]:
    """Check Python, libraries, folders, inputs, schedules, warehouse, fonts and the release."""
    yield _python()
    yield from _libraries()
    yield from _folders(root)
    yield _inputs(root)
    from pipelines.cli.doctor_schedule import examine_schedule

    yield from examine_schedule(root)
    yield _warehouse(root)
    from pipelines.cli.doctor_release import examine_release

    yield from examine_release(root)


def _python() -> Finding:
    from importlib.metadata import metadata

    from packaging.specifiers import SpecifierSet

    wanted = metadata(PROJECT)["Requires-Python"] or ""
    seen = ".".join(map(str, sys.version_info[:3]))
    advice = Message("cli.doctor_install_python", wanted=wanted)
    return Finding(Message("cli.doctor_python"), seen, seen in SpecifierSet(wanted), advice)


def _declared() -> list[str]:
    """Return the requirements of pyproject.toml as installed, the only place that states version limits."""
    from importlib.metadata import requires

    return requires(PROJECT) or []


def _libraries() -> Iterator[Finding]:
    from importlib.metadata import PackageNotFoundError, version

    from packaging.requirements import Requirement

    for line in sorted(_declared(), key=str.lower):
        wanted = Requirement(line)
        if wanted.marker and not wanted.marker.evaluate({"extra": EXTRA}):
            continue
        try:
            seen = version(wanted.name)
            good = wanted.specifier.contains(seen, prereleases=True)
        except PackageNotFoundError:
            seen, good = "-", False
        advice = Message("cli.doctor_install_library", wanted=f"{wanted.name}{wanted.specifier}")
        yield Finding(Message("cli.doctor_library", name=wanted.name), seen, good, advice)


def _folders(root: Path) -> Iterator[Finding]:
    import shutil

    for name in ("data/warehouse", "reports"):
        folder = root / name
        place = next(p for p in (folder, *folder.parents) if p.exists())
        good = os.access(place, os.W_OK)
        seen = Message("cli.doctor_writable" if good else "cli.doctor_not_writable")
        advice = Message("cli.doctor_make_writable", name=name)
        yield Finding(Message("cli.doctor_write_access", name=name), seen, good, advice)
    free = shutil.disk_usage(root).free
    seen_free = f"{free / 1e9:.1f} GB"
    advice = Message("cli.doctor_free_space")
    yield Finding(Message("cli.doctor_disk_space"), seen_free, free > NEEDED_BYTES, advice)


def _inputs(root: Path) -> Finding:
    from pipelines.sources import discover, verify

    about, raw = Message("cli.doctor_inputs"), root / "data" / "raw"
    try:
        problems = [problem for name in discover(raw) for problem in verify(raw / name)]
    except UserError as error:
        return Finding(about, "-", False, error.message)
    if problems:
        seen = Message("cli.doctor_problems", n=len(problems))
        return Finding(about, seen, False, problems[0].message)
    return Finding(about, "sha256", True, "")


def _warehouse(root: Path) -> Finding:
    import duckdb

    from pipelines.warehouse.read import open_readonly

    about, advice = Message("cli.doctor_warehouse"), Message("cli.doctor_run")
    try:
        with open_readonly(root / "data" / "warehouse" / "titikrawan.duckdb") as con:
            row = con.execute("select release_id from meta.release").fetchone()
        return Finding(about, str(row[0]) if row else "-", row is not None, advice)
    except UserError as error:
        return Finding(about, error.message, False, advice)
    except duckdb.CatalogException:  # built by an earlier version with other table names
        return Finding(about, "-", False, advice)
