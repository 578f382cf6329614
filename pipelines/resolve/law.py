"""The law in force at each election: which article applies to each kind of event, ground and deadline.

The register (`ref.articles`) lists articles per legal regime, each with the page where it was read. This module
answers every question the project asks for every election. An answer has one of three statuses: an article is
`cited`; the law's complete list does not contain the ground (`not_listed`); or nothing is known (`uncited`) and
no article is shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from pipelines import catalog
from pipelines.catalog.vocabulary import COUNTED_REVOTES, LATER_VOTES, LAW_MATTERS, PRINTED_CONFIDENCES

from .rows import records

# Ground of an event whose source states none.
UNKNOWN = "unknown"
_FAMILY = {"regional": "regional"}
_FORCE = {"yes": "must", "no": "may"}
_GROUP = re.compile(r" \((president|legislative)\)$")
_GROUPS = {"president": "presidential", "legislative": "legislative"}
_QUALIFIER = re.compile(r" after .*$")


def family(kind: str) -> str:
    """Return `national` or `regional`: groups of elections that inherit their law."""
    return _FAMILY.get(kind, "national")


def subject_of(kind: str, ground: str, applies_to: str) -> str:
    """Return the code of ref.articles that applies to an event of a kind on a ground; empty where none can.

    A continued or postponed vote rests on the article for its kind, whatever its ground; a court order on the
    article for court orders; a re-vote on the article for its ground, which must be a ground for re-votes.

    Args:
        applies_to: kinds to which the ground belongs, separated by semicolons.
    """
    if kind in LATER_VOTES:
        return f"kind_{kind}"
    if kind == "psu_court" or ground == "court_order":
        return "court_order"
    if kind == "pssu":
        return ground if ground == "count_mismatch" else "recount_grounds"
    return ground if kind in applies_to.split(";") and ground != UNKNOWN else ""


def citation(rule: str, article: str) -> str:
    """Return law and article in one text, pairing each law with its own article.

    >>> citation("UU 7/2017; PKPU 25/2023", "pasal 372(2)d; PKPU pasal 80(2)")
    'UU 7/2017 pasal 372(2)d; PKPU 25/2023 pasal 80(2)'
    >>> citation("UU 7/2017", "pasal 473; 474(1); 475")
    'UU 7/2017 pasal 473; 474(1); 475'
    """
    rules = [_QUALIFIER.sub("", one) for one in rule.split("; ")]
    article = _GROUP.sub("", article)
    if len(rules) == 1:
        return f"{rules[0]} {article}"
    articles = article.split("; ")
    articles += [""] * (len(rules) - len(articles))
    pairs = zip(rules, articles, strict=False)
    return "; ".join(f"{one} {text[max(text.find('pasal'), 0) :]}".strip() for one, text in pairs)


def law_in_force(
    articles: pd.DataFrame, elections: pd.DataFrame, grounds: pd.DataFrame, wordings: Mapping[str, str]
) -> pd.DataFrame:
    """Return the answer for every election, subject and ground.

    Args:
        articles: rows of ref.articles. elections: rows of ref.elections. grounds: rows of ref.grounds.
        wordings: summary of an article -> the same in Indonesian.

    Returns:
        One row per election, kind and ground, and per election and other matter (ground empty); two where
        president and parliament have separate rules (`contest_group`). Columns: those of ref.law_in_force.
        `is_coming` marks the newest election of each family, whose law is the last one known before the coming
        election.
    """
    stated = _stated(articles)
    newest = elections.assign(family=elections["kind"].map(family)).sort_values(
        ["voting_date", "election_id"]
    )
    coming = set(newest.groupby("family")["election_id"].last())
    rows: list[dict[str, Any]] = []
    for election in records(newest):
        about = {
            "election_id": election["election_id"],
            "family": election["family"],
            "is_coming": election["election_id"] in coming,
            "regime_id": election["regime_id"],
        }
        for subject, ground, code in _questions(grounds):
            found = stated.get((election["regime_id"], election["election_id"], code), [{}])
            for row in found:
                answer = _answer(row, wordings)
                if subject == "pssu" and code == "recount_grounds":
                    answer["force"] = None  # "must" or "may" is shown only with one of the listed grounds
                if subject == "psu" and code != "court_order" and answer["deadline_days"] is None:
                    limit = stated.get(
                        (election["regime_id"], election["election_id"], "psu_deadline"), [{}]
                    )[0]
                    answer |= {key: _answer(limit, {})[key] for key in ("deadline_days", "day_kind")}
                names = (election["election_id"], subject, ground, answer["contest_group"].replace("all", ""))
                law_id = "/".join(name for name in names if name)
                rows.append(about | {"law_id": law_id, "subject": subject, "ground_code": ground} | answer)
    frame = pd.DataFrame(rows, columns=catalog.table("ref.law_in_force").field_names)
    return frame.astype({"deadline_days": "Int64", "source_date": "datetime64[s]"})


def _questions(grounds: pd.DataFrame) -> Iterator[tuple[str, str | None, str]]:
    """Yield (subject, ground, code of ref.articles) for every question asked of an election."""
    for kind in COUNTED_REVOTES:
        for code, applies_to in zip(grounds["ground_code"], grounds["applies_to"], strict=True):
            yield kind, code, subject_of(kind, code, "" if pd.isna(applies_to) else applies_to)
    for matter in LAW_MATTERS:
        yield matter, None, matter


def _stated(articles: pd.DataFrame) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """Return (regime, election, code) -> its printable rows, the most reliable for each group of contests."""
    found: dict[tuple[str, str, str], dict[str, dict[str, Any]]] = {}
    ranked = articles.assign(is_unsure=articles["confidence"] != PRINTED_CONFIDENCES[0]).sort_values(
        ["is_unsure", "article"]
    )
    for row in records(ranked[ranked["confidence"].isin(PRINTED_CONFIDENCES)]):
        for election in row["elections"].split(";"):
            groups = found.setdefault((row["regime_id"], election, row["code"]), {})
            groups.setdefault(_contest_group(row["article"]), row)
    return {key: [groups[name] for name in sorted(groups)] for key, groups in found.items()}


def _contest_group(article: str) -> str:
    named = _GROUP.search(article)
    return _GROUPS[named.group(1)] if named else "all"


def _answer(row: Mapping[str, Any], wordings: Mapping[str, str]) -> dict[str, Any]:
    names = ("rule", "article", "citation", "force", "wording_id", "wording_en", "deadline_days", "day_kind")
    empty = dict.fromkeys((*names, "confidence", "source_url", "source_title", "source_date"))
    if not row:
        return empty | {"contest_group": "all", "state": "uncited"}
    listed = row["article"] != "none"
    summary, days = row["summary"], row["deadline_days"]
    return {
        "contest_group": _contest_group(row["article"]),
        "state": "cited" if listed else "not_listed",
        "rule": _QUALIFIER.sub("", row["rule"]),
        "article": _GROUP.sub("", row["article"]) if listed else None,
        "citation": citation(row["rule"], row["article"]) if listed else None,
        "force": _FORCE.get(row["mandatory"]) if listed else None,
        "wording_id": wordings.get(summary),
        "wording_en": summary,
        "deadline_days": None if days is None else int(days),
        "day_kind": None if days is None else "working" if "working day" in (summary or "") else "calendar",
        "confidence": row["confidence"],
        "source_url": row["source_url"],
        "source_title": row["source_title"],
        "source_date": row["source_date"],
    }
