"""Flatten one Sirekap answer to a record of text: the meaning of each key, no type conversion, no cleaning."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from .sirekap_table import figures

# Contest name in Sirekap's paths -> (election, our contest). For `pkwkk` the regency's code decides.
CONTESTS: Mapping[str, tuple[str, str]] = {
    "ppwp": ("pemilu-2024", "ppwp"),
    "pdpr": ("pemilu-2024", "dpr"),
    "pdpd": ("pemilu-2024", "dpd"),
    "dpd": ("pemilu-2024", "dpd"),
    "pdprdp": ("pemilu-2024", "dprd_prov"),
    "pdprdk": ("pemilu-2024", "dprd_kab"),
    "pkwkp": ("pilkada-2024", "gubernur"),
    "pkwkk": ("pilkada-2024", "bupati"),
}
_UPLOADED = re.compile(r"-(\d{4})(\d\d)(\d\d)-(\d\d)(\d\d)(\d\d)--")
_TOTALS = {"votes_valid": "suara_sah", "votes_invalid": "suara_tidak_sah", "votes_total": "suara_total"}
FIGURES = {**figures(), **_TOTALS}
# Keys of `chart` that are not choices.
_NO_CHOICE = ("persen", "progres", "psu", "status_progress")


class RecordError(ValueError):
    """Why an answer is not a result of a polling station."""


def contest_of(path: str, value: Mapping[str, Any], code: str) -> tuple[str, str]:
    """Return (election, contest) of an answer, from its path, else from the URLs of its photos.

    Raises:
        RecordError: neither identifies the contest.
    """
    images = value.get("images")
    urls = [str(u) for u in images if u] if isinstance(images, list) else []
    for text in (path, *urls):
        for part in re.split(r"[^a-z0-9]+", text.lower()):
            if part in CONTESTS:
                return contest_named(part, code)
    raise RecordError("neither its path nor its photos say which contest it is")


def contest_named(name: str, code: str) -> tuple[str, str]:
    """Return (election, contest) for Sirekap's contest name and an area code; empty strings if unknown."""
    election, contest = CONTESTS.get(name, ("", ""))
    return election, "walikota" if contest == "bupati" and code[2:3] == "7" else contest


def flatten(path: str, code: str, value: Any) -> dict[str, Any]:
    """Return the record of one polling station.

    Args:
        path: of the file, with the contest name among its folders.
        code: 13 digits.
        value: the JSON of the answer; pilkada wraps it in `tungsura`.

    Returns:
        Text columns named as in core.tps, core.result and core.upload, and `votes`: a list of choices.

    Raises:
        RecordError: it is not a result of a polling station.
    """
    if not isinstance(value, dict):
        raise RecordError("not a JSON object")
    value = unwrapped(value)
    if not {"chart", "administrasi"} & value.keys():
        raise RecordError("neither `chart` nor `administrasi` is there")
    election, contest = contest_of(path, value, code)
    administration = value.get("administrasi")
    if administration is not None and not isinstance(administration, dict):
        raise RecordError("`administrasi` is not an object")
    figures_given = administration or {}
    uploads = sorted(_uploads(value.get("images")))
    return {
        "election_id": election,
        "contest": contest,
        "tps_id": code,
        "tps": code[10:],
        "village_code": code[:10],
        "district_code": code[:6],
        "regency_code": code[:4],
        "province_code": code[:2],
        **{ours: text(figures_given.get(theirs)) for ours, theirs in FIGURES.items()},
        "n_images": str(sum(bool(u) for u in value["images"]))
        if isinstance(value.get("images"), list)
        else None,
        "first_upload": uploads[0] if uploads else None,
        "last_upload": uploads[-1] if uploads else None,
        "published_at": text(value.get("ts")),
        "repeat_status": text(value.get("psu")),
        "has_votes": text(value.get("status_suara")),
        "has_figures": text(value.get("status_adm")),
        "votes": list(choices(value)),
    }


def unwrapped(value: Mapping[str, Any]) -> dict[str, Any]:
    """Return an answer with the contents of pilkada's `tungsura` wrapper moved to the top level."""
    inner = value.get("tungsura")
    return {**value, **inner} if isinstance(inner, dict) else dict(value)


def text(value: Any) -> str | None:
    """Return a JSON value as it would be written in a cell; null stays None."""
    if value is None or isinstance(value, str):
        return value
    return json.dumps(value)


def choices(value: Mapping[str, Any]) -> Iterator[dict[str, str | None]]:
    """Yield every choice of a ballot: pairs or single candidates; or parties, and their candidates from
    `caleg`.

    Sirekap writes the literal key `"null"` without votes for "nothing"; with votes it is an unknown choice,
    and its empty id makes the checks reject the form.
    """
    chart = value.get("chart")
    if chart is not None and not isinstance(chart, dict):
        raise RecordError("`chart` is not an object")
    for key, votes in (chart or {}).items():
        if key in _NO_CHOICE or (key == "null" and votes is None):
            continue
        option = "" if key == "null" else str(key)
        if isinstance(votes, dict):
            yield _choice("party_total", option, option, votes.get("jml_suara_total"))
            yield _choice("party", option, option, votes.get("jml_suara_partai"))
        else:
            yield _choice("pair", option, None, votes)
    lists = value.get("caleg")
    if lists is not None and not isinstance(lists, dict):
        raise RecordError("`caleg` is not an object")
    for party, candidates in (lists or {}).items():
        for candidate, votes in (candidates if isinstance(candidates, dict) else {}).items():
            if candidate != "null" or votes is not None:
                yield _choice("candidate", "" if candidate == "null" else str(candidate), str(party), votes)


def _choice(kind: str, option: str, party: str | None, votes: Any) -> dict[str, str | None]:
    return {"kind": kind, "option_id": option, "party_id": party, "votes": text(votes)}


def _uploads(images: Any) -> Iterator[str]:
    for url in images if isinstance(images, list) else ():
        found = _UPLOADED.search(str(url))
        if found:
            year, month, day, hour, minute, second = found.groups()
            yield f"{year}-{month}-{day} {hour}:{minute}:{second}"
