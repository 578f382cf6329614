-- A unit counts at every area it lies in, as areas stood at the election.
with former as (
    select distinct e.election_id, l.former_code, l.area_code as province_code
    from ref.area_lineage l
    join ref.elections e on l.change = 'split' and e.voting_date < l.valid_to
),
judged as (
    select election_id, area_code as unit_code, level, milestone, verdict in ('late', 'late_at_least') as is_late, claim_id
    from core.recap_unit
    where is_unit and verdict in ('late', 'late_at_least', 'on_time')
),
placed as (
    select
        *,
        unnest(list_distinct(
            if(contains(unit_code, '-'), ['00', unit_code], ['00', left(unit_code, 2), left(unit_code, 4), unit_code])
        )) as area_code
    from judged
    union all
    -- A province that was split later: its regencies and districts lay in the undivided one.
    select j.*, f.former_code as area_code
    from judged j
    join former f on f.election_id = j.election_id and f.province_code = left(j.unit_code, 2)
    where j.level in ('regency', 'district') and not contains(j.unit_code, '-')
)
select
    'sum/' || election_id || '/' || area_code || '/late_recap/late' as sum_id,
    election_id,
    area_code,
    milestone || '/' || unit_code as part_id,
    cast(is_late as bigint) as value,
    claim_id
from placed
