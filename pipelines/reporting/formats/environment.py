"""The templates of pages, and what several kinds of page share."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

import jinja2
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from jinja2.bccache import Bucket, BytecodeCache

from pipelines.catalog import compiled
from pipelines.catalog.vocabulary import LANGUAGES

from .markup import joined, softened
from .rows import bodies, is_wide

TEMPLATES = Path(__file__).parent / "templates"


class _Compiled(BytecodeCache):
    """Templates compiled once; a change of the template, of Jinja or of this module compiles anew."""

    def get_cache_key(self, name: str, filename: str | None = None) -> str:
        """Return the name of the template."""
        return name

    def load_bytecode(self, bucket: Bucket) -> None:
        """Give the bucket the stored code, if there is any."""
        bucket.code = compiled.load(TEMPLATES / bucket.key, _version(bucket))

    def dump_bytecode(self, bucket: Bucket) -> None:
        """Store the code of the bucket."""
        compiled.store(TEMPLATES / bucket.key, _version(bucket), bucket.code)


def _version(bucket: Bucket) -> tuple[object, ...]:
    return (bucket.checksum, jinja2.__version__, compiled.stamp(Path(__file__)))


@cache
def environment() -> Environment:
    """Return the template environment; every value is escaped."""
    found = Environment(
        loader=FileSystemLoader(TEMPLATES),
        bytecode_cache=_Compiled(),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(bodies=bodies, is_wide=is_wide, joined=joined, softened=softened)
    return found


def language_links(lang: str, pages: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Return (language, its name, file) for the language switch."""
    return [(other, LANGUAGES[other].name, name) for other, name in pages.items()]
