"""The controlled vocabulary of the project: languages, layers and every code list, each declared once.

Code lists are declared in `codes.yaml`; `codes("outcome")` returns the codes in the order of that file, so that
a code added there is known everywhere. What only the code needs is declared here: languages, layers, and groups
of codes. A test rejects a literal list of two or more members of one of these vocabularies anywhere else.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache


@dataclass(frozen=True)
class Language:
    """A language of the output.

    Attributes:
        name: its name for its own readers. locale: Babel's, for numbers and dates.
        decimal: decimal mark. separator: cell separator of CSV files, as spreadsheets in this language expect.
        columns: language shown to its readers where tables have name columns in two languages (`ground_id`,
            `ground_en`).
    """

    name: str
    locale: str
    decimal: str
    separator: str
    columns: str = "en"


# The first one is the default. A new language needs one row here and one folder
# pipelines/catalog/locale/<code>.
LANGUAGES: dict[str, Language] = {
    "id": Language("Bahasa Indonesia", "id_ID", decimal=",", separator=";", columns="id"),
    "en": Language("English", "en_GB", decimal=".", separator=","),
}
SOURCE_LANGUAGE = "en"
LANGS = tuple(LANGUAGES)
"""Languages of this installation, for defaults; translating code reads `LANGUAGES` at run time instead."""

LAYERS = ("ref", "core", "mart", "meta")
"""Schemas of the warehouse, in the order in which they are filled."""
LAYERS_TO_READ = ("mart", "core", "ref", "meta")
"""The same schemas, ordered by usefulness to readers."""

WHOLE_LAYERS = ("ref", "meta")
"""Layers that are exported whole, whichever area is requested."""

WORKBOOK_KINDS = ("kejadian", "rekap", "perkara", "exposure", "temuan")
"""Kinds of workbooks.yaml, repeated so that the command line need not read that file."""

INBOX = "inbox"
"""Folder below data/raw for workbooks waiting to be imported; it is not a source."""

EXPORT_FORMATS = ("parquet", "csv", "xlsx", "duckdb", "postgres")
"""Formats of `titikrawan export`."""

RUNNERS = ("threads", "processes", "dask")
"""Where mapped tasks can run."""


# Groups of codes from codes.yaml, in the order of use; a test checks them against their lists.
AREA_LEVELS = ("province", "regency", "district", "village")
"""Levels of area codes with 2, 4, 6 and 10 digits."""
OPEN_FINDINGS = ("open", "in_progress")
"""Statuses of a recommendation that is still pending."""
COMPARED_LEVELS = ("province", "regency", "district")
"""Levels at which areas are compared with each other."""
REPORT_LEVELS = ("national", "province", "regency")
"""Levels of areas that have their own pages."""
WIDE_LEVELS = ("national", "province")
PROVINCE_LEVELS = ("province", "former_province")
VILLAGE_LEVELS = ("village", "tps")
LEVELS_BELOW = {"national": ("province", "regency"), "province": ("regency", "district")}
"""Levels at which the parts of an area are compared."""
FRESH_VOTES = ("psu", "psl", "pss")
"""Outcomes that make people vote at a station on another day."""
LATER_VOTES = ("psl", "pss")
"""Interrupted or postponed votes; each has its own article of law, whatever the ground."""
COUNTED_REVOTES = ("psu", "psl", "pss", "pssu", "psu_court")
RE_VOTES = ("psu", "psu_court")
HOTSPOT_OUTCOMES = ("psu", "psl", "pss", "late_recap", "dispute")
CERTAINTY_OUTCOMES = ("psu", "psl", "pss", "dispute")
FUNNEL_OUTCOMES = ("psu", "dispute", "psl", "pss")
AFTER_VOTING = ("late_recap", "dispute")
"""Outcomes after voting and counting."""
DONE_STATUSES = ("held", "decided")
"""A re-vote that was held or that an authority ordered."""
PRINTED_CONFIDENCES = ("high", "medium")
"""Confidence levels at which an article of law may be shown, highest first."""
LAW_MATTERS = (
    "psu_deadline",
    "recount_grounds",
    "dispute_filing",
    "dispute_decision",
    "recap_window",
    "re_recapitulation",
)
"""Matters regulated by law other than the grounds of events."""
LADDER = ("reported", "recommended", "decided", "held")
"""Steps of an incident, first to last."""
COURT_BASES = ("mk", "mk_and_bawaslu")
GRANTED = ("granted", "granted_part")
LATE = ("late", "late_at_least")
"""Verdicts on a late recapitulation."""
JUDGED = ("on_time", *LATE)
NOT_JUDGED = ("undecided", "no_verdict")
LAST_MILESTONES = ("recap_national", "result_declared")
TOTALLED_FIGURES = ("n_tps", "dpt_total")
"""Exposure figures whose provinces must add up to the national figure."""
CLAIMED_EVIDENCE = ("confirmed_several", "supported_once")
"""Evidence classes that rest on a test."""
EVIDENCE_TO_LOOK_AT = ("number_open", "watch_list")
FORM_EVIDENCE_TO_LOOK_AT = ("supported", "watch")
CHECKS_OF_SEVERAL = ("reconciliation", "release")
"""Kinds of checks that compare several tables; all others depend on one table and those that it references."""
FORM_BALLOT_SUBJECTS = ("votes", "ballots")
"""Parts of a form whose rules are drawn together."""
FORM_REMEDIES_TO_EXPLAIN = ("recount", "correction")
# The code list from which each group is taken.
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
    "check_kind": (CHECKS_OF_SEVERAL,),
}


@cache
def codes(code_list: str) -> tuple[str, ...]:
    """Return the codes of a list in codes.yaml, in its order.

    Raises:
        KeyError: there is no such list.
    """
    from .declared import code_lists

    return tuple(code_lists()[code_list])
