-- One row per place and contest. `leaf_id` is the place: count n_tps once per leaf_id.
with places as (
    select
        l.*,
        c.ballots,
        c.ground_code,
        c.date_decided,
        c.date_held,
        c.basis,
        c.confidence,
        c.source_url,
        c.source_title,
        c.source_date,
        c.regency,
        a.name as area_name,
        left(l.area_code, 2) as province_code,
        case when length(l.area_code) in (4, 6, 10) then left(l.area_code, 4) end as regency_code,
        case when length(l.area_code) in (6, 10) then left(l.area_code, 6) end as district_code
    from core.claim_leaf l
    join ref.areas a using (area_code)
    left join core.revote_claim c on c.event_id = l.claim_id
),
per_contest as (
    select
        p.*,
        unnest(case
            when p.ballots is null or p.ballots = 'all' then [cast(null as varchar)]
            else list_sort(list_distinct(string_split(p.ballots, ';')))
        end) as contest
    from places p
)
select
    p.leaf_id || coalesce('/' || p.contest, '') as incident_id,
    p.leaf_id,
    p.election_id,
    p.outcome,
    p.status,
    p.contest,
    p.ballots,
    p.area_code,
    p.level,
    p.area_name,
    nullif(p.province_code, '00') as province_code,
    p.regency_code,
    r.name as regency_name,
    coalesce(d.name, p.district) as district_name,
    coalesce(v.name, p.village) as village_name,
    p.tps,
    p.n_tps,
    p.ground_code,
    g.label_id as ground_id,
    g.label_en as ground_en,
    law.law_id,
    law.state as law_state,
    law.citation as article,
    law.force as law_force,
    p.date_decided,
    p.date_held,
    date_diff('day', e.voting_date, p.date_held) as days_after_vote,
    p.basis,
    p.confidence,
    p.claim_id,
    p.source_url,
    p.source_title,
    p.source_date
from per_contest p
join ref.elections e using (election_id)
left join ref.areas r on r.area_code = p.regency_code
left join ref.areas d on d.area_code = p.district_code
left join ref.areas v on v.area_code = p.area_code and v.level = 'village'
left join ref.grounds g using (ground_code)
left join ref.law_in_force law
    on law.election_id = p.election_id
    and law.subject = p.outcome
    and law.ground_code = coalesce(p.ground_code, 'unknown')
