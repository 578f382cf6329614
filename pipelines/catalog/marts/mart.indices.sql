with stated as (
    select
        *,
        'row/' || source_file || '/' || source_row as statement_id,
        coalesce(dimension, 'total') as dimension_written,
        row_number() over (
            partition by index_id, edition, area_code, coalesce(dimension, 'total')
            order by
                case confidence when 'high' then 1 when 'medium' then 2 else 3 end,
                source_date desc nulls last,
                source_row
        ) as heard
    from core.index_score
),
all_of_one as (
    select
        index_id,
        edition,
        area_code,
        dimension_written,
        min(score) as score_low,
        max(score) as score_high,
        count(*) as n_statements,
        count(distinct score) > 1 as is_contradicted,
        string_agg(statement_id || '=' || coalesce(score::varchar, ''), ';' order by heard)
            filter (where heard > 1) as other_claims
    from stated
    group by all
),
-- An edition begins with the election it is about; the index of a year is about that year's general election.
editions as (
    select
        edition,
        index_id,
        coalesce(
            (
                select max_by(e.election_id, length(e.election_id))
                from ref.elections e
                where starts_with(s.edition, e.election_id)
            ),
            (
                select e.election_id
                from ref.elections e
                where s.index_id <> 'dkpp_cases' and e.election_id = 'pemilu-' || left(s.edition, 4)
            )
        ) as election_id
    from (select distinct edition, index_id from core.index_score) s
)
select
    s.index_id,
    s.edition,
    editions.election_id,
    s.area_code,
    s.level,
    s.dimension_written,
    trim(
        regexp_replace(lower(regexp_replace(s.dimension_written, '\([^)]*\)', '', 'g')), '[^a-z0-9]+', '_', 'g'),
        '_'
    ) as dimension,
    nullif(regexp_extract(s.dimension_written, '\(([^)]*)\)', 1), '') as dimension_note,
    s.score,
    a.score_low,
    a.score_high,
    s.category,
    s.rank,
    a.n_statements,
    a.is_contradicted,
    s.statement_id as claim_id,
    a.other_claims,
    s.confidence,
    s.source_url,
    s.source_title,
    s.source_date
from stated s
join all_of_one a using (index_id, edition, area_code, dimension_written)
join editions using (index_id, edition)
where s.heard = 1
