"""The messages as reports say them: all used, and right with extreme values."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter

import pytest

from pipelines.catalog.translations import TranslationError
from pipelines.catalog.vocabulary import LANGUAGES
from pipelines.reporting.errors import ReportError
from pipelines.reporting.facts.values import ZEROS
from pipelines.reporting.formats.xlsx import MARKS
from pipelines.reporting.language.phrases import Phrases, read
from pipelines.reporting.sections.backtest import RULES
from pipelines.reporting.site.checklist import PHASES
from pipelines.reporting.site.render import FRAME

ROOT = Path(__file__).resolve().parents[3]
CODE = {".py", ".j2"}
# Keys put together at run time: prefix -> what may follow.
BUILT = {
    "goal.": set(ZEROS),
    "indicator.": {outcome for outcomes in ZEROS.values() for outcome in outcomes},
    "report.": set(FRAME),
    "unit.": {"incident", "tps", "case", "unit"},
    "rule.": set(RULES),
    "backtest.": {"worse", "same", "better"},
    "checklist.": set(PHASES) | {"voting_date", "in_charge", "signed_on", "signed_by"},
    "forms.heat_": {"sums", "limits", "votes"},
    "incident_forms.": {"higher", "lower", "apart", "one_regency", "few_regencies", "too_few"},
    "uploads.": {"within_24", "within_48", "within_72", "later", "never"},
    "sheet.mark_": set(MARKS),
    "sheet.means_": set(MARKS),
    "sheet.source_": {"number", "title", "date", "url"},
}


def placeholders(forms: tuple[str, ...]) -> set[str]:
    return {name for form in forms for _, name, _, _ in Formatter().parse(form) if name}


def test_every_phrase_is_used_somewhere() -> None:
    files = [
        path
        for top in ("pipelines", "flows", "titikrawan")
        for path in (ROOT / top).rglob("*")
        if path.suffix in CODE
    ]
    source = "\n".join(path.read_text(encoding="utf-8") for path in files)
    literal = set(re.findall(r'["\']([a-z_]+\.[a-z_0-9]+)["\']', source))
    built = {prefix + rest for prefix, names in BUILT.items() for rest in names}
    assert read("id").keys() - literal - built == set()
    assert built - read("id").keys() == set()


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("n", [0, 1, 2, 823236])
def test_every_phrase_renders_with_extreme_values(lang: str, n: int) -> None:
    say = Phrases(lang)
    for key, value in read(lang).items():
        if any(spec for form in value for _, _, spec, _ in Formatter().parse(form)):
            continue  # a message of the checks, which writes its numbers plainly: tests/catalog/test_messages.py
        text = say(key, **dict.fromkeys(placeholders(value) | {"n"}, n))
        assert text.strip(), key
        assert "{" not in text and "}" not in text, key
        if n == 823236 and "n" in placeholders(value):
            assert ("823.236" if lang == "id" else "823,236") in text, key


def test_english_plural_follows_the_number() -> None:
    say = Phrases("en")
    assert "1 unit of" in say("recap.verdicts", n=1, parts="-")
    assert "2 units of" in say("recap.verdicts", n=2, parts="-")


def test_missing_phrase_and_unknown_language_say_which() -> None:
    with pytest.raises(TranslationError, match=r"nothing\.here"):
        Phrases("id")("nothing.here")
    with pytest.raises(ReportError, match="xx"):
        Phrases("xx")("report.title")
