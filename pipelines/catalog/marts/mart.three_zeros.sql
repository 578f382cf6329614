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
revotes as (
    select
        r.election_id, r.area_code, r.outcome, r.value, r.coverage, r.claim_id, r.rests_on, r.n_unlocated,
        cast(null as bigint) as n_known, r.flags, r.basis, r.claim_date, r.confidence, c.source_url, c.source_title
    from core.claim_resolution r
    left join core.revote_claim c on c.event_id = r.claim_id
    -- What the court ordered counts as soon as it is ordered; everything else when it was held.
    where r.status = case r.outcome when 'psu_court' then 'decided' else 'held' end
),
judged as (
    select
        l.election_id,
        l.area_code,
        count(*) filter (where u.verdict in ('late', 'late_at_least')) as n_late,
        count(*) filter (where u.verdict in ('late', 'late_at_least', 'on_time')) as n_known,
        min(u.claim_id) filter (where u.verdict in ('late', 'late_at_least')) as first_late,
        min(u.claim_id) as first_claim,
        max(u.source_date) as latest_source
    from core.recap_unit u
    join lies_in l on l.election_id = u.election_id and l.unit_code = u.area_code
    where u.is_unit and u.verdict in ('late', 'late_at_least', 'on_time')
    group by all
),
units_due as (
    select election_id, area_code, count(*) as n_due
    from lies_in
    group by all
),
late as (
    select
        j.election_id, j.area_code, 'late_recap' as outcome, j.n_late as value,
        case when j.n_known >= d.n_due then 'complete' else 'at_least' end as coverage,
        coalesce(j.first_late, j.first_claim) as claim_id, 'sum_of_parts' as rests_on,
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
        arg_max(claim_id, value) as claim_id,
        case when count(*) > 1 then 'sum_of_parts' else min(rests_on) end as rests_on,
        greatest(sum(value) - sum(n_cases), 0) as n_unlocated, cast(null as bigint) as n_known,
        cast(null as varchar) as flags, 'mk' as basis, max(source_date) as claim_date,
        arg_max(confidence, value) as confidence, arg_max(source_url, value) as source_url,
        arg_max(source_title, value) as source_title
    from core.dispute_resolution
    where measure = 'registered'
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
    coalesce(k.coverage, 'no_data') as coverage,
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
left join known k using (election_id, area_code, outcome)
left join core.exposure_resolution d using (election_id, area_code)
