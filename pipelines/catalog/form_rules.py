"""Rules for result forms, declared in form_rules.yaml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from .declared import HERE, code_lists, read_yaml, words_of
from .messages import Message
from .model import CatalogError

# Severity -> default remedy.
SEVERITIES = {"error": "correction", "soft": "check", "flag": "none"}
_OPERATORS = ("=", "<=", "<>")
# Functions allowed in an expression, besides columns.
_FUNCTIONS = {"ceil", "nullif", "greatest", "least", "abs", "coalesce"}
MAX_RULES = 62  # bits of a BIGINT


@dataclass(frozen=True)
class FormRule:
    """One rule: `left op right` must hold whenever every column in `needs` is known.

    Attributes:
        bit: its position in the masks of mart.form_audit.
        scope: `form` (one station and contest) or `area` (a whole area; uses no bit of the masks).
        severity: error, soft or flag. law: subject and ground (or empty) of ref.law_in_force that a failure may
            lead to.
        not_for: elections to which the rule does not apply.
        about: part of the form. remedy: code of `form_remedy`. short: the condition in a few words.
    """

    id: str
    bit: int | None
    scope: str
    severity: str
    left: str
    op: str
    right: str
    needs: tuple[str, ...]
    law: tuple[str, str] | None
    not_for: tuple[str, ...]
    explain: Mapping[str, str]
    about: str
    remedy: str
    short: Mapping[str, str]

    @property
    def lesser_remedy(self) -> str:
        """The remedy where the law in force gives no article."""
        return SEVERITIES[self.severity] if self.law else self.remedy


def read_rules(path: Path) -> tuple[FormRule, ...]:
    """Read the rules declared in a YAML file.

    Raises:
        CatalogError: an entry is incomplete or declared twice, or there are more rules than bits in a mask.
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
    known = tuple(code_lists()["rule_subject"])
    if about not in known or remedy not in code_lists()["form_remedy"]:
        raise CatalogError(
            Message(
                "catalog.rule_about_or_remedy",
                where=where,
                rule=entry["id"],
                about=", ".join(known),
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
        law=_law(entry, where),
        not_for=tuple(map(str, entry.get("not_for", ()))),
        explain=words_of(entry, "explain", {}, ""),
        about=about,
        remedy=remedy,
        short=words_of(entry, "short", {}, str(entry["id"])),
    )


def _law(entry: Mapping[str, Any], where: str) -> tuple[str, str] | None:
    law = entry.get("law")
    if law is None:
        return None
    if not isinstance(law, Mapping) or law.get("subject") not in code_lists()["law_subject"]:
        known = ", ".join(code_lists()["law_subject"])
        raise CatalogError(f"{where}: rule {entry['id']}: `law` needs a subject, one of {known}")
    return str(law["subject"]), str(law.get("ground", ""))


@cache
def form_rules() -> tuple[FormRule, ...]:
    """Return the rules of this package, in the order of their bits."""
    return read_rules(HERE / "form_rules.yaml")
