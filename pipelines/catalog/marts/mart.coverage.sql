with regencies as (
    select
        z.election_id,
        z.outcome,
        parent.area_code,
        count(*) as n_regency,
        count(*) filter (where z.coverage = 'complete') as n_complete,
        count(*) filter (where z.coverage = 'at_least') as n_at_least,
        count(*) filter (where z.coverage = 'steps_only') as n_steps_only,
        count(*) filter (where z.coverage = 'no_data') as n_no_data
    from mart.three_zeros z
    join ref.areas parent
        on parent.area_code = '00' or (parent.level = 'province' and starts_with(z.area_code, parent.area_code))
    where z.level = 'regency'
    group by all
),
-- A count of what was held says more about the zero than one of what was ordered.
stated as (
    from core.coverage_statement
    qualify row_number() over (partition by election_id, area_code, kind order by status = 'held' desc) = 1
)
select
    z.election_id,
    z.area_code,
    z.level,
    z.area_name,
    z.outcome,
    z.coverage,
    z.value,
    coalesce(r.n_regency, 0) as n_regency,
    coalesce(r.n_complete, 0) as n_complete,
    coalesce(r.n_at_least, 0) as n_at_least,
    coalesce(r.n_steps_only, 0) as n_steps_only,
    coalesce(r.n_no_data, 0) as n_no_data,
    z.n_unlocated,
    s.expected_count,
    s.status as expected_status,
    case when s.status = 'held' then z.value - s.expected_count end as difference,
    s.note as statement
from mart.three_zeros z
left join regencies r using (election_id, outcome, area_code)
left join stated s
    on s.election_id = z.election_id and s.area_code = z.area_code and s.kind = z.outcome
where z.level in ('national', 'province')
