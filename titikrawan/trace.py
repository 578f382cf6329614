"""Trace a row or a printed number to the claims behind it: their file, line and page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Any

from pipelines.catalog.claim_ids import row_id
from pipelines.catalog.messages import USAGE, Message, UserError
from pipelines.catalog.sql import quote

from .query import UnknownTableError, _find, _key
from .session import Session

# Tables whose rows come from a line of a file and cite a page.
CLAIMED = (
    *(
        "core.revote_claim",
        "core.recap_milestone",
        "core.dispute_case",
        "core.dispute_count",
        "core.exposure",
    ),
    *("core.index_score", "core.coverage_statement", "core.finding", "ref.articles", "ref.area_lineage"),
)
INCIDENTS = "mart.incidents"
_MOST = 500  # maximum number of claims followed per row


class NothingTracedError(UserError):
    """There is no such row, claim or number."""

    exit_code = USAGE


@dataclass(frozen=True)
class Origin:
    """A claim: its location and page. `through`: the path that led to it, the row itself first."""

    claim_id: str
    table: str
    source_file: str
    source_row: int
    source_url: str | None
    source_title: str | None
    confidence: str | None
    through: tuple[str, ...]


@dataclass(frozen=True)
class Printed:
    """A fact about an area that shows a number: its location and text."""

    fact_id: str
    said: str
    election_id: str | None
    value_exact: float | None
    value_lower: float | None
    value_upper: float | None


def trace_row(con: Session, name: str, key: Sequence[str]) -> list[Origin]:
    """Return the claims behind a row of any table or view.

    Args:
        name: as in `titikrawan.load`. key: values of its key, in order.

    Raises:
        UnknownTableError, NothingTracedError: there is no such table or row.
    """
    full_name, columns = _find(con, name)
    wanted = _key(con, full_name)
    if len(wanted) != len(key):
        raise NothingTracedError(Message("reader.key_needed", table=full_name, key=" ".join(wanted)))
    target = ".".join(map(quote, full_name.split(".")))
    where = " and ".join(f"{quote(column)}::varchar = ?" for column in wanted)
    row = con.execute(f"select * from {target} where {where}", list(key)).fetchone()  # noqa: S608 (quoted names)
    if row is None:
        raise NothingTracedError(Message("reader.no_row", table=full_name, key=" ".join(key)))
    found = dict(zip(columns, row, strict=True))
    start = f"{full_name} {' '.join(key)}"
    if "source_row" in found:
        line = row_id(found["source_file"], found["source_row"])
        page = tuple(found.get(name) for name in ("source_url", "source_title", "confidence"))
        itself = _origins(line, full_name, [(found["source_file"], found["source_row"], *page)], (start,))
        return list(_claims(con, line, (start,), set())) or list(itself)
    seen: set[str] = set()
    origins = [one for claim in _named(found) for one in _claims(con, claim, (start,), seen)]
    origins = origins or list(_named_by_keys(con, full_name, found, (start,)))
    if _is_of_forms(con, full_name):
        return origins or list(_station(con, found, (start,)))
    if "source_url" in found and "area_code" not in found:
        return origins or list(_page(con, found["source_url"], (start,)))
    return origins or list(_about(con, found, (start,), seen))


def computed_from(con: Session, name: str) -> list[str]:
    """Return the tables that a multi-area table is computed from; empty where each row is about a single area,
    so that a row without claims means that nothing is known."""
    full_name, columns = _find(con, name)
    if "area_code" in columns and not _is_of_forms(con, full_name):
        return []
    rows = con.execute(
        "select made_from from meta.lineage where table_name = ? and contains(made_from, '.') order by all",
        [full_name],
    ).fetchall()
    return [str(one) for (one,) in rows]


def trace_claim(con: Session, claim_id: str) -> list[Origin]:
    """Locate a claim, given one of our ids, `file:line`, or the id of a sum or a statement of completeness.

    Raises:
        NothingTracedError: nothing has this id.
    """
    found = list(_claims(con, claim_id, (), set()))
    if not found:
        raise NothingTracedError(Message("reader.no_claim", claim=claim_id))
    return found


def printed(con: Session, area: str, number: float) -> list[Printed]:
    """Return facts that show a number as printed in the report on an area:
    about the area itself, else areas below."""
    rows = con.execute(
        """
        with derived as (
            select concat_ws('/', 'mart.recap_timeliness', election_id, milestone, area_code) as fact_id,
                round(tps_per_district, 1) as shown
            from mart.recap_timeliness
            union all
            select concat_ws('/', 'mart.dispute_counts', election_id, area_code, contest_group, measure), n_cases
            from mart.dispute_counts
        ),
        showing as (
            select fact_id, concat_ws(', ', fact_name_en, about_name_en, detail, nullif(area_name, $name)) as said,
                election_id, value_exact, value_lower, value_upper, area_code = $area as is_itself
            from mart.v_area_all
            where (area_code = $area or $area = '00' or starts_with(area_code, $area))
                and ($number in (round(value_exact, 4), round(value_lower, 4), round(value_upper, 4))
                    or fact_id in (select fact_id from derived where shown = $number))
        )
        select fact_id, said, election_id, value_exact, value_lower, value_upper
        from showing
        where is_itself or not exists (from showing where is_itself)
        order by election_id desc, fact_id
        limit $most
        """,
        {"area": area, "number": number, "name": _name(con, area), "most": _MOST},
    ).fetchall()
    return [Printed(*row) for row in rows]


def _name(con: Session, area: str) -> str:
    row = con.execute("select name from ref.areas where area_code = ?", [area]).fetchone()
    return str(row[0]) if row else ""


def trace_fact(con: Session, fact_id: str) -> list[Origin]:
    """Return the claims behind a fact of `mart.v_area_all`."""
    return trace_row(con, "mart.v_area_all", [fact_id])


def _named(row: dict[str, Any]) -> Iterator[str]:
    """Yield the claims that a row names, each once."""
    seen = set()
    for column, value in row.items():
        if value is None or not (column.endswith(("claim_id", "claim_ids")) or column == "other_claims"):
            continue
        for one in str(value).split(";"):
            claim = one.partition("=")[0].strip()
            if claim and claim not in seen:
                seen.add(claim)
                yield claim


def _claims(con: Session, claim: str, through: tuple[str, ...], seen: set[str]) -> Iterator[Origin]:
    if claim in seen or len(seen) > _MOST:
        return
    seen.add(claim)
    kind, _, rest = claim.partition("/")
    if kind == "coverage" and rest.count("/") == 3:
        yield from _statement(con, claim, rest.split("/"), through)
    elif kind == "sum":
        yield from _sum(con, claim, through, seen)
    elif kind == "row" and rest.rpartition("/")[2].isdigit():
        yield from _line(con, claim, rest.rpartition("/"), through)
    elif claim.rpartition(":")[2].isdigit():  # the common notation `file:line`
        yield from _line(con, claim, claim.rpartition(":"), through)
    else:
        yield from _event(con, claim, through)


def _origins(
    claim: str, table: str, rows: Iterable[tuple[Any, ...]], through: tuple[str, ...]
) -> Iterator[Origin]:
    for file, line, url, title, confidence in rows:
        yield Origin(claim, table, str(file), int(line), url, title, confidence, through)


def _event(con: Session, claim: str, through: tuple[str, ...]) -> Iterator[Origin]:
    rows = con.execute(
        "select source_file, source_row, source_url, source_title, confidence from core.revote_claim where event_id = ?",
        [claim],
    ).fetchall()
    yield from _origins(claim, "core.revote_claim", rows, through)


def _line(
    con: Session, claim: str, place: tuple[str, str, str], through: tuple[str, ...]
) -> Iterator[Origin]:
    file, _, line = place
    for table in CLAIMED:
        _, columns = _find(con, table)
        page = "source_url, source_title, confidence" if "source_url" in columns else "null, basis, null"
        target = ".".join(map(quote, table.split(".")))
        rows = con.execute(
            f"select source_file, source_row, {page} from {target} where source_file = ? and source_row = ?",  # noqa: S608
            [file, int(line)],
        ).fetchall()
        yield from _origins(claim, table, rows, through)


def _statement(con: Session, claim: str, parts: Sequence[str], through: tuple[str, ...]) -> Iterator[Origin]:
    rows = con.execute(
        "select source_file, source_row, null, basis, null from core.coverage_statement"
        " where election_id = ? and area_code = split_part(?, '-', 1) and kind = ? and status = ?",
        [*parts],
    ).fetchall()
    yield from _origins(claim, "core.coverage_statement", rows, through)


def _sum(con: Session, claim: str, through: tuple[str, ...], seen: set[str]) -> Iterator[Origin]:
    """Yield the claims behind the parts of a sum, following nested sums."""
    rows = con.execute(
        "select claim_id from mart.sum_parts where sum_id = ? order by part_id", [claim]
    ).fetchall()
    for (one,) in rows:
        yield from _claims(con, str(one), (*through, claim), seen)


def _named_by_keys(
    con: Session, full_name: str, row: dict[str, Any], through: tuple[str, ...]
) -> Iterator[Origin]:
    """Yield the claims behind a parent row, such as the incident of a ballot."""
    keys = con.execute(
        "select columns, target_table from meta.relations where table_name = ? and key_kind = 'foreign'"
        " and not starts_with(target_table, 'ref.')",
        [full_name],
    ).fetchall()
    if "incident_id" in row and full_name != INCIDENTS:
        keys.append(("incident_id", INCIDENTS))
    if full_name == "mart.coverage":
        keys.append(("election_id,area_code,outcome", "mart.three_zeros"))
    for columns, target in keys:
        values = [row.get(one) for one in columns.split(",")]
        if None in values or len(values) != len(_key(con, target)):
            continue
        with suppress(NothingTracedError):
            found = trace_row(con, target, [str(one) for one in values])
            yield from (replace(one, through=(*through, *one.through)) for one in found)
            if found:
                return


def _is_of_forms(con: Session, full_name: str) -> bool:
    """Return whether a table is computed from result forms: claims about its area are then irrelevant to a row."""
    row = con.execute(
        """
        with recursive below as (
            select made_from from meta.lineage where table_name = ?
            union
            select l.made_from from below b join meta.lineage l on l.table_name = b.made_from
        )
        select count(*) from below where made_from in ('core.result', 'core.upload', 'core.tps', 'core.recap_progress')
        """,
        [full_name],
    ).fetchone()
    return bool(row and row[0])


def _station(con: Session, row: dict[str, Any], through: tuple[str, ...]) -> Iterator[Origin]:
    """Yield the line of the form from which a row about a station is computed."""
    if row.get("tps_id") is None:
        return
    rows = con.execute(
        "select source_file, source_row, null, null, null from core.result"
        " where election_id = ? and tps_id = ? and contest = coalesce(?, contest) order by all",
        [row.get("election_id"), row["tps_id"], row.get("contest")],
    ).fetchall()
    for one in rows:
        yield from _origins(row_id(one[0], one[1]), "core.result", [one], through)


def _page(con: Session, url: str, through: tuple[str, ...]) -> Iterator[Origin]:
    """Yield the lines that cite a page."""
    for table in CLAIMED:
        if "source_url" not in _find(con, table)[1]:
            continue
        target = ".".join(map(quote, table.split(".")))
        rows = con.execute(
            f"select source_file, source_row, source_url, source_title, confidence from {target}"  # noqa: S608
            " where source_url = ? order by all",
            [url],
        ).fetchall()
        for one in rows:
            yield from _origins(row_id(one[0], one[1]), table, [one], through)


def _about(con: Session, row: dict[str, Any], through: tuple[str, ...], seen: set[str]) -> Iterator[Origin]:
    """Yield claims for a row that names none, such as an estimate: those on its area, election and outcome."""
    areas = [row.get("area_code"), *str(row.get("member_codes") or "").split(";")]
    rows = con.execute(
        """
        select claim_id, fact_id
        from mart.v_area_all
        where list_contains(?, area_code) and election_id = coalesce(?, election_id) and claim_id is not null
            and (? is null or about = ? or (? = 'late_recap' and fact = 'recap')
                or (? = 'dispute' and fact in ('dispute', 'dispute_count')))
        order by fact_id
        """,
        [areas, row.get("election_id"), *[row.get("outcome")] * 4],
    ).fetchall()
    for claims, fact in rows:
        for claim in str(claims).split(";"):
            yield from _claims(con, claim, (*through, str(fact)), seen)


__all__ = [
    "NothingTracedError",
    "Origin",
    "Printed",
    "UnknownTableError",
    "computed_from",
    "printed",
    "trace_claim",
    "trace_fact",
    "trace_row",
]
