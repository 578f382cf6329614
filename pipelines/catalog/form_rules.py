"""The rules of the result form, declared once in form_rules.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .load import HERE, code_lists, read_yaml, words_of
from .messages import Message
from .model import CatalogError

# Severity -> remedy where an entry names none.
SEVERITIES = {"error": "correction", "soft": "check", "flag": "none"}
ABOUT = ("voters", "ballots", "votes", "upload", "stations")
_OPERATORS = ("=", "<=", "<>")
# What may stand in an expression besides columns.
_FUNCTIONS = {"ceil", "nullif", "greatest", "least", "abs", "coalesce"}
MAX_RULES = 62  # bits of a BIGINT


@dataclass(frozen=True)
class FormRule:
    """One rule: `left op right` must hold where every column of `needs` is known.

    Attributes:
        bit: its place in the masks of mart.form_audit.
        scope: `form` (one station and contest) or `area` (a whole area; no bit of the masks is used).
        severity: error, soft or flag. article: the provision behind it; empty where no source states one.
        about: part of the form. remedy: code of `form_remedy`. short: what must hold, in a few words.
    """

    id: str
    bit: int | None
    scope: str
    severity: str
    left: str
    op: str
    right: str
    needs: tuple[str, ...]
    article: str
    explain: Mapping[str, str]
    about: str
    remedy: str
    short: Mapping[str, str]


def read_rules(path: Path) -> tuple[FormRule, ...]:
    """The rules declared in a YAML file.

    Raises:
        CatalogError: an entry is incomplete, declared twice, or there are more than a mask has bits.
    """
    entries: list[dict[str, Any]] = read_yaml(path)
    bits = iter(range(len(entries)))
    rules = tuple(
        _rule(entry, None if entry.get("scope") == "area" else next(bits), path.name) for entry in entries
    )
    if len({r.id for r in rules}) != len(rules):
        raise CatalogError(Message("catalog.rule_twice", name=path.name))
    if len(rules) > MAX_RULES:
        raise CatalogError(
            Message("catalog.too_many_rules", name=path.name, number=len(rules), bits=MAX_RULES)
        )
    return rules


def _rule(entry: Mapping[str, Any], bit: int | None, where: str) -> FormRule:
    for key in ("id", "severity", "left", "op", "right", "explain_id", "explain_en"):
        if key not in entry:
            raise CatalogError(
                Message("catalog.rule_incomplete", where=where, rule=entry.get("id", bit), key=key)
            )
    if entry["severity"] not in SEVERITIES or entry["op"] not in _OPERATORS:
        raise CatalogError(
            Message(
                "catalog.rule_severity_or_op",
                where=where,
                rule=entry["id"],
                severities=", ".join(SEVERITIES),
                operators=" ".join(_OPERATORS),
            )
        )
    about = str(entry.get("about", "votes"))
    remedy = str(entry.get("remedy", SEVERITIES[entry["severity"]]))
    if about not in ABOUT or remedy not in code_lists()["form_remedy"]:
        raise CatalogError(
            Message(
                "catalog.rule_about_or_remedy",
                where=where,
                rule=entry["id"],
                about=", ".join(ABOUT),
                remedies=", ".join(code_lists()["form_remedy"]),
            )
        )
    left, right = str(entry["left"]), str(entry["right"])
    words = re.findall(r"[a-z_][a-z0-9_]*", f"{left} {right}")
    needs = entry.get("needs") or dict.fromkeys(w for w in words if w not in _FUNCTIONS)
    return FormRule(
        id=str(entry["id"]),
        bit=bit,
        scope="form" if bit is not None else "area",
        severity=str(entry["severity"]),
        left=left,
        op=str(entry["op"]),
        right=right,
        needs=tuple(needs),
        article=str(entry.get("article", "")),
        explain=words_of(entry, "explain", {}, ""),
        about=about,
        remedy=remedy,
        short=words_of(entry, "short", {}, str(entry["id"])),
    )


@cache
def form_rules() -> tuple[FormRule, ...]:
    """The rules of this package, in the order of their bits."""
    return read_rules(HERE / "form_rules.yaml")
