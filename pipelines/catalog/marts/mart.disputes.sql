select
    'row/' || c.source_file || '/' || c.source_row as dispute_id,
    c.case_id,
    c.election_id,
    coalesce(c.area_code, '00') as area_code,
    a.level,
    a.name as area_name,
    nullif(left(coalesce(c.area_code, '00'), 2), '00') as province_code,
    c.forum,
    c.contest,
    c.constituency,
    case
        when c.petitioner is null then null
        when regexp_matches(c.petitioner, '(?i)perseorangan|caleg') then 'individual'
        when regexp_matches(c.petitioner, '(?i)pasangan calon') then 'pair'
        when regexp_matches(c.petitioner, '(?i)^(partai|pdi )') then 'party'
        else 'other'
    end as petitioner_kind,
    c.date_registered,
    c.date_decided,
    c.verdict,
    c.order_kind,
    c.order_n_tps,
    c.order_scope,
    c.confidence,
    c.source_url,
    c.source_title,
    c.source_date
from core.dispute_case c
left join ref.areas a on a.area_code = coalesce(c.area_code, '00')
