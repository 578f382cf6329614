with counts as (
    select
        concat_ws('/', 'mart.counts', election_id, area_code, kind, measure) as fact_id,
        area_code, level, election_id, 'revote_count' as fact, 'outcome' as about_list, kind as about, measure as detail,
        case when is_complete then lower end as value_exact, lower as value_lower, upper as value_upper, 'tps' as unit,
        cast(null as date) as fact_date, cast(null as varchar) as text, cast(null as varchar) as confidence,
        claim_id, cast(null as varchar) as source_url, cast(null as varchar) as source_title
    from mart.counts
),
incidents as (
    select
        concat_ws('/', 'mart.incidents', incident_id) as fact_id, area_code, level, election_id, 'incident' as fact,
        'outcome' as about_list, outcome as about, status as detail,
        case when is_number_stated then n_tps end as value_exact, n_tps as value_lower,
        case when is_number_stated then n_tps end as value_upper, 'tps' as unit,
        coalesce(held_date, decided_date, recommended_date, reported_date) as fact_date,
        concat_ws(', ', village_name, district_name, 'TPS ' || tps) as text, confidence, claim_id, source_url,
        source_title
    from mart.incidents
),
recaps as (
    select
        concat_ws('/', 'mart.recap_timeliness', election_id, milestone, area_code) as fact_id, area_code, level,
        election_id, 'recap' as fact, 'milestone' as about_list, milestone as about, verdict as detail,
        days_late_exact as value_exact, days_late_lower as value_lower, days_late_upper as value_upper, 'day' as unit,
        date_completed as fact_date, cast(null as varchar) as text, confidence, claim_id, source_url, source_title
    from mart.recap_timeliness
),
dispute_counts as (
    select
        concat_ws('/', 'mart.dispute_counts', election_id, area_code, contest_group, measure) as fact_id, area_code,
        level, election_id, 'dispute_count' as fact, 'contest_group' as about_list, contest_group as about,
        measure as detail, case when coverage = 'complete' then value end as value_exact, value as value_lower,
        case when coverage = 'complete' then value end as value_upper, 'case' as unit, source_date as fact_date,
        cast(null as varchar) as text, confidence, claim_id, source_url, source_title
    from mart.dispute_counts
),
disputes as (
    select
        concat_ws('/', 'mart.disputes', dispute_id) as fact_id, area_code, level, election_id, 'dispute' as fact,
        'contest' as about_list, contest as about, verdict as detail, 1 as value_exact, 1 as value_lower,
        1 as value_upper, 'case' as unit, coalesce(date_decided, date_registered) as fact_date, case_id as text,
        confidence, dispute_id as claim_id, source_url, source_title
    from mart.disputes
),
exposure as (
    select
        concat_ws('/', 'core.exposure_resolution', election_id, area_code) as fact_id, area_code, level, election_id,
        'stations' as fact, cast(null as varchar) as about_list, cast(null as varchar) as about,
        rests_on as detail, n_tps as value_exact, coalesce(n_tps_low, n_tps) as value_lower,
        coalesce(n_tps_high, n_tps) as value_upper, 'tps' as unit, source_date as fact_date,
        cast(null as varchar) as text, confidence, claim_id, source_url, source_title
    from core.exposure_resolution
),
hotspots as (
    select
        concat_ws('/', 'mart.hotspots', scope_code, election_id, outcome, level, area_code) as fact_id, area_code,
        level, election_id, 'hotspot' as fact, 'outcome' as about_list, outcome as about, evidence as detail,
        eb_ratio as value_exact, eb_low as value_lower, eb_high as value_upper, 'ratio' as unit,
        cast(null as date) as fact_date, 'scope ' || scope_code as text, cast(null as varchar) as confidence,
        cast(null as varchar) as claim_id, cast(null as varchar) as source_url, cast(null as varchar) as source_title
    from mart.hotspots
),
indices as (
    select
        concat_ws('/', 'mart.indices', index_id, edition, area_code, dimension_written) as fact_id, area_code, level,
        election_id, 'index' as fact, 'index' as about_list, index_id as about, dimension as detail,
        case when not is_contradicted then score end as value_exact, score_low as value_lower,
        score_high as value_upper, 'score' as unit, source_date as fact_date,
        concat_ws(', ', edition, category, dimension_note) as text, confidence, claim_id, source_url, source_title
    from mart.indices
),
findings as (
    select
        concat_ws('/', 'mart.findings', finding_id) as fact_id, area_code, level, election_id, 'finding' as fact,
        'finding_stage' as about_list, finding_stage as about, finding_status as detail,
        cast(null as double) as value_exact, cast(null as double) as value_lower, cast(null as double) as value_upper,
        cast(null as varchar) as unit, source_date as fact_date, problem as text, confidence, finding_id as claim_id,
        source_url, source_title
    from mart.findings
),
completeness as (
    select
        concat_ws('/', 'mart.coverage', election_id, area_code, outcome) as fact_id, area_code, level, election_id,
        'coverage' as fact, 'outcome' as about_list, outcome as about, coverage as detail,
        case when coverage = 'complete' then value end as value_exact, value as value_lower,
        case when coverage = 'complete' then value end as value_upper,
        case outcome when 'late_recap' then 'unit' when 'dispute' then 'case' else 'tps' end as unit,
        cast(null as date) as fact_date, statement as text, cast(null as varchar) as confidence,
        cast(null as varchar) as claim_id, cast(null as varchar) as source_url, cast(null as varchar) as source_title
    from mart.coverage
),
everything as (
    from counts
    union all by name from incidents
    union all by name from recaps
    union all by name from dispute_counts
    union all by name from disputes
    union all by name from exposure
    union all by name from hotspots
    union all by name from indices
    union all by name from findings
    union all by name from completeness
)
select
    e.*,
    v.name_id as about_name_id,
    v.name_en as about_name_en
from everything e
left join meta.code_values v on v.code_list = e.about_list and v.code = e.about
