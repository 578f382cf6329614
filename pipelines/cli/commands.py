"""What each command does; every function takes the project folder and the language and returns the exit code."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from pipelines.catalog.messages import DATA_REFUSED, ENVIRONMENT, USAGE, speak_in
from pipelines.catalog.vocabulary import LANGUAGES, codes
from pipelines.cli.answers import answers, complain, tell


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
    accept: str | None = None,
) -> int:
    """Build a release, or report that nothing has changed."""
    from pipelines.jobs import run as job

    say = speak_in(lang)
    if runner and not use_prefect:
        complain(say("cli.runner_needs_prefect"))
        return USAGE
    if accept is not None and not accept.strip():
        complain(say("cli.accept_needs_reason"))
        return USAGE
    planned = job.plan(
        root,
        areas or job.AREAS,
        force=force,
        accept=accept or "",
        on_mended=lambda message: complain(message[lang]),
    )
    if planned is None:
        from pipelines.warehouse.releases import pinned, served

        release, pin = served(root / "data" / "warehouse"), pinned(root / "data" / "warehouse")
        name = release.id if release else ""
        stays = say("cli.stays_pinned", release=name) if pin else say("cli.nothing_to_do", release=name)
        tell(stays)
        return 0
    from pipelines.cli.progress import Progress

    planned = replace(planned, runner=runner or "", workers=workers, place=place or "")
    with Progress(lang) as progress:
        if use_prefect:
            progress.note(say("cli.starting_prefect"))
            from pipelines.jobs.steps.preload import preload

            preload(planned)
            from flows.refresh import run_refresh

            results = run_refresh(planned, on_event=progress)
        else:
            results = job.run_all(planned, on_event=progress)
    for result in results:
        if notice := result.facts.get(f"notice_{lang}"):
            tell(str(notice))
    tell(say("cli.done", release=planned.id, seconds=round(sum(r.seconds for r in results), 1)))
    tell(say("cli.see_reports", path="reports/latest/index.html"))
    tell(say("cli.see_warehouse", path="data/warehouse/titikrawan.duckdb"))
    return 0


def _last_attempt(root: Path, name: str) -> list[dict[str, Any]] | None:
    path = root / "data" / "warehouse" / "last_attempt" / f"{name}.parquet"
    if not path.exists():
        return None
    import duckdb

    cursor = duckdb.connect().execute("select * from read_parquet(?)", [str(path)])
    names = [d[0] for d in cursor.description or ()]
    return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def _said(row: Mapping[str, Any], lang: str) -> str:
    """Return the message of a row; uses another language's column if the last run did not know `lang`."""
    return str(row.get(f"message_{lang}") or row[f"message_{LANGUAGES[lang].columns}"])


@answers
def check(root: Path, lang: str, show_all: bool) -> int:
    """List the checks of the last run; exit code 1 if a mandatory check failed."""
    say, rows = speak_in(lang), _last_attempt(root, "checks")
    if rows is None:
        complain(say("cli.no_attempt"))
        return ENVIRONMENT
    from pipelines.catalog import label

    for row in rows:
        if show_all or row["status"] != "pass":
            status = label("check_status", row["status"], lang)
            tell(f"[{status}] {row['table_name']}: {row['rule']}: {_said(row, lang)}")
    count = {s: sum(r["status"] == s for r in rows) for s in codes("check_status")}
    tell(say("cli.checks_line", passed=count["pass"], warned=count["warn"], failed=count["fail"]))
    stopped = any(r["status"] == "fail" and r["severity"] == "stop" for r in rows)
    return DATA_REFUSED if stopped else 0


@answers
def quarantine(root: Path, lang: str, file: str | None) -> int:
    """List quarantined rows and rows kept with a warning: file, line, column, value, what to do."""
    say, rows = speak_in(lang), _last_attempt(root, "quarantine")
    if rows is None:
        complain(say("cli.no_attempt"))
        return ENVIRONMENT
    shown = [r for r in rows if file in (None, r["source_file"])]
    if not shown:
        tell(say("cli.no_quarantine"))
        return 0
    for row in shown:
        tell(_said(row, lang))
    refused = {(r["source_file"], r["source_row"]) for r in shown if r["disposition"] == "quarantined"}
    warned = sum(r["disposition"] != "quarantined" for r in shown)
    tell(say("cli.rows_line", quarantined=len(refused), warned=warned))
    return 0


@answers
def dictionary(root: Path, lang: str, table: str | None) -> int:
    """Print the tables, or one table's columns, as the catalog declares them."""
    from pipelines import catalog

    if table is None:
        for one in (*catalog.load(), *catalog.views()):
            tell(f"{one.full_name:28} {one.title[lang]}")
        return 0
    one = catalog.table(table)
    tell(f"{one.full_name}: {one.title[lang]}\n{one.description[lang]}\n")
    for field in one.fields:
        unit = f" [{field.unit}]" if field.unit else ""
        key = " *" if field.name in one.primary_key else ""
        tell(
            f"  {field.name + key:22} {field.sql_type:9} {field.title[lang]}: {field.description[lang]}{unit}"
        )
    for caveat in one.caveats:
        tell(f"\n  ! {catalog.caveats()[caveat][lang]}")
    return 0
