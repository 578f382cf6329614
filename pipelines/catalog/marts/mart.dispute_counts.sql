select
    d.election_id,
    d.area_code,
    d.level,
    a.name as area_name,
    d.contest_group,
    d.measure,
    d.value,
    d.coverage,
    d.n_cases,
    d.rests_on,
    d.claim_id,
    d.source_url,
    d.source_title,
    d.source_date,
    d.confidence
from core.dispute_resolution d
join ref.areas a using (area_code)
