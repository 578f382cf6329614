"""What the commands about releases do: list, verify, go back, pin."""

from __future__ import annotations

from pathlib import Path

from pipelines.catalog.messages import DATA_REFUSED, ENVIRONMENT, Message, speak_in
from pipelines.cli.answers import answers, complain, tell


@answers
def releases(root: Path, lang: str) -> int:
    """List the kept releases."""
    from pipelines.warehouse.releases import all_releases, pinned, served

    say, warehouse = speak_in(lang), root / "data" / "warehouse"
    kept, current = all_releases(warehouse), served(warehouse)
    if not kept:
        tell(say("cli.no_releases"))
    for one in kept:
        is_current = current is not None and one.name == current.name
        day = f"{one.manifest['published_at'][:19]}Z" if one.manifest else say("cli.broken_manifest")
        pin = f"  {say('cli.is_pinned')}" if is_current and pinned(warehouse) else ""
        tell(f"{'*' if is_current else ' '} {one.name}  {day}{pin}")
    return 0


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
