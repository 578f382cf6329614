"""Commands about raw data: `seal` records it, `add` brings it in, `acquire` downloads it."""

from __future__ import annotations

from pathlib import Path

from pipelines.catalog.messages import ENVIRONMENT, USAGE, speak_in
from pipelines.cli.answers import answers, complain, tell


@answers
def seal(root: Path, lang: str, source: str) -> int:
    """Record the present files of a source in its sidecar."""
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
    """Download published results of areas; exit code 3 when some could not be had."""
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
def add(root: Path, lang: str, source: str, path: Path, link: bool, title: str, licence: str) -> int:
    """Bring raw input into data/raw and record it; the next run includes it."""
    from pipelines.sources.add import add as bring

    added = bring(root / "data" / "raw", source, path, link, title, licence)
    for file in added.files:
        tell(speak_in(lang)("cli.written", path=file.relative_to(root)))
    for name in added.passed_over:
        tell(speak_in(lang)("cli.passed_over", name=name))
    tell(speak_in(lang)("cli.sealed", path=added.sidecar.relative_to(root)))
    return 0
