"""Checks of `titikrawan doctor` on pages and releases: fonts, and whether all outputs belong to one release."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from pipelines.catalog.messages import Message
from pipelines.cli.doctor import Finding


def examine_release(root: Path) -> Iterator[Finding]:
    """Check fonts and the served release."""
    yield _fonts()
    yield _one_release(root)


def _fonts() -> Finding:
    from pipelines.reporting.formats.fonts import FACES, missing_faces

    about, advice = Message("cli.doctor_fonts"), Message("cli.doctor_install_fonts")
    try:
        missing = missing_faces()
    except Exception as error:  # anything that stops typst or matplotlib here stops every page
        return Finding(about, type(error).__name__, False, advice)
    seen = Message("cli.doctor_fonts_missing", names=", ".join(missing)) if missing else ", ".join(FACES)
    return Finding(about, seen, not missing, advice)


def _one_release(root: Path) -> Finding:
    """Check that database, Parquet and pages belong to one release and are unchanged since its publication."""
    from pipelines.warehouse import publish, releases
    from pipelines.warehouse.mend import mend

    about, warehouse, reports = (
        Message("cli.doctor_one_release"),
        root / "data" / "warehouse",
        root / "reports",
    )
    release = releases.served(warehouse)
    kept = releases.all_releases(warehouse)
    if release is None and not kept:
        return Finding(about, "-", True, "")

    def put_right() -> None:
        with publish.locked(warehouse):
            mend(warehouse, reports)

    mendable = Message("cli.doctor_mend_release")
    if release is None:
        return Finding(about, Message("cli.doctor_nothing_served"), False, mendable, put_right)
    paths = [warehouse / releases.DATABASE, warehouse / "parquet", warehouse / "csv", reports / "latest"]
    astray = [
        path
        for path in paths
        if (path.name != "csv" or path.is_symlink())
        and release.folder.resolve() not in path.resolve().parents
    ]
    if astray:
        seen = Message("cli.doctor_mixed_release", path=astray[0], release=release.name)
        return Finding(about, seen, False, mendable, put_right)
    if faults := releases.verify(release):
        seen = Message("cli.doctor_broken_release", release=release.name, file=faults[0].file)
        return Finding(about, seen, False, Message("cli.doctor_replace_release"))
    return Finding(about, release.name, True, "")
