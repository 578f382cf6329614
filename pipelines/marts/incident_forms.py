"""mart.incident_forms, core.form_signal and mart.form_separation: do result forms show where incidents were?"""

from __future__ import annotations

import numpy as np
import pandas as pd

from pipelines.catalog import columns
from pipelines.catalog.vocabulary import DONE_STATUSES
from pipelines.stats.stratified_auc import stratified_auc

from . import Read, Release

# Column of core.form_signal -> larger means more suspicious.
SIGNALS = (
    "turnout", "turnout_gap", "invalid_share", "dptb_share", "dpk_share", "n_errors", "n_flags", "hours_to_upload",
)  # fmt: skip
STATUSES = DONE_STATUSES

_KIND = r"^(desa|kelurahan|kel|gampong|nagari)[ .-]+"
_NAME = f"regexp_replace(regexp_replace(lower({{}}), '{_KIND}', ''), '[^a-z0-9]', '', 'g')"

# A station is matched by number and village code; if the register has no village code, by number and village
# name within the smallest area it names. An ambiguous match is discarded.
_MATCHES = f"""
    places as (
        select
            incident_id, election_id, outcome, status, area_code, any_value(village_name) as village_name, tps,
            ltrim(tps, '0') as number
        from mart.incidents
        where tps is not null
        group by all
    ),
    stations as (
        select
            election_id, tps_id, village_code, regency_code, district_code, ltrim(tps, '0') as number,
            {_NAME.format("village")} as name
        from core.tps
    ),
    found as (
        select p.incident_id, p.outcome, p.status, s.tps_id, 'code' as how
        from places p join stations s
            on s.election_id = p.election_id and s.village_code = p.area_code and s.number = p.number
        where length(p.area_code) = 10
        union all
        select p.incident_id, p.outcome, p.status, s.tps_id, 'name'
        from places p join stations s
            on s.election_id = p.election_id and s.number = p.number
            and s.name = {_NAME.format("p.village_name")}
            and case length(p.area_code) when 4 then s.regency_code else s.district_code end = p.area_code
        where length(p.area_code) in (4, 6)
    ),
    matches as (
        select
            p.*, case when count(f.tps_id) = 1 then any_value(f.tps_id) end as tps_id,
            case count(f.tps_id) when 0 then 'none' when 1 then any_value(f.how) else 'ambiguous' end as match
        from places p left join found f using (incident_id, outcome, status)
        group by all
    )"""  # noqa: S608 (constants)

_SIGNALS = """
    signals as (
        select
            r.election_id, r.contest, r.tps_id, r.province_code, a.regency_code, a.district_code,
            r.users_total / nullif(r.dpt_total, 0)::double as turnout,
            r.votes_invalid / nullif(r.votes_total, 0)::double as invalid_share,
            r.dptb_users_total / nullif(r.users_total, 0)::double as dptb_share,
            r.dpk_users_total / nullif(r.users_total, 0)::double as dpk_share,
            a.n_errors, a.n_flags, a.n_evaluable, a.failed_rules,
            date_diff('hour', e.voting_date::timestamp, u.first_upload) as hours_to_upload,
            coalesce(a.village_code, split_part(r.tps_id, '/', 1)) as village
        from core.result r
        join mart.form_audit a using (election_id, contest, tps_id)
        join ref.elections e using (election_id)
        left join core.upload u using (election_id, contest, tps_id)
    ),
    beside as (
        select
            *,
            abs(turnout - (sum(turnout) over around - turnout) / nullif(count(turnout) over around - 1, 0))
                as turnout_gap
        from signals
        window around as (partition by election_id, contest, village)
    )"""


def selects() -> dict[str, str]:
    """Return the SELECT statements of the tables computed inside the database."""
    held = ", ".join(f"'{s}'" for s in STATUSES)
    rows = f"""
        with {_MATCHES},
        {_SIGNALS}
        select
            m.incident_id, m.outcome, m.status, m.election_id, m.area_code, m.village_name, m.tps, m.match, m.tps_id,
            b.contest, b.turnout, b.turnout_gap, b.hours_to_upload, b.n_errors, b.n_flags, b.n_evaluable,
            b.failed_rules
        from matches m left join beside b using (election_id, tps_id)
    """  # noqa: S608 (constants)
    signals = f"""
        with cases as (
            select distinct i.election_id, i.outcome, i.tps_id, t.regency_code
            from mart.incident_forms i join core.tps t using (election_id, tps_id)
            where i.status in ({held}) and i.tps_id is not null and t.regency_code is not null
        ),
        places as (select distinct election_id, outcome, regency_code from cases),
        {_SIGNALS}
        select
            p.outcome, b.election_id, b.contest, b.tps_id, b.province_code, b.regency_code,
            c.tps_id is not null as is_case,
            b.turnout, b.turnout_gap, b.invalid_share, b.dptb_share, b.dpk_share,
            case when b.n_evaluable > 0 then b.n_errors end as n_errors,
            case when b.n_evaluable > 0 then b.n_flags end as n_flags, b.hours_to_upload
        from beside b
        join places p using (election_id, regency_code)
        left join cases c using (election_id, outcome, tps_id)
        order by p.outcome, b.election_id, b.contest, b.tps_id
    """  # noqa: S608 (constants)
    return {"mart.incident_forms": rows, "core.form_signal": signals}


def build(read: Read, release: Release) -> dict[str, pd.DataFrame]:
    """Return the AUC of every signal for every outcome, within regencies that had the outcome."""
    signals = read("core.form_signal")
    rows = []
    for (election, contest, outcome), group in signals.groupby(
        ["election_id", "contest", "outcome"], sort=True
    ):
        for name in SIGNALS:
            found = stratified_auc(
                group[name].astype("float64").to_numpy(),
                group["is_case"].to_numpy(bool),
                group["regency_code"].to_numpy(object).astype("str"),
                seed=release.seed,
            )
            if found.n_cases:
                rows.append(
                    {"election_id": election, "contest": contest, "outcome": outcome, "signal": name,
                     "auc": round(found.auc, 4), "auc_low": round(found.low, 4), "auc_high": round(found.high, 4),
                     "n_cases": found.n_cases, "n_others": found.n_others, "n_regencies": found.n_strata}
                )  # fmt: skip
    frame = pd.DataFrame(rows, columns=columns("mart.form_separation"))
    for column in ("auc", "auc_low", "auc_high"):
        values = frame[column].astype("Float64")
        frame[column] = values.mask(np.isnan(frame[column].astype("float64")))
    for column in ("n_cases", "n_others", "n_regencies"):
        frame[column] = frame[column].astype("Int64")
    for column in ("election_id", "contest", "outcome", "signal"):
        frame[column] = frame[column].astype("str")
    return {"mart.form_separation": frame}
