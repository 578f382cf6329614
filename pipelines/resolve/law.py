"""Which article answers for what: the law in force at each election, by kind of event, ground and deadline.

The register (`ref.articles`) states articles per legal regime, each with the page it was read on. Here every election
gets its own answer for every question the project asks. Three answers exist: an article is `cited`; the page shows
the law's whole list and the ground is `not_listed`; or nothing is known (`uncited`) and no article is shown.
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
    """`national` or `regional`: elections whose law passes from one to the next."""
    return _FAMILY.get(kind, "national")


def subject_of(kind: str, ground: str, applies_to: str) -> str:
    """Code of ref.articles that answers for an event of a kind on a ground; empty where none can.

    A continued or postponed vote rests on the article of its kind whatever its ground, an order of the court on the
    court's, and a re-vote on that of its ground, which must be one of re-votes.

    Args:
        applies_to: kinds the ground belongs to, separated by semicolons.
    """
    if kind in LATER_VOTES:
        return f"kind_{kind}"
    if kind == "psu_court" or ground == "court_order":
        return "court_order"
    if kind == "pssu":
        return ground if ground == "count_mismatch" else "recount_grounds"
    return ground if kind in applies_to.split(";") and ground != UNKNOWN else ""


def citation(rule: str, article: str) -> str:
    """Law and article in one text: each law with its own article.

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
    """The answer for every election, subject and ground.

    Args:
        articles: rows of ref.articles. elections: rows of ref.elections. grounds: rows of ref.grounds.
        wordings: summary of an article -> the same in Indonesian.

    Returns:
        One row per election, kind and ground, and per election and other matter (ground empty); two where president
        and parliament have rules of their own (`contest_group`). Columns: those of ref.law_in_force. `is_coming`
        marks the newest election of each family, whose law is the last one known before the coming election.
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
                    answer["force"] = None  # must or may only where one of the listed grounds is shown
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
    """(subject, ground, code of ref.articles) of everything that is asked of an election."""
    for kind in COUNTED_REVOTES:
        for code, applies_to in zip(grounds["ground_code"], grounds["applies_to"], strict=True):
            yield kind, code, subject_of(kind, code, "" if pd.isna(applies_to) else applies_to)
    for matter in LAW_MATTERS:
        yield matter, None, matter


def _stated(articles: pd.DataFrame) -> dict[tuple[str, str, str], list[dict[str, Any]]]:
    """(regime, election, code) -> its rows that may be printed, the surest of each group of contests."""
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
