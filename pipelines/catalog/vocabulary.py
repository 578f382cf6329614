"""The words the project counts in: languages, layers and every code list, each declared once.

A code list stands in `codes.yaml`; `codes("outcome")` gives its codes in the order of that file, so that a code added
there is known everywhere. What only code needs to know stands here: languages, layers, and which codes are used
together. A test refuses a literal list of two or more members of one of these vocabularies anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Language:
    """A language of the output.

    Attributes:
        name: what its readers call it. locale: Babel's, for numbers and dates.
        decimal: mark before decimals. separator: between the cells of a CSV file, as spreadsheets set to it expect.
        columns: the language its readers are shown where tables name things in two columns, `ground_id`, `ground_en`.
    """

    name: str
    locale: str
    decimal: str
    separator: str
    columns: str = "en"


# The first one is the default. Another language is one row here and one folder pipelines/catalog/locale/<code>.
LANGUAGES: dict[str, Language] = {
    "id": Language("Bahasa Indonesia", "id_ID", decimal=",", separator=";", columns="id"),
    "en": Language("English", "en_GB", decimal=".", separator=","),
}
SOURCE_LANGUAGE = "en"
LANGS = tuple(LANGUAGES)
"""Languages of this installation, for defaults; whatever translates asks `LANGUAGES` at the time."""

LAYERS = ("ref", "core", "mart", "meta")
"""Schemas of the warehouse, in the order in which they are filled."""
LAYERS_TO_READ = ("mart", "core", "ref", "meta")
"""The same, what people should use first."""

WHOLE_LAYERS = ("ref", "meta")
"""Layers that are taken away whole, whichever area is wanted."""

WORKBOOK_KINDS = ("kejadian", "rekap", "perkara", "exposure", "temuan")
"""Kinds of workbooks.yaml; the command line must know them without reading it."""

INBOX = "inbox"
"""Folder below data/raw for workbooks that wait to be taken; it is no source."""

EXPORT_FORMATS = ("parquet", "csv", "xlsx", "duckdb", "postgres")
"""What `titikrawan export` writes."""

RUNNERS = ("threads", "processes", "dask")
"""Where mapped tasks run."""


# Codes of codes.yaml that code names together, in the order in which they are used; a test holds them to their lists.
AREA_LEVELS = ("province", "regency", "district", "village")
"""Levels of an area code of 2, 4, 6 and 10 digits."""
OPEN_FINDINGS = ("open", "in_progress")
"""States of a recommendation that is still to be carried out."""
COMPARED_LEVELS = ("province", "regency", "district")
"""Levels on which areas are compared with each other."""
REPORT_LEVELS = ("national", "province", "regency")
"""Levels of areas that have pages of their own."""
WIDE_LEVELS = ("national", "province")
PROVINCE_LEVELS = ("province", "former_province")
VILLAGE_LEVELS = ("village", "tps")
LEVELS_BELOW = {"national": ("province", "regency"), "province": ("regency", "district")}
"""Which levels are compared within an area."""
FRESH_VOTES = ("psu", "psl", "pss")
"""Outcomes in which people vote at a station on another day."""
LATER_VOTES = ("psl", "pss")
"""Votes that were interrupted or put off; the law has an article for each, whatever the ground."""
COUNTED_REVOTES = ("psu", "psl", "pss", "pssu", "psu_court")
RE_VOTES = ("psu", "psu_court")
HOTSPOT_OUTCOMES = ("psu", "psl", "pss", "late_recap", "dispute")
CERTAINTY_OUTCOMES = ("psu", "psl", "pss", "dispute")
FUNNEL_OUTCOMES = ("psu", "dispute", "psl", "pss")
AFTER_VOTING = ("late_recap", "dispute")
"""Outcomes that come after voting and counting."""
DONE_STATUSES = ("held", "decided")
"""A re-vote that was held, or that an authority ordered."""
PRINTED_CONFIDENCES = ("high", "medium")
"""Confidences of an article of law that may be shown, the surest first."""
LAW_MATTERS = (
    "psu_deadline",
    "recount_grounds",
    "dispute_filing",
    "dispute_decision",
    "recap_window",
    "re_recapitulation",
)
"""What the law sets besides the grounds of events."""
LADDER = ("reported", "recommended", "decided", "held")
"""Steps of an incident, from the first to the last."""
COURT_BASES = ("mk", "mk_and_bawaslu")
GRANTED = ("granted", "granted_part")
LATE = ("late", "late_at_least")
"""Verdicts on a recapitulation that took too long."""
JUDGED = ("on_time", *LATE)
NOT_JUDGED = ("undecided", "no_verdict")
LAST_MILESTONES = ("recap_national", "result_declared")
TOTALLED_FIGURES = ("n_tps", "dpt_total")
"""Figures of exposure that provinces must add up to for the nation."""
CLAIMED_EVIDENCE = ("confirmed_several", "supported_once")
"""Classes of evidence that rest on a test."""
EVIDENCE_TO_LOOK_AT = ("number_open", "watch_list")
FORM_EVIDENCE_TO_LOOK_AT = ("supported", "watch")
FORM_BALLOT_SUBJECTS = ("votes", "ballots")
"""Parts of a form whose rules are drawn together."""
FORM_REMEDIES_TO_EXPLAIN = ("recount", "correction")
# Which code list each group is taken from.
GROUPS = {
    "finding_status": (OPEN_FINDINGS,),
    "level": (
        AREA_LEVELS,
        COMPARED_LEVELS,
        REPORT_LEVELS,
        WIDE_LEVELS,
        PROVINCE_LEVELS,
        VILLAGE_LEVELS,
        *LEVELS_BELOW.values(),
    ),
    "outcome": (
        FRESH_VOTES,
        LATER_VOTES,
        COUNTED_REVOTES,
        RE_VOTES,
        HOTSPOT_OUTCOMES,
        CERTAINTY_OUTCOMES,
        FUNNEL_OUTCOMES,
        AFTER_VOTING,
    ),
    "status": (DONE_STATUSES, LADDER),
    "basis": (COURT_BASES,),
    "confidence": (PRINTED_CONFIDENCES,),
    "law_subject": (LAW_MATTERS,),
    "verdict": (GRANTED,),
    "recap_verdict": (LATE, JUDGED, NOT_JUDGED),
    "milestone": (LAST_MILESTONES,),
    "exposure_figure": (TOTALLED_FIGURES,),
    "evidence": (CLAIMED_EVIDENCE, EVIDENCE_TO_LOOK_AT),
    "form_evidence": (FORM_EVIDENCE_TO_LOOK_AT,),
    "form_remedy": (FORM_REMEDIES_TO_EXPLAIN,),
    "rule_subject": (FORM_BALLOT_SUBJECTS,),
}


@cache
def codes(code_list: str) -> tuple[str, ...]:
    """Codes of a list in codes.yaml, in its order.

    Raises:
        KeyError: there is no such list.
    """
    from .declared import code_lists

    return tuple(code_lists()[code_list])
