-- Codes of stations begin with the codes of the areas they lie in.
with edits as (
    select
        election_id, contest, tps_id, change, changed_at,
        regexp_matches(field, '^(chart|caleg|tungsura\.(chart|caleg)|votes\.)') as is_vote,
        abs(try_cast(trim(after, '"') as bigint) - try_cast(trim(before, '"') as bigint)) as difference
    from core.result_change
),
areas as (
    select
        *,
        unnest([
            {'level': 'national', 'area_code': '00'},
            {'level': 'province', 'area_code': tps_id[:2]},
            {'level': 'regency', 'area_code': tps_id[:4]},
            {'level': 'district', 'area_code': tps_id[:6]},
            {'level': 'village', 'area_code': tps_id[:10]}
        ], recursive := true)
    from edits
),
forms as (
    select
        election_id, contest,
        unnest(['00', tps_id[:2], tps_id[:4], tps_id[:6], tps_id[:10]]) as area_code
    from core.result
    where length(tps_id) = 13 and exists (select 1 from core.result_change)
),
counted as (
    select election_id, contest, area_code, count(*) as n_tps from forms group by all
)
select
    a.election_id, a.contest, a.level, a.area_code,
    count(distinct a.tps_id) as n_tps_changed,
    any_value(f.n_tps) as n_tps,
    count(*) filter (a.change = 'edited') as n_edits,
    count(*) filter (a.change = 'withdrawn') as n_withdrawn,
    count(*) filter (a.change = 'edited' and a.is_vote) as n_vote_edits,
    coalesce(sum(a.difference) filter (a.is_vote), 0) as n_votes_moved,
    max(a.difference) filter (a.is_vote) as largest_change,
    min(a.changed_at) as first_changed,
    max(a.changed_at) as last_changed
from areas a
left join counted f using (election_id, contest, area_code)
group by a.election_id, a.contest, a.level, a.area_code
