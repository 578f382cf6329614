with revote_claims as (
    select
        'revote' as subject, alt.election_id, alt.area_code, alt.outcome, alt.status,
        cast(alt.chosen_value as varchar) as chosen_value, alt.chosen_claim_id,
        cast(alt.value as varchar) as other_value, alt.claim_id as other_claim_id, c.basis as other_basis,
        coalesce(c.date_held, c.date_decided, c.source_date) as other_date, alt.reason
    from core.claim_alternative alt
    join core.revote_claim c on c.event_id = alt.claim_id
    where alt.value is distinct from alt.chosen_value
),
parts as (
    select
        'revote' as subject, r.election_id, r.area_code, r.outcome, r.status,
        cast(r.value as varchar) as chosen_value, r.claim_id as chosen_claim_id,
        coalesce(cast(own.n_tps as varchar), 'tanpa angka') as other_value, own.event_id as other_claim_id,
        own.basis as other_basis, coalesce(own.date_held, own.date_decided, own.source_date) as other_date,
        'parts_exceed_whole' as reason
    from core.claim_resolution r
    join core.revote_claim own
        on own.election_id = r.election_id and own.area_code = split_part(r.area_code, '-', 1)
        and own.level = replace(r.level, 'former_', '') and own.level <> 'tps' and own.kind = r.outcome
        and own.status = r.status
    where contains(coalesce(r.flags, ''), 'parts_exceed_whole') and r.rests_on = 'claim'
),
denominators as (
    select
        'exposure' as subject, x.election_id, d.area_code, cast(null as varchar) as outcome,
        cast(null as varchar) as status, cast(d.n_tps as varchar) as chosen_value, d.claim_id as chosen_claim_id,
        cast(x.n_tps as varchar) as other_value, x.source_file || ':' || x.source_row as other_claim_id,
        x.source_title as other_basis, x.source_date as other_date, 'other_number_of_tps' as reason
    from core.exposure x
    join core.exposure_resolution d
        on d.election_id = x.election_id and split_part(d.area_code, '-', 1) = x.area_code
        and replace(d.level, 'former_', '') = x.level
    where x.n_tps is not null and x.n_tps <> d.n_tps
),
recaps as (
    select
        'recap' as subject, election_id, area_code, 'late_recap' as outcome, milestone as status,
        cast(date_completed as varchar) as chosen_value, claim_id as chosen_claim_id,
        cast(n_statements as varchar) || ' pernyataan' as other_value, cast(null as varchar) as other_claim_id,
        cast(null as varchar) as other_basis, source_date as other_date, 'sources_state_different_dates' as reason
    from core.recap_unit
    where is_disputed
),
everything as (
    from revote_claims
    union all by name from parts
    union all by name from denominators
    union all by name from recaps
)
select
    concat_ws('/', e.subject, e.election_id, e.area_code, e.outcome, e.status, e.reason, e.other_claim_id)
        as conflict_id,
    e.subject,
    e.election_id,
    e.area_code,
    a.level,
    a.name as area_name,
    e.outcome,
    e.status,
    e.chosen_value,
    e.chosen_claim_id,
    e.other_value,
    e.other_claim_id,
    e.other_basis,
    e.other_date,
    e.reason
from everything e
join ref.areas a using (area_code)
