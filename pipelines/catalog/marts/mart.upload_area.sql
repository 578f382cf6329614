-- Hours from the close of polls to the first upload, for every area from village to nation.
with stations as (
    select
        u.election_id, u.contest, t.province_code, t.regency_code, t.district_code, t.village_code,
        u.first_upload is not null as is_uploaded,
        (epoch(u.first_upload) - epoch(c.closes_at)) / 3600 as hours
    from core.upload u
    join core.tps t using (election_id, tps_id)
    left join ref.poll_close c on c.election_id = u.election_id and c.province_code = t.province_code
),
-- A source that gives no time at all for a contest says nothing about lateness.
told as (
    select election_id, contest from stations group by all having bool_or(is_uploaded)
),
areas as (
    select
        election_id, contest, is_uploaded, hours, province_code,
        unnest([
            {'level': 'national', 'area_code': '00'},
            {'level': 'province', 'area_code': province_code},
            {'level': 'regency', 'area_code': regency_code},
            {'level': 'district', 'area_code': district_code},
            {'level': 'village', 'area_code': village_code}
        ], recursive := true)
    from stations
    semi join told using (election_id, contest)
)
select
    election_id, contest,
    case when level = 'national' then '00' else any_value(province_code) end as province_code,
    level, area_code,
    count(*) as n_tps,
    count(*) filter (is_uploaded) as n_uploaded,
    count(*) filter (not is_uploaded) as n_never,
    count(*) filter (hours >= 0) as n_timed,
    count(*) filter (hours < 0) as n_before_close,
    round(quantile_cont(hours, 0.10) filter (hours >= 0), 2) as hours_p10,
    round(quantile_cont(hours, 0.50) filter (hours >= 0), 2) as hours_median,
    round(quantile_cont(hours, 0.90) filter (hours >= 0), 2) as hours_p90,
    round(quantile_cont(hours, 0.99) filter (hours >= 0), 2) as hours_p99,
    count(*) filter (hours > 24) as n_after_24h,
    count(*) filter (hours > 48) as n_after_48h,
    count(*) filter (hours > 72) as n_after_72h
from areas
where area_code is not null
group by election_id, contest, level, area_code
order by election_id, contest, area_code
