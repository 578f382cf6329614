"""What each command does; every function takes the project folder and the language and returns the exit code."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from pipelines.cli.words import WORDS

DATA_REFUSED, USAGE, ENVIRONMENT = 1, 2, 3


def _complain(text: str) -> None:
    click.echo(text, err=True)


def answers(function: Callable[..., int]) -> Callable[..., int]:
    """Turn what may go wrong into a message and an exit code; a surprise leaves its traceback in a file."""

    @wraps(function)
    def call(root: Path, lang: str, **values: Any) -> int:
        say = WORDS[lang]
        try:
            return function(root, lang, **values)
        except Exception as error:
            lines = getattr(error, "lines", None)
            if isinstance(lines, dict):
                _complain(say["refused"])
                for line in lines[lang]:
                    _complain(f"  {line}")
                _complain(say["see_quarantine"])
                return DATA_REFUSED
            message = getattr(error, "message", None)
            if isinstance(message, dict):
                _complain(message[lang])
                return int(getattr(error, "exit_code", DATA_REFUSED))
            known = {
                "WarehouseError": ENVIRONMENT,
                "EngineError": ENVIRONMENT,
                "CatalogError": USAGE,
                "ReportError": USAGE,
            }
            if (code := known.get(type(error).__name__)) is not None:
                _complain(str(error))
                return code
            path = root / "data" / "warehouse" / "last_error.txt"
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(traceback.format_exc(), encoding="utf-8")
            _complain(
                say["unexpected"].format(
                    error=f"{type(error).__name__}: {error}", path=path.relative_to(root)
                )
            )
            return ENVIRONMENT

    return call


@answers
def run(
    root: Path,
    lang: str,
    use_prefect: bool,
    force: bool,
    areas: tuple[str, ...],
    runner: str | None = None,
    workers: int = 2,
    place: str | None = None,
) -> int:
    """Build a release, or find that there is nothing to do."""
    from pipelines.jobs import run as job

    say = WORDS[lang]
    if runner and not use_prefect:
        _complain(say["runner_needs_prefect"])
        return USAGE
    planned = job.plan(root, areas or job.AREAS, force=force)
    if planned is None:
        from pipelines.warehouse.publish import current_release

        release = (current_release(root / "data" / "warehouse") or {}).get("release_id")
        click.echo(say["nothing_to_do"].format(release=release))
        return 0
    from pipelines.cli.progress import Progress

    planned = replace(planned, runner=runner or "", workers=workers, place=place or "")
    with Progress(lang) as progress:
        if use_prefect:
            progress.note(say["starting_prefect"])
            from pipelines.jobs.steps.preload import preload

            preload()
            from flows.refresh import run_refresh

            results = run_refresh(planned, on_event=progress)
        else:
            results = job.run_all(planned, on_event=progress)
    click.echo(say["done"].format(release=planned.id, seconds=round(sum(r.seconds for r in results), 1)))
    click.echo(say["see_reports"].format(path="reports/latest/index.html"))
    click.echo(say["see_warehouse"].format(path="data/warehouse/titikrawan.duckdb"))
    return 0


def _last_attempt(root: Path, name: str) -> list[dict[str, Any]] | None:
    path = root / "data" / "warehouse" / "last_attempt" / f"{name}.parquet"
    if not path.exists():
        return None
    import duckdb

    cursor = duckdb.connect().execute("select * from read_parquet(?)", [str(path)])
    names = [d[0] for d in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


@answers
def check(root: Path, lang: str, show_all: bool) -> int:
    """List the checks of the last run; exit code 1 where one that must hold failed."""
    say, rows = WORDS[lang], _last_attempt(root, "checks")
    if rows is None:
        _complain(say["no_attempt"])
        return ENVIRONMENT
    from pipelines.catalog import label

    for row in rows:
        if show_all or row["status"] != "pass":
            status = label("check_status", row["status"], lang)
            click.echo(f"[{status}] {row['table_name']}: {row['rule']}: {row[f'message_{lang}']}")
    count = {s: sum(r["status"] == s for r in rows) for s in ("pass", "warn", "fail")}
    click.echo(say["checks_line"].format(passed=count["pass"], warned=count["warn"], failed=count["fail"]))
    stopped = any(r["status"] == "fail" and r["severity"] == "stop" for r in rows)
    return DATA_REFUSED if stopped else 0


@answers
def quarantine(root: Path, lang: str, file: str | None) -> int:
    """List rows in quarantine and rows kept with a warning: file, line, column, value, what to do."""
    say, rows = WORDS[lang], _last_attempt(root, "quarantine")
    if rows is None:
        _complain(say["no_attempt"])
        return ENVIRONMENT
    shown = [r for r in rows if file in (None, r["source_file"])]
    if not shown:
        click.echo(say["no_quarantine"])
        return 0
    for row in shown:
        click.echo(row[f"message_{lang}"])
    refused = {(r["source_file"], r["source_row"]) for r in shown if r["disposition"] == "quarantined"}
    warned = sum(r["disposition"] != "quarantined" for r in shown)
    click.echo(say["rows_line"].format(quarantined=len(refused), warned=warned))
    return 0


@answers
def dictionary(root: Path, lang: str, table: str | None) -> int:
    """Print the tables, or one table's columns, as the catalog declares them."""
    from pipelines import catalog

    if table is None:
        for one in catalog.load():
            click.echo(f"{one.full_name:28} {one.title[lang]}")
        return 0
    one = catalog.table(table)
    click.echo(f"{one.full_name}: {one.title[lang]}\n{one.description[lang]}\n")
    for field in one.fields:
        unit = f" [{field.unit}]" if field.unit else ""
        key = " *" if field.name in one.primary_key else ""
        click.echo(
            f"  {field.name + key:22} {field.sql_type:9} {field.title[lang]}: {field.description[lang]}{unit}"
        )
    for caveat in one.caveats:
        click.echo(f"\n  ! {catalog.caveats()[caveat][lang]}")
    return 0


@answers
def releases(root: Path, lang: str) -> int:
    """List the kept releases."""
    from pipelines.warehouse.publish import list_releases

    kept = list_releases(root / "data" / "warehouse")
    if not kept:
        click.echo(WORDS[lang]["no_releases"])
    for one in kept:
        click.echo(f"{'*' if one['is_current'] else ' '} {one['release_id']}  {one['published_at'][:19]}Z")
    return 0


@answers
def rollback(root: Path, lang: str, release: str | None) -> int:
    """Publish an earlier release again."""
    from pipelines.warehouse.publish import rollback as go_back

    name = go_back(root / "data" / "warehouse", root / "reports", release)
    click.echo(WORDS[lang]["rolled_back"].format(release=name))
    return 0


@answers
def doctor(root: Path, lang: str) -> int:
    """Tell whether this machine is ready, and what to do where it is not."""
    from pipelines.cli.doctor import examine

    say, good = WORDS[lang], True
    for finding in examine(root):
        good = good and finding.is_good
        advice = "" if finding.is_good else f" -> {finding.advice[lang]}"
        click.echo(
            f"[{say['ok' if finding.is_good else 'problem']}] {finding.about[lang]}: {finding.seen}{advice}"
        )
    return 0 if good else ENVIRONMENT


@answers
def seal(root: Path, lang: str, source: str) -> int:
    """Record the present files of a source in its sidecar."""
    from pipelines.sources import seal as write_sidecar

    raw = root / "data" / "raw"
    known = sorted(p.name for p in raw.iterdir() if p.is_dir())
    if source not in known:
        _complain(WORDS[lang]["no_source"].format(name=source, known=", ".join(known)))
        return USAGE
    path = write_sidecar(raw / source)
    click.echo(WORDS[lang]["sealed"].format(path=path.relative_to(root)))
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
    from pipelines.cli.progress_acquire import AcquireProgress
    from pipelines.jobs.acquire import acquire_plainly, default_place

    say = WORDS[lang]
    settings = Settings.of(base, source=source, contests=contests, rate=rate, concurrency=concurrency)
    where = place or default_place(root)
    try:
        with AcquireProgress(lang) as progress:
            if use_prefect:
                progress.note(say["starting_prefect"])
                from flows.acquire import run_acquire

                summary = run_acquire(settings, areas, where, runner, workers, progress)
            else:
                summary = acquire_plainly(settings, areas, where, progress)
    except KeyboardInterrupt:
        _complain(say["interrupted"])
        return ENVIRONMENT
    for line in lines(summary, lang):
        click.echo(line)
    click.echo(say["written"].format(path=where))
    return 0 if summary.is_complete else ENVIRONMENT


@answers
def simulate(
    root: Path, lang: str, folder: Path, seed: int, persistent: int, clusters: int, ratio: float
) -> int:
    """Write a simulated country."""
    from pipelines.cli.simulate import OutsideError, write_country

    try:
        written = write_country(root, folder, seed, persistent, clusters, ratio)
    except OutsideError as error:
        _complain(error.message[lang])
        return USAGE
    for path in written:
        click.echo(WORDS[lang]["written"].format(path=path.relative_to(root.resolve())))
    return 0
