-- One row per election x area x outcome. Nation, provinces and regencies always; deeper areas where anything is known.
with election_scope as (
    select
        election_id,
        voting_date,
        case when starts_with(scope, 'province:') then split_part(scope, ':', 2) end as only_province
    from ref.elections
),
former as (
    select distinct e.election_id, l.former_code, l.area_code as province_code
    from ref.area_lineage l
    join election_scope e on l.change = 'split' and e.voting_date < l.valid_to
),
-- Every area that runs a recapitulation and the areas it lies in, itself included, as they stood at the election.
units as (
    select area_code as unit_code, level from ref.areas where level in ('national', 'province', 'regency', 'district')
),
lies_in as (
    select e.election_id, u.unit_code, unnest(list_distinct(['00', left(u.unit_code, 2), left(u.unit_code, 4), u.unit_code])) as area_code
    from election_scope e
    cross join units u
    where e.only_province is null or u.unit_code = '00' or starts_with(u.unit_code, e.only_province)
    union all
    -- A province that was split later: its regencies and districts lay in the undivided one.
    select f.election_id, u.unit_code, f.former_code
    from former f
    join units u on left(u.unit_code, 2) = f.province_code and u.level in ('regency', 'district')
    union all
    -- The undivided province ran its own recapitulation.
    select distinct election_id, former_code, unnest(['00', former_code]) as area_code
    from former
),
-- What the court ordered counts as soon as it is ordered; everything else when it was held.
bounded as (
    from mart.counts
    where measure = if(kind = 'psu_court', 'ordered', 'held') and rests_on <> 'none'
),
revotes as (
    select
        n.election_id, n.area_code, n.kind as outcome, n.lower as value,
        if(n.is_complete, 'complete', 'at_least') as coverage, n.claim_id, n.rests_on,
        greatest(n.lower - n.n_located, 0) as n_unlocated, cast(null as bigint) as n_known,
        if(n.is_contradicted, 'contradicted', null) as flags,
        coalesce(c.basis, s.basis) as basis,
        coalesce(case c.status when 'held' then c.date_held when 'decided' then c.date_decided end, c.source_date, s.as_of)
            as claim_date,
        c.confidence, c.source_url, c.source_title
    from bounded n
    left join core.revote_claim c on c.event_id = n.claim_id
    left join core.coverage_statement s
        on n.claim_id = 'coverage/' || s.election_id || '/' || s.area_code || '/' || s.kind || '/' || s.status
),
judged as (
    select
        p.election_id, p.area_code, min(p.sum_id) as sum_id, sum(p.value) as n_late, count(*) as n_known,
        max(u.source_date) as latest_source
    from core.recap_part p
    join core.recap_unit u on u.election_id = p.election_id and p.part_id = u.milestone || '/' || u.area_code
    group by p.election_id, p.area_code
),
units_due as (
    select election_id, area_code, count(*) as n_due
    from lies_in
    semi join judged using (election_id, area_code)
    group by all
),
late as (
    select
        j.election_id, j.area_code, 'late_recap' as outcome, j.n_late as value,
        case when j.n_known >= d.n_due then 'complete' else 'at_least' end as coverage,
        j.sum_id as claim_id, 'sum_of_parts' as rests_on,
        cast(null as bigint) as n_unlocated, j.n_known, cast(null as varchar) as flags, cast(null as varchar) as basis,
        j.latest_source as claim_date, cast(null as varchar) as confidence,
        cast(null as varchar) as source_url, cast(null as varchar) as source_title
    from judged j
    join units_due d using (election_id, area_code)
),
disputes as (
    select
        election_id, area_code, 'dispute' as outcome, sum(value) as value,
        case when bool_and(coverage = 'complete') then 'complete' else 'at_least' end as coverage,
        if(count(*) > 1, min('sum/' || election_id || '/' || area_code || '/dispute/registered'), min(claim_id)) as claim_id,
        case when count(*) > 1 then 'sum_of_parts' else min(rests_on) end as rests_on,
        greatest(sum(value) - sum(n_cases), 0) as n_unlocated, cast(null as bigint) as n_known,
        cast(null as varchar) as flags, 'mk' as basis, max(source_date) as claim_date,
        arg_max(confidence, value) as confidence, arg_max(source_url, value) as source_url,
        arg_max(source_title, value) as source_title
    from core.dispute_resolution
    where measure = 'registered' and claim_id is not null
    group by election_id, area_code
),
known as (
    from revotes
    union all by name from late
    union all by name from disputes
),
-- What is certain of re-votes: what was ordered is shown where it differs from what was held.
certain as (
    select
        election_id, area_code, kind as outcome,
        max(lower) filter (measure = 'ordered') as ordered_lower,
        max(lower) filter (measure = 'held') as held_lower,
        max(upper) filter (measure = 'held') as held_upper
    from mart.counts
    group by all
),
spoken_of as (
    select distinct election_id, outcome, unnest(list_distinct(['00', left(area_code, 2), left(area_code, 4), area_code])) as area_code
    from core.incident
),
outcomes as (
    select unnest(['psu', 'psl', 'pss', 'pssu', 'psu_court', 'late_recap', 'dispute']) as outcome
),
expected as (
    select e.election_id, e.voting_date, a.area_code, a.level, a.name, o.outcome
    from election_scope e
    cross join ref.areas a
    cross join outcomes o
    where
        a.level in ('national', 'province', 'regency')
        and (e.only_province is null or a.area_code = '00' or starts_with(a.area_code, e.only_province))
    union
    select e.election_id, e.voting_date, a.area_code, a.level, a.name, k.outcome
    from known k
    join election_scope e using (election_id)
    join ref.areas a using (area_code)
)
select
    x.election_id,
    x.area_code,
    x.level,
    x.outcome,
    0 as target,
    k.value,
    coalesce(k.coverage, if(i.area_code is null, 'no_data', 'steps_only')) as coverage,
    k.claim_id,
    coalesce(k.rests_on, 'none') as rests_on,
    k.n_unlocated,
    k.n_known,
    k.flags,
    x.name as area_name,
    x.voting_date,
    d.n_tps,
    k.basis,
    k.claim_date,
    k.confidence,
    k.source_url,
    k.source_title,
    c.ordered_lower,
    c.held_lower,
    c.held_upper
from expected x
left join certain c using (election_id, area_code, outcome)
left join spoken_of i using (election_id, area_code, outcome)
left join known k using (election_id, area_code, outcome)
left join core.exposure_resolution d using (election_id, area_code)
