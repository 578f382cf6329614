select
    i.incident_id,
    unnest(list_sort(list_distinct(string_split(case i.ballots when 'all' then e.ballots else i.ballots end, ';'))))
        as contest,
    i.ballots = 'all' as is_by_all
from core.incident i
join ref.elections e using (election_id)
where i.ballots is not null
