with same_problem as (
    select area_code, lower(trim(problem)) as problem, count(distinct election_id) as n_elections
    from core.finding
    group by all
)
select
    f.finding_id,
    f.election_id,
    f.area_code,
    f.level,
    a.name as area_name,
    f.provision_code,
    p."order" as provision_order,
    f.finding_stage,
    f.problem,
    f.cause,
    f.legal_basis,
    f.recommendation,
    f.responsible,
    f.deadline,
    f.finding_status,
    f.source_url,
    f.source_title,
    f.source_date,
    f.confidence,
    s.n_elections,
    s.n_elections > 1 as is_recurring,
    f.recommendation is not null and f.finding_status in ('open', 'in_progress') as is_open
from core.finding f
join ref.areas a using (area_code)
join ref.provisions p using (provision_code)
join same_problem s on s.area_code = f.area_code and s.problem = lower(trim(f.problem))
