with cited as (
    select 'core.revote_claim' as table_name, election_id, area_code, source_url, source_title, source_date, confidence
    from core.revote_claim
    union all
    select 'core.recap_milestone', election_id, area_code, source_url, source_title, source_date, confidence
    from core.recap_milestone
    union all
    select 'core.dispute_case', election_id, area_code, source_url, source_title, source_date, confidence
    from core.dispute_case
    union all
    select 'core.dispute_count', election_id, area_code, source_url, source_title, source_date, confidence
    from core.dispute_count
    union all
    select 'core.exposure', election_id, area_code, source_url, source_title, source_date, confidence
    from core.exposure
    union all
    select 'core.index_score', null, area_code, source_url, source_title, source_date, confidence
    from core.index_score
    union all
    select 'core.finding', election_id, area_code, source_url, source_title, source_date, confidence
    from core.finding
    union all
    select 'ref.area_lineage', null, area_code, source_url, source_title, source_date, confidence
    from ref.area_lineage
    union all
    select 'ref.articles', null, '00', source_url, source_title, source_date, confidence
    from ref.articles
)
select
    source_url,
    case
        when starts_with(source_url, 'dokumen:') then 'dokumen'
        else regexp_replace(regexp_extract(source_url, '^https?://([^/:]+)', 1), '^www\.', '')
    end as publisher,
    min(source_title) as source_title,
    min(source_date) as first_date,
    max(source_date) as last_date,
    count(*) as n_rows,
    string_agg(distinct table_name, ';' order by table_name) as tables,
    string_agg(distinct election_id, ';' order by election_id) as elections,
    string_agg(distinct left(area_code, 2), ';' order by left(area_code, 2)) as provinces,
    case
        when bool_or(confidence = 'low') then 'low'
        when bool_or(confidence = 'medium') then 'medium'
        when bool_or(confidence = 'high') then 'high'
    end as lowest_confidence
from cited
where source_url is not null
group by source_url
