-- Names, articles and sources beside the incidents.
select
    i.incident_id,
    i.place_id,
    i.election_id,
    i.outcome,
    i.status,
    i.area_code,
    i.level,
    a.name as area_name,
    nullif(left(i.area_code, 2), '00') as province_code,
    r.area_code as regency_code,
    r.name as regency_name,
    d.area_code as district_code,
    coalesce(d.name, i.district) as district_name,
    v.area_code as village_code,
    coalesce(v.name, i.village) as village_name,
    i.tps,
    i.tps_number,
    i.n_tps,
    i.is_within,
    i.is_number_stated,
    i.reported_date,
    i.reported_basis,
    i.reported_claim_id,
    i.recommended_date,
    i.recommended_basis,
    i.recommended_claim_id,
    i.refused_date,
    i.refused_basis,
    i.refused_claim_id,
    i.decided_date,
    i.decided_basis,
    i.decided_claim_id,
    i.held_date,
    i.held_basis,
    i.held_claim_id,
    i.is_court_ordered,
    i.ballots,
    i.ground_code,
    g.label_id as ground_id,
    g.label_en as ground_en,
    law.law_id,
    law.state as law_state,
    law.citation as article,
    law.force as law_force,
    i.decided_date as date_decided,
    i.held_date as date_held,
    date_diff('day', e.voting_date, i.held_date) as days_after_vote,
    c.basis,
    c.confidence,
    i.claim_id,
    i.n_claims,
    i.claim_ids,
    i.possibly_same_as,
    i.note,
    c.source_url,
    c.source_title,
    c.source_date
from core.incident i
join ref.elections e using (election_id)
join ref.areas a using (area_code)
left join core.revote_claim c on c.event_id = i.claim_id
left join ref.areas r on r.area_code = left(i.area_code, 4) and r.level = 'regency'
left join ref.areas d on d.area_code = left(i.area_code, 6) and d.level = 'district'
left join ref.areas v on v.area_code = i.area_code and v.level = 'village'
left join ref.grounds g on g.ground_code = i.ground_code
left join ref.law_in_force law
    on law.election_id = i.election_id
    and law.subject = i.outcome
    and law.ground_code = coalesce(i.ground_code, 'unknown')
