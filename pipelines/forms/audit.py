"""The audit of result forms, as SQL generated from the declared rules.

Nothing is read or written here: the functions return SELECT statements over core.tps, core.result, core.upload,
core.vote, ref.elections and mart.form_audit. In three-valued logic, a rule with a missing figure neither passes
nor fails. Masks hold one bit per rule.
"""

# ruff: noqa: S608 (every name in the SQL is a constant or comes from the declared rules)
from __future__ import annotations

from collections.abc import Sequence

from pipelines.catalog.form_rules import FormRule
from pipelines.catalog.sql import literal

# Shares outside the funnel limits are flagged: name -> (cases, units).
_SHARES = {
    "invalid": ("votes_invalid", "votes_total"),
    "dptb": ("dptb_users_total", "users_total"),
    "dpk": ("dpk_users_total", "users_total"),
}
# With fewer votes than this, identical results at neighbouring stations are not remarkable.
_SAME_FROM = 20


def verdict(rule: FormRule) -> str:
    """SQL: true where the rule holds, false where it fails, null where a
    figure is missing or it does not apply."""
    known = " and ".join(f"{column} is not null" for column in rule.needs)
    if rule.not_for:
        known += f" and election_id not in ({', '.join(map(literal, rule.not_for))})"
    return f"(case when {known} then ({rule.left}) {rule.op} ({rule.right}) end)"


def of_forms(rules: Sequence[FormRule]) -> list[tuple[int, FormRule]]:
    """Return (bit, rule) of the rules about one form."""
    return [(r.bit, r) for r in rules if r.bit is not None]


def mask(rules: Sequence[FormRule], holds: bool) -> str:
    """SQL over the verdicts `r0`, `r1`, …: a bit mask of the rules that hold, or of those that fail."""
    test = "r{bit}" if holds else "not r{bit}"
    bits = [f"case when {test.format(bit=b)} then {1 << b}::bigint else 0 end" for b, _ in of_forms(rules)]
    return " + ".join(bits) or "0::bigint"


def count_bits(column: str, rules: Sequence[FormRule], severity: str) -> str:
    """SQL: number of rules of a severity whose bit is set in `column`."""
    chosen = sum(1 << b for b, r in of_forms(rules) if r.severity == severity)
    return f"bit_count({column} & {chosen}::bigint)"


def wide_sql() -> str:
    """SQL CTEs up to `wide`: one row per form with every column that rules may use."""
    zs = ",\n        ".join(
        f"({x} - {n} * {s}_p) / nullif(sqrt(greatest({n} * {s}_p * (1 - {s}_p) * {s}_phi, 0)), 0) as {s}_z"
        for s, (x, n) in _SHARES.items()
    )
    return f"""
choices as (
    select
        election_id, contest, tps_id,
        -- A sum of which a part is missing is no sum.
        case when count(*) filter (counted and votes is null) = 0
            then sum(votes) filter (counted) end::bigint as choices_sum,
        max(votes)::bigint as choices_most,
        bit_xor(hash(kind, option_id, votes)) as fingerprint
    from (
        select *, kind <> 'party_total' as counted from core.vote
    )
    group by election_id, contest, tps_id
),
parties as (
    select election_id, contest, tps_id, max(abs(stated - parts))::bigint as party_gap
    from (
        select
            election_id, contest, tps_id, coalesce(party_id, option_id) as party,
            sum(votes) filter (kind = 'party_total') as stated,
            case when count(*) filter (kind <> 'party_total' and votes is null) = 0
                then sum(votes) filter (kind <> 'party_total') end as parts
        from core.vote where kind <> 'pair'
        group by all
    )
    group by election_id, contest, tps_id
),
ballots as (
    select election_id, tps_id, min(users) as home_users_least, max(users) as home_users_most
    from (select election_id, tps_id, dpt_users_total + dpk_users_total as users from core.result)
    where users is not null
    group by election_id, tps_id
    having count(*) > 1
),
-- Sorted with as few columns as will do: what goes through a window is copied.
neighbours as (
    select
        election_id, contest, tps_id, t.regency_code, t.district_code, t.village_code, t.tps,
        c.choices_sum, c.choices_most,
        case when c.choices_sum >= {_SAME_FROM}
            and (lag(fingerprint) over beside is not null or lead(fingerprint) over beside is not null)
        then (
            coalesce(fingerprint = lag(fingerprint) over beside, false)
            or coalesce(fingerprint = lead(fingerprint) over beside, false)
        )::int end as is_same_as_neighbour
    from core.result r
    join core.tps t using (election_id, tps_id)
    left join choices c using (election_id, contest, tps_id)
    window beside as (
        partition by
            election_id, contest,
            case when contains(tps_id, '/') then split_part(tps_id, '/', 1) else left(tps_id, 10) end
        order by length(t.tps), t.tps, tps_id
    )
),
{_limits_sql()},
wide as (
    select
        r.* exclude (source_file, source_row), n.* exclude (election_id, contest, tps_id),
        p.party_gap, b.home_users_least, b.home_users_most,
        e.tps_voter_cap,
        case when e.kind = 'regional' then 0.025 else 0.02 end as reserve_share,
        date_diff('hour', e.voting_date::timestamp, u.first_upload) as hours_to_upload,
        {zs}
    from core.result r
    join neighbours n using (election_id, contest, tps_id)
    join ref.elections e using (election_id)
    left join core.upload u using (election_id, contest, tps_id)
    left join parties p using (election_id, contest, tps_id)
    left join ballots b using (election_id, tps_id)
    left join limits l on (l.election_id, l.contest, l.province_code) = (r.election_id, r.contest, r.province_code)
)"""


def _limits_sql() -> str:
    """SQL CTE `limits`: share and over-dispersion of every province, for funnel limits.

    Source: Spiegelhalter 2005, Statistics in Medicine 24:1185: multiplicative over-dispersion from z-scores
    winsorised at their 10 % and 90 % quantiles.
    """
    pooled = ", ".join(
        f"sum({x}) filter ({n} is not null) / nullif(sum({n}) filter ({x} is not null), 0)::double as {s}_p"
        for s, (x, n) in _SHARES.items()
    )
    scores = ", ".join(
        f"({x} - {n} * {s}_p) / nullif(sqrt(greatest({n} * {s}_p * (1 - {s}_p), 0)), 0) as {s}_z0"
        for s, (x, n) in _SHARES.items()
    )
    ends = ", ".join(f"quantile_cont({s}_z0, [0.1, 0.9]) as {s}_q" for s in _SHARES)
    phis = ", ".join(
        f"any_value({s}_p) as {s}_p, "
        f"greatest(avg(power(greatest({s}_q[1], least({s}_q[2], {s}_z0)), 2)), 1) as {s}_phi"
        for s in _SHARES
    )
    return f"""pooled as (
    select election_id, contest, province_code, {pooled} from core.result group by all
),
scores as (
    select election_id, contest, province_code, {", ".join(f"{s}_p" for s in _SHARES)}, {scores}
    from core.result join pooled using (election_id, contest, province_code)
),
ends as (
    select election_id, contest, province_code, {ends} from scores group by all
),
limits as (
    select election_id, contest, province_code, {phis}
    from scores join ends using (election_id, contest, province_code)
    group by all
)"""


def audit_sql(rules: Sequence[FormRule]) -> str:
    """SELECT of mart.form_audit: one row per form with its failed, passed and not evaluable rules."""
    listed = of_forms(rules)
    verdicts = ",\n        ".join(f"{verdict(r)} as r{b}" for b, r in listed)
    names = ", ".join(f"case when failed_mask & {1 << b}::bigint <> 0 then '{r.id}' end" for b, r in listed)
    gaps = ", ".join(
        f"case when not r{b} then abs(({r.left}) - ({r.right})) end"
        for b, r in listed
        if r.severity == "error"
    )
    every = sum(1 << b for b, _ in listed)
    return f"""
with {wide_sql()},
judged as (
    select
        *,
        {verdicts}
    from wide
),
masked as (
    select *, ({mask(rules, False)})::bigint as failed_mask, ({mask(rules, True)})::bigint as passed_mask,
        greatest({gaps or "null"})::bigint as largest_gap
    from judged
)
select
    election_id, contest, tps_id, province_code, regency_code, district_code, village_code, tps,
    failed_mask, passed_mask, {every}::bigint & ~(failed_mask | passed_mask) as missing_mask,
    {count_bits("failed_mask", rules, "error")}::bigint as n_errors,
    {count_bits("failed_mask", rules, "soft")}::bigint as n_soft,
    {count_bits("failed_mask", rules, "flag")}::bigint as n_flags,
    bit_count(failed_mask | passed_mask)::bigint as n_evaluable,
    largest_gap,
    case when failed_mask <> 0 then concat_ws(';', {names}) end as failed_rules
from masked
"""
