"""`titikrawan add`: bring raw input of others into data/raw."""

from __future__ import annotations

from pathlib import Path

import click

from pipelines.cli.commands import answers
from pipelines.cli.words import WORDS


@answers
def add(root: Path, lang: str, source: str, path: Path, link: bool, title: str, licence: str) -> int:
    """Bring raw input into data/raw and record it; the next run includes it."""
    from pipelines.sources.add import add as bring

    added = bring(root / "data" / "raw", source, path, link, title, licence)
    for file in added.files:
        click.echo(WORDS[lang]["written"].format(path=file.relative_to(root)))
    for name in added.passed_over:
        click.echo(WORDS[lang]["passed_over"].format(name=name))
    click.echo(WORDS[lang]["sealed"].format(path=added.sidecar.relative_to(root)))
    return 0
