"""What the commands about releases do: list, verify, go back, pin."""

from __future__ import annotations

import json
from pathlib import Path

from pipelines.catalog.messages import DATA_REFUSED, ENVIRONMENT, Message, speak_in
from pipelines.cli.answers import answers, complain, tell


@answers
def releases(root: Path, lang: str) -> int:
    """List the kept releases."""
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
def diff(root: Path, lang: str, before: str | None, after: str | None, as_json: bool) -> int:
    """Compare two releases: by default the one that is held, else the served one, with the one before it."""
    from pipelines.jobs.differences import between

    say, warehouse = speak_in(lang), root / "data" / "warehouse"
    found = between(warehouse, before, after)
    if as_json:
        tell(json.dumps(found, ensure_ascii=False, indent=1))
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
    """Let the next run publish again."""
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
    """Read all of a release again; exit code 1 where it is not what was published."""
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
