"""Commands for releases: list, compare, verify, roll back, pin, export, archive, trace, correct, browse."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pipelines.catalog.messages import DATA_REFUSED, ENVIRONMENT, USAGE, Message, speak_in
from pipelines.cli.answers import answers, complain, tell


@answers
def releases(root: Path, lang: str) -> int:
    """List the stored releases."""
    from pipelines.warehouse.releases import all_releases, held, pinned, served

    say, warehouse = speak_in(lang), root / "data" / "warehouse"
    kept, current = all_releases(warehouse), served(warehouse)
    if not kept:
        tell(say("cli.no_releases"))
    for one in kept:
        is_current = current is not None and one.name == current.name
        day = f"{one.manifest['published_at'][:19]}Z" if one.manifest else say("cli.broken_manifest")
        pin = f"  {say('cli.is_pinned')}" if is_current and pinned(warehouse) else ""
        tell(f"{'*' if is_current else ' '} {one.name}  {day}{pin}")
    if waiting := held(warehouse):
        tell(f"  {waiting.name}  {say('cli.is_held')}")
    return 0


@answers
def diff(
    root: Path, lang: str, before: str | None, after: str | None, as_json: bool, as_csv: bool = False
) -> int:
    """Compare two releases; by default the held one (else the served one) with its predecessor."""
    from pipelines.jobs.differences import between

    say, warehouse = speak_in(lang), root / "data" / "warehouse"
    found = between(warehouse, before, after)
    if as_json:
        import json

        tell(json.dumps(found, ensure_ascii=False, indent=1))
        return 0
    if as_csv:
        _tell_table(found)
        return 0
    tell(say("cli.diff_between", before=found["before"], after=found["after"]))
    if not found["tables"]:
        tell(say("cli.diff_nothing"))
    for note in found["notes"]:
        tell(f"{'!' if note['is_suspicious'] else '-'} {note.get(lang) or note['en']}")
    for table in found["tables"]:
        tell(f"\n{table['table']}: {_rows(table['n_before'])} -> {_rows(table['n_after'])}")
        for sign, key in (("+", "columns_added"), ("-", "columns_removed")):
            if table[key]:
                tell(f"  {sign} {', '.join(table[key])}")
        for group in table["groups"]:
            counts = f"+{group['n_added']} -{group['n_removed']} ~{group['n_changed']}"
            tell(f"  {group['election_id']:16} {group['province_code']:8} {counts}")
    return 0


def _tell_table(found: Mapping[str, Any]) -> None:
    """Print the counts of a comparison as CSV, one line per table, election and province, as in meta.changes."""
    counts = ("n_added", "n_removed", "n_changed")
    head = ("before", "after", "table_name", "election_id", "province_code", *counts)
    tell(",".join(head))
    for table in found["tables"]:
        for group in table["groups"]:
            words = (
                found["before"],
                found["after"],
                table["table"],
                group["election_id"],
                group["province_code"],
            )
            tell(",".join(map(str, (*words, *(group[name] for name in counts)))))


def _rows(n: int | None) -> str:
    return "-" if n is None else str(n)


@answers
def rollback(root: Path, lang: str, release: str | None) -> int:
    """Publish an earlier release again, and pin it."""
    from pipelines.jobs.fingerprints import read_inputs
    from pipelines.warehouse.publish import rollback as go_back

    inputs = read_inputs(root / "data" / "raw").digest
    back = go_back(root / "data" / "warehouse", root / "reports", inputs, release)
    tell(speak_in(lang)("cli.rolled_back", release=back.name))
    return 0


@answers
def unpin(root: Path, lang: str) -> int:
    """Remove the pin, so that the next run can publish again."""
    from pipelines.warehouse.publish import locked
    from pipelines.warehouse.releases import unpin as take_out

    say = speak_in(lang)
    with locked(root / "data" / "warehouse"):
        was_pinned = take_out(root / "data" / "warehouse")
    tell(say("cli.unpinned") if was_pinned else say("cli.no_pin"))
    return 0


FAULTS = {
    "changed": Message("cli.fault_changed"),
    "missing": Message("cli.fault_missing"),
    "unlisted": Message("cli.fault_unlisted"),
    "unreadable": Message("cli.fault_unreadable"),
}


@answers
def verify(root: Path, lang: str, release: str | None) -> int:
    """Re-read all of a release and verify its checksums; exit code 1 if anything has changed."""
    from pipelines.warehouse import releases as kept

    say, warehouse = speak_in(lang), root / "data" / "warehouse"
    one = kept.find(warehouse, release) if release else kept.served(warehouse)
    if one is None:
        complain(say("cli.nothing_served"))
        return ENVIRONMENT
    found = kept.verify(one)
    for fault in found:
        complain(f"{one.name}/{fault.file}: {FAULTS[fault.kind][lang]}")
    if found:
        complain(say("cli.not_whole", release=one.name, n=len(found)))
        return DATA_REFUSED
    tell(say("cli.whole", release=one.name))
    return 0


@answers
def export(
    root: Path,
    lang: str,
    to: str,
    kind: str,
    area: str,
    tables: tuple[str, ...],
    public: bool,
) -> int:
    """Export part of the served release as Parquet, CSV, a workbook, a DuckDB file or for PostgreSQL."""
    from pipelines.storage import without_secrets
    from pipelines.warehouse.releases import reading
    from pipelines.warehouse.subset import Wanted
    from pipelines.warehouse.take_away import take_away

    say = speak_in(lang)
    with reading(root / "data" / "warehouse") as release:
        subset, place = take_away(release.database, Wanted(area, tables, public), kind, to)
    n = len(subset.tables) + len(subset.views)
    tell(say("cli.exported", place=without_secrets(place), release=subset.release, n=n))
    if subset.n_own:
        tell(say("cli.exported_own", n=subset.n_own))
    return 0


@answers
def archive(root: Path, lang: str, folder: Path, release: str | None) -> int:
    """Write a release with everything needed to cite it into a separate folder."""
    from pipelines.jobs.archive import archive as write

    say = speak_in(lang)
    found, files = write(root, folder, release)
    tell(say("cli.archived", release=found.id, folder=folder, n=len(files)))
    return 0


@answers
def trace(root: Path, lang: str, words: tuple[str, ...], area: str) -> int:
    """Trace a row, a claim or a number printed about an area to its file, line and page."""
    import titikrawan
    from titikrawan import trace as tracing

    say = speak_in(lang)
    with titikrawan.connect(root) as con:
        if area:
            number = _number(words)
            if number is None:
                complain(say("cli.trace_number"))
                return USAGE
            facts = tracing.printed(con, area, number)
            if not facts:
                raise tracing.NothingTracedError(_nothing(area, words[0]))
            for fact in facts:
                tell(f"{fact.fact_id}\n  {fact.said}")
                _tell_origins(tracing.trace_fact(con, fact.fact_id), say)
            return 0
        if not words:
            complain(say("cli.trace_words"))
            return USAGE
        name, *key = words
        origins = tracing.trace_row(con, name, key) if key else tracing.trace_claim(con, name)
        made_from = tracing.computed_from(con, name) if key and not origins else []
        if made_from:
            tell(f"  {say('cli.trace_computed', tables=', '.join(made_from))}")
        else:
            _tell_origins(origins, say)
    return 0


def _number(words: tuple[str, ...]) -> float | None:
    """Parse a number as printed in a report: 1.234,5 or 1,234.5."""
    if len(words) != 1:
        return None
    text = words[0].replace(" ", "").replace("\u00a0", "").replace("\u202f", "")
    groups = text.replace(",", ".").split(".")
    is_grouped = len(groups) > 1 and all(len(one) == 3 for one in groups[1:])
    try:
        return float("".join(groups)) if is_grouped else float(text.replace(",", "."))
    except ValueError:
        return None


def _nothing(area: str, number: str):  # type: ignore[no-untyped-def]
    return Message("reader.number_not_found", area=area, number=number)


def _tell_origins(origins, say) -> None:  # type: ignore[no-untyped-def]
    for one in origins:
        tell(f"  {one.claim_id}")
        tell(f"    data/raw/{one.source_file}, {say('cli.trace_line', line=one.source_row)} ({one.table})")
        if one.source_url:
            tell(f"    {one.source_url}")
        if one.source_title:
            tell(f"    {one.source_title}")
        for step in one.through[1:]:
            tell(f"    < {step}")
    if not origins:
        tell(f"  {say('cli.trace_none')}")


@answers
def correct(root: Path, lang: str, claim: str, column: str, new: str, source: str) -> int:
    """Print an entry that proposes a correction; changes nothing."""
    import yaml

    import titikrawan
    from titikrawan.correct import propose

    with titikrawan.connect(root) as con:
        entry = propose(con, claim, column, new, source)
    tell(yaml.safe_dump(entry, allow_unicode=True, sort_keys=False, width=1000).rstrip())
    complain(speak_in(lang)("cli.correct_next"))
    return 0


@answers
def web(root: Path, lang: str, port: int) -> int:
    """Serve the release read-only on this machine, with pages, facets and the queries of the cookbook."""
    from pipelines.warehouse.releases import reading
    from pipelines.warehouse.web import serve, write

    say = speak_in(lang)
    with reading(root / "data" / "warehouse") as release:
        folder = write(release.database, root / "data" / "warehouse" / ".web", release.id, lang)
    tell(say("cli.web_at", port=port, release=release.id))
    serve(folder, port)
