"""Commands for raw data: `seal` records checksums, `add` imports, `remove` deletes, `acquire` downloads."""

from __future__ import annotations

from pathlib import Path

from pipelines.catalog.messages import ENVIRONMENT, USAGE, speak_in
from pipelines.cli.answers import answers, complain, tell


@answers
def seal(root: Path, lang: str, source: str) -> int:
    """Record the current files of a source in its sidecar."""
    from pipelines.sources import seal as write_sidecar

    raw = root / "data" / "raw"
    known = sorted(p.name for p in raw.iterdir() if p.is_dir())
    if source not in known:
        complain(speak_in(lang)("cli.no_source", name=source, known=", ".join(known)))
        return USAGE
    path = write_sidecar(raw / source)
    tell(speak_in(lang)("cli.sealed", path=path.relative_to(root)))
    return 0


@answers
def acquire(
    root: Path,
    lang: str,
    source: str,
    areas: tuple[str, ...],
    base: str | None,
    contests: tuple[str, ...],
    rate: float,
    concurrency: int,
    runner: str,
    workers: int,
    place: str | None,
    use_prefect: bool,
) -> int:
    """Download published results of areas; exit code 3 if some could not be fetched."""
    from pipelines.acquire.settings import Settings
    from pipelines.acquire.summary import lines
    from pipelines.cli.progress import AcquireProgress
    from pipelines.jobs.acquire import acquire_plainly, default_place

    say = speak_in(lang)
    settings = Settings.of(base, source=source, contests=contests, rate=rate, concurrency=concurrency)
    where = place or default_place(root)
    try:
        with AcquireProgress(lang) as progress:
            if use_prefect:
                progress.note(say("cli.starting_prefect"))
                from flows.acquire import run_acquire

                summary = run_acquire(settings, areas, where, runner, workers, progress)
            else:
                summary = acquire_plainly(settings, areas, where, progress)
    except KeyboardInterrupt:
        complain(say("cli.interrupted"))
        return ENVIRONMENT
    for line in lines(summary):
        tell(line[lang])
    tell(say("cli.written", path=where))
    return 0 if summary.is_complete else ENVIRONMENT


@answers
def add(
    root: Path,
    lang: str,
    source: str,
    path: Path,
    link: bool,
    title: str,
    licence: str,
    mapping: Path | None = None,
    election: str = "",
    area: str = "",
) -> int:
    """Add raw input to data/raw and seal it; the next run includes it."""
    from pipelines.catalog.vocabulary import WORKBOOK_KINDS

    if source in WORKBOOK_KINDS:
        from pipelines.cli.workbooks import add_workbook

        return add_workbook(root, lang, source, path, election, area)
    from pipelines.sources.add import add as bring

    say = speak_in(lang)
    added = bring(root / "data" / "raw", source, path, link, title, licence, mapping)
    for file in added.files:
        tell(say("cli.written", path=file.relative_to(root)))
    for name in added.passed_over:
        tell(say("cli.passed_over", name=name))
    for name in added.empty:
        tell(say("cli.added_empty", name=name))
    if added.licence[0]:
        tell(say("cli.licence_read", licence=added.licence[0], file=added.licence[1]))
    tell(say("cli.sealed", path=added.sidecar.relative_to(root)))
    return 0


@answers
def remove(root: Path, lang: str, source: str, file: str | None) -> int:
    """Remove one file, or all files, of a source from data/raw."""
    from pipelines.sources.add import remove as take_out

    for name in take_out(root / "data" / "raw", source, file or ""):
        tell(speak_in(lang)("cli.removed", path=f"data/raw/{source}/{name}"))
    return 0


@answers
def sources(root: Path, lang: str) -> int:
    """List the contents of data/raw, with rows and dates, and the sources that can be added."""
    from pipelines.sources.add import abouts
    from pipelines.sources.listing import listing

    say = speak_in(lang)
    for one in listing(root / "data" / "raw", root / "data" / "warehouse" / "titikrawan.duckdb"):
        tell(f"{one.source}: {one.title} [{one.licence}]")
        for file in one.files:
            rows = say("cli.not_run_yet") if file.n_read is None else say("cli.rows_of",
                read=file.n_read, kept=file.n_kept, quarantined=file.n_quarantined
            )  # fmt: skip
            day = file.accessed.isoformat() if file.accessed else "-"
            tell(f"  {file.name}  {file.n_bytes / 1e6:.1f} MB  {day}  {rows}")
        if one.problem:
            tell(f"  ! {one.problem[lang]}")
    tell("")
    tell(say("cli.can_be_added"))
    for name, about in abouts().items():
        tell(f"  {name:14} {about.title[lang]}")
        tell(f"  {'':14} {about.needs[lang][:300]}")
    return 0


@answers
def draft_mapping(root: Path, lang: str, path: Path) -> int:
    """Print a draft mapping for a table."""
    from itertools import islice

    from pipelines.sources.mapping import draft
    from pipelines.sources.rows import rows_of

    rows = [row.cells for row in islice(rows_of(path, path.name), 50) if row.cells]
    for line in draft(list(rows[0]) if rows else [], rows).splitlines():
        tell(line)
    return 0
