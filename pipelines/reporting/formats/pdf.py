"""Render a report as an A4 PDF by Typst: data are passed as JSON strings, never as Typst source."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import is_dataclass
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import urlsplit

from ..language.numbers import TIED
from ..model import Report, Sources
from .breaks import breakable
from .fonts import font_paths
from .layout import fitted

TEMPLATES = Path(__file__).parent / "templates"
ROOM = 182 / 25.4 * 72 / 8.0  # em of table type that fit between the margins of blocks.typ

# Typst caches the last ten documents, some 50 MB each; small ones in between evict large ones sooner.
AGEING = 2
AS_IT_IS = {"svg", "url", "alt", "kind", "lang"}  # texts that are not prose


def _breakable(value: Any, key: str = "") -> Any:
    """Return the structure as dictionaries, with breakable texts; a link keeps its URL and shows its host."""
    if isinstance(value, str):
        return value if key in AS_IT_IS else breakable(value)
    if is_dataclass(value):
        value = vars(value)
    if isinstance(value, dict):
        shown = {"shown": urlsplit(value["url"]).netloc.removeprefix("www.")} if "url" in value else {}
        return {name: _breakable(item, name) for name, item in value.items() if name != "value"} | shown
    if isinstance(value, list | tuple):
        return [_breakable(item, key) for item in value]
    return value


@cache
def compiler(template: str) -> Any:
    """Return one compiler per template and process: fonts (typst's and that
    of drawings) and templates load once."""
    import typst

    return typst.Compiler(
        TEMPLATES / f"{template}.typ",
        root=TEMPLATES,
        font_paths=font_paths(),
        ignore_system_fonts=True,
    )


def document(report: Report, created: dt.date, template: str = "report") -> bytes:
    """Return the PDF (PDF/UA-1, accessible), dated `created`; deterministic.

    `template`: `report`, or `checklist` for the printable checklist.
    """
    blocks = (block for section in report.sections for block in section.blocks)
    cited = (one for block in blocks if isinstance(block, Sources) for one in block.items)
    addresses = {str(one.number): one.url for one in cited if one.url}
    return typeset(vars(fitted(report, ROOM)), created, template, addresses)


def typeset(
    content: Mapping[str, Any],
    created: dt.date,
    template: str,
    addresses: Mapping[str, str] = MappingProxyType({}),
) -> bytes:
    """Typeset content in the form of one template, as PDF/UA-1; deterministic.

    `addresses`: URLs of the cited pages, by their number in tables.
    """
    inputs = {"tied": TIED, "addresses": json.dumps(dict(addresses))}
    inputs["report"] = json.dumps(_breakable(dict(content)), ensure_ascii=False, sort_keys=True)
    stamp = dt.datetime(created.year, created.month, created.day, tzinfo=dt.UTC)
    result = compiler(template).compile(
        format="pdf", timestamp=stamp, pdf_standards="ua-1", sys_inputs=inputs
    )
    for _ in range(AGEING):
        compiler("empty").compile(format="pdf")
    if not isinstance(result, bytes):
        raise TypeError("typst returned no PDF")
    return result
