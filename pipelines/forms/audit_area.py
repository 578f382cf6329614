"""The audit of result forms per area and the worst forms, as SQL generated from the declared rules."""

# ruff: noqa: S608 (every name in the SQL is a constant or comes from the declared rules)
from __future__ import annotations

from collections.abc import Sequence

from pipelines.catalog.form_rules import FormRule
from pipelines.forms.audit import of_forms, verdict


def area_sql(rules: Sequence[FormRule]) -> str:
    """SELECT: evaluable, failed and missing forms per level, area, election, contest and rule.

    Districts are counted first and all higher levels are sums of them; forms whose district (or regency) is
    unknown count only at the levels above it.
    """
    bits = [b for b, _ in of_forms(rules)]
    counted = ", ".join(
        f"sum((failed_mask >> {b}) & 1)::bigint as f{b}, sum((passed_mask >> {b}) & 1)::bigint as p{b}"
        for b in bits
    )
    added = ", ".join(f"sum(f{b})::bigint as f{b}, sum(p{b})::bigint as p{b}" for b in bits)
    listed = ", ".join(f"{{'rule': '{r.id}', 'failed': f{b}, 'passed': p{b}}}" for b, r in of_forms(rules))
    of_areas = ", ".join(
        f"{{'rule': '{r.id}', 'failed': (not {verdict(r)})::int, 'passed': {verdict(r)}::int}}"
        for r in rules
        if r.scope == "area"
    )
    keys = "election_id, contest, province_code, regency_code, district_code"
    return f"""
with districts as (
    select {keys}, count(*) as n_forms, {counted} from mart.form_audit group by all
),
levels as (
    select
        election_id, contest,
        case grouping(province_code, regency_code, district_code)
            when 7 then 'national' when 3 then 'province' when 1 then 'regency' else 'district' end as level,
        coalesce(district_code, regency_code, province_code, '00') as area_code,
        sum(n_forms)::bigint as n_forms, {added}
    from districts
    group by grouping sets (
        (election_id, contest), (election_id, contest, province_code),
        (election_id, contest, province_code, regency_code),
        (election_id, contest, province_code, regency_code, district_code)
    )
    having (grouping(regency_code) = 1 or regency_code is not null)
        and (grouping(district_code) = 1 or district_code is not null)
),
summed as (
    select
        election_id, contest, area_code, kind, option_id, sum(votes)::bigint as votes, count(votes) as n_known
    from (
        select
            v.election_id, v.contest, v.kind, v.option_id, v.votes,
            unnest(['00', t.province_code, t.regency_code, t.district_code]) as area_code
        from core.vote v join core.tps t using (election_id, tps_id)
        where exists (select 1 from core.area_result)
    )
    where area_code is not null
    group by all
),
disagreeing as (
    select
        p.election_id, p.contest, p.area_code,
        count(*) filter (p.votes is distinct from s.votes)::bigint as choices_disagreeing,
        min(coalesce(s.n_known, 0)) as n_known,
        bool_and(coalesce(p.progress_percent, 100) >= 100) as is_whole
    from core.area_result p
    left join summed s using (election_id, contest, area_code, kind, option_id)
    where p.votes is not null
    group by all
),
-- A sum that lacks a station, or a figure published before all stations were in, can be compared with nothing.
facts as (
    select
        l.*, l.n_forms as n_tps, x.n_tps as n_tps_official,
        case when d.is_whole and d.n_known = l.n_forms and l.n_forms >= coalesce(x.n_tps, 0)
            then d.choices_disagreeing end as choices_disagreeing
    from levels l
    left join core.exposure_resolution x using (election_id, area_code)
    left join disagreeing d using (election_id, contest, area_code)
),
form_rules as (
    select
        election_id, contest, level, area_code, n_forms as n_units, one.rule as rule_id,
        one.failed + one.passed as n_evaluable, one.failed as n_failed
    from (select * exclude (n_tps, n_tps_official, choices_disagreeing), unnest([{listed}]) as one from facts)
),
area_rules as (
    select
        election_id, contest, level, area_code, 1::bigint as n_units, one.rule as rule_id,
        coalesce(one.failed + one.passed, 0)::bigint as n_evaluable, coalesce(one.failed, 0)::bigint as n_failed
    from (
        select election_id, contest, level, area_code, unnest([{of_areas}]) as one from facts
    )
)
select
    election_id, contest,
    case when area_code = '00' then '00' else left(area_code, 2) end as province_code,
    level, area_code, rule_id, n_units, n_evaluable, n_failed, n_units - n_evaluable as n_missing
from (select * from form_rules union all select * from area_rules)
-- What no form of a district can answer is not said 7,000 times; its province says it.
where n_evaluable > 0 or level <> 'district'
order by election_id, contest, area_code, rule_id
"""


def worst_sql(rules: Sequence[FormRule], per_area: int) -> str:
    """SELECT of mart.form_worst: the forms of each regency with the most
    failures, with the disagreeing figures."""
    texts = ", ".join(
        f"case when not r{b} then '{r.id}: {r.left} = ' || ({r.left}) || ' ; {r.right} = ' || ({r.right}) end"
        for b, r in _errors(rules)
    )
    return f"""
with {_worst_ctes(rules, per_area)}
select
    c.election_id, c.contest, c.regency_code as area_code, c.rank, c.tps_id,
    t.district, t.village, t.tps, c.n_errors, c.largest_gap, concat_ws(' | ', {texts}) as figures
from chosen c
join judged using (election_id, contest, tps_id)
join core.tps t using (election_id, tps_id)
order by election_id, contest, area_code, rank
"""


def worst_figures_sql(rules: Sequence[FormRule], per_area: int) -> str:
    """SELECT of mart.form_worst_figure: both sides of every rule that a worst form fails."""
    sides = ", ".join(
        f"{{'rule_id': '{r.id}', 'left_value': ({r.left})::bigint, 'right_value': ({r.right})::bigint, 'holds': r{b}}}"
        for b, r in _errors(rules)
    )
    return f"""
with {_worst_ctes(rules, per_area)},
sides as (
    select
        c.election_id, c.contest, c.regency_code as area_code, c.rank, unnest([{sides}], recursive := true)
    from chosen c
    join judged using (election_id, contest, tps_id)
)
select election_id, contest, area_code, rank, rule_id, left_value, right_value
from sides
where not holds
order by election_id, contest, area_code, rank, rule_id
"""


def _errors(rules: Sequence[FormRule]) -> list[tuple[int, FormRule]]:
    return [(b, r) for b, r in of_forms(rules) if r.severity == "error"]


def _worst_ctes(rules: Sequence[FormRule], per_area: int) -> str:
    """SQL CTEs up to `judged`: the forms with the most errors in each
    regency, with the verdict of every error rule."""
    verdicts = ", ".join(f"{verdict(r)} as r{b}" for b, r in _errors(rules))
    return f"""chosen as (
    select
        election_id, contest, tps_id, regency_code, district_code, n_errors, largest_gap,
        row_number() over (
            partition by election_id, contest, regency_code
            order by n_errors desc, largest_gap desc, tps_id
        ) as rank
    from mart.form_audit
    where n_errors > 0 and regency_code is not null
    qualify rank <= {per_area}
),
choices as (
    select
        election_id, contest, tps_id,
        case when count(*) = count(votes) then sum(votes) end::bigint as choices_sum, max(votes)::bigint as choices_most
    from core.vote semi join chosen using (election_id, contest, tps_id)
    where kind <> 'party_total'
    group by all
),
wide as (
    select
        r.*, c.choices_sum, c.choices_most, null::bigint as party_gap, e.tps_voter_cap,
        case when e.kind = 'regional' then 0.025 else 0.02 end as reserve_share
    from core.result r
    semi join chosen using (election_id, contest, tps_id)
    join ref.elections e using (election_id)
    left join choices c using (election_id, contest, tps_id)
),
judged as (select *, {verdicts} from wide)"""
