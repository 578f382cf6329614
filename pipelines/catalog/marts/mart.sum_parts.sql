with groups as (
    select
        'sum/' || election_id || '/' || area_code || '/dispute/' || measure as sum_id,
        election_id,
        area_code,
        contest_group as part_id,
        value,
        claim_id
    from core.dispute_resolution
    where claim_id is not null
    qualify count(*) over (partition by election_id, area_code, measure) > 1
)
from core.count_part
union all by name from core.dispute_part
union all by name from core.exposure_part
union all by name from core.recap_part
union all by name from groups
