"""One catalogue of messages: complete, used, the same for Babel, and open to another language."""

from __future__ import annotations

import ast
import pickle
from pathlib import Path
from string import Formatter

import pytest
from babel.messages.pofile import read_po

from pipelines.catalog import translations
from pipelines.catalog.messages import Given, Joined, Message, UserError, fill, given, speak_in
from pipelines.catalog.vocabulary import LANGUAGES
from tests.support.code import nodes

ROOT = Path(__file__).resolve().parents[3]
FILES = sorted(translations.LOCALE.glob("*/*.po"))
SOURCE = [path for top in ("pipelines", "flows", "titikrawan") for path in sorted((ROOT / top).rglob("*.py"))]
SAYS = {"Message", "say", "speak_in"}


def fields(text: str) -> set[tuple[str, str | None, str | None]]:
    """Placeholders with how they are written."""
    return {(name, spec, how) for _, name, spec, how in Formatter().parse(text) if name}


@pytest.mark.parametrize("path", FILES, ids=lambda p: f"{p.parent.name}/{p.stem}")
def test_our_reader_reads_what_babel_reads(path: Path) -> None:
    with path.open("rb") as stream:
        theirs = [m for m in read_po(stream, locale=path.parent.name, abort_invalid=True) if m.context]
    ours = [entry for entry in translations.read_po(path) if entry.key]
    assert not any(m.fuzzy for m in theirs)
    assert [(m.context, tuple(m.id) if m.pluralizable else (m.id,)) for m in theirs] == [
        (entry.key, tuple(entry.source)) for entry in ours
    ]
    strings = [m.string if isinstance(m.string, tuple) else (m.string,) for m in theirs]
    assert strings == [tuple(entry.forms) for entry in ours]


def test_every_message_has_its_indonesian_with_the_same_placeholders() -> None:
    english, indonesian = (translations.translations(lang).forms for lang in ("en", "id"))
    assert english.keys() == indonesian.keys()
    for key, forms in indonesian.items():
        assert all(form.strip() for form in (*forms, *english[key])), key
        wanted = fields(english[key][-1])
        assert all(fields(form) == wanted for form in (*forms, *english[key])), key


@pytest.mark.parametrize("path", [p for p in FILES if p.stem != "report"], ids=lambda p: p.stem)
def test_messages_stand_in_order_of_their_keys_in_the_file_of_their_room(path: Path) -> None:
    keys = [entry.key for entry in translations.read_po(path) if entry.key]
    assert keys == sorted(keys)
    assert {key.partition(".")[0] for key in keys} == {path.stem}


def missaid(source: str) -> list[str]:
    """Messages that code says and that do not exist, or do not get their values."""
    known, found = translations.translations("en").forms, []
    for node in nodes(source):
        if not isinstance(node, ast.Call) or not node.args:
            continue
        function, first = node.func, node.args[0]
        name = function.id if isinstance(function, ast.Name) else ""
        inner = (
            function.func.id if isinstance(function, ast.Call) and isinstance(function.func, ast.Name) else ""
        )
        if name not in SAYS - {"speak_in"} and inner != "speak_in":
            continue
        if not (isinstance(first, ast.Constant) and isinstance(first.value, str)):
            continue
        if first.value not in known:
            found.append(f"line {node.lineno}: {first.value}")
            continue
        keywords = {k.arg for k in node.keywords}
        if None not in keywords:  # values that are handed on as `**facts` cannot be seen here
            wanted = {field for form in known[first.value] for field, _, _ in fields(form)}
            if not wanted <= keywords:
                found.append(f"line {node.lineno}: {first.value} lacks {wanted - keywords}")
    return found


@pytest.mark.xdist_group("code")
def test_every_message_that_code_says_exists_and_gets_its_values() -> None:
    assert len(SOURCE) > 400
    found = {str(path.relative_to(ROOT)): missaid(path.read_text(encoding="utf-8")) for path in SOURCE}
    assert {name: faults for name, faults in found.items() if faults} == {}


def test_the_rule_sees_a_message_that_is_not_there_and_one_without_its_value() -> None:
    code = (
        "Message('no.such'); say('jobs.held', release=1); speak_in('id')('no.other'); Message('x', **facts)"
    )
    faults = missaid(code)
    assert [fault.split(": ")[1].split(" ")[0] for fault in faults] == [
        "no.such",
        "jobs.held",
        "no.other",
        "x",
    ]


@pytest.mark.xdist_group("code")
def test_no_pair_of_languages_stands_in_code() -> None:
    """Words for people are in the catalogue: no dictionary {"id": ..., "en": ...} of texts elsewhere."""
    found = []
    for path in SOURCE:
        for node in nodes(path.read_text(encoding="utf-8")):
            if isinstance(node, ast.Dict):
                keys = {key.value for key in node.keys if isinstance(key, ast.Constant)}
                texts = [value for value in node.values if isinstance(value, ast.Constant | ast.JoinedStr)]
                if keys >= {"id", "en"} and len(texts) >= 2:
                    found.append(f"{path.relative_to(ROOT)}:{node.lineno}")
    assert found == []


def test_a_message_speaks_every_language_and_fills_in_texts_of_the_same_language() -> None:
    said = Message("quality.not_a", form=Message("quality.form_integer"), hint="X")
    assert said["en"] == "not a whole number like 1234; X"
    assert said["id"] == "bukan bilangan bulat seperti 1234; X"
    assert dict(said) == {lang: said[lang] for lang in LANGUAGES} == dict(pickle.loads(pickle.dumps(said)))
    assert Joined("a:", Given({"en": "b"}), "")["id"] == "a: b"
    assert given({"id": "x", "en": "y"}, "xx") == "y"
    with pytest.raises(translations.TranslationError, match=r"nothing\.here"):
        speak_in("id")("nothing.here")
    with pytest.raises(translations.TranslationError, match="xx"):
        fill("xx", "cli.ok", {})


def test_an_error_says_its_hint_keeps_its_code_and_travels_between_processes() -> None:
    error = UserError(Message("cli.no_releases"), exit_code=3, hint={"en": "Wait.", "id": "Tunggu."})
    back = pickle.loads(pickle.dumps(error))
    assert back.said("id") == "Belum ada rilis. Jalankan: titikrawan run Tunggu."
    assert (str(back), back.exit_code) == ("There is no release yet. Start a run: titikrawan run Wait.", 3)


def test_a_file_that_is_no_gettext_is_named_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "cli.po"
    path.write_text('msgid ""\nmsgstr ""\n\nmsgctxt "a.b"\nmsgid no quotes\n', encoding="utf-8")
    with pytest.raises(translations.TranslationError, match=r"cli\.po, line 5"):
        list(translations.read_po(path))


# Errors that never reach a person: caught where they are raised for, or mistakes of ours.
INTERNAL = {
    "TranslationError": "a mistake of ours, found by tests",
    "AnalysisError": "an input that only code can hand to a statistic",
    "ContentError": "an answer that is asked for again or noted",
    "RecordError": "a record that goes to quarantine",
}


@pytest.mark.xdist_group("code")
def test_every_error_that_a_person_may_see_is_a_user_error() -> None:
    bases: dict[str, set[str]] = {}
    for path in SOURCE:
        for node in nodes(path.read_text(encoding="utf-8")):
            if (
                isinstance(node, ast.ClassDef)
                and node.name.endswith("Error")
                and not node.name.startswith("_")
            ):
                bases[node.name] = {base.id for base in node.bases if isinstance(base, ast.Name)}

    def rests_on(name: str, wanted: set[str]) -> bool:
        return name in wanted or any(rests_on(base, wanted) for base in bases.get(name, ()))

    assert len(bases) > 15
    assert [n for n in bases if not rests_on(n, {"UserError", *INTERNAL}) and n != "UserError"] == []
    assert bases.keys() >= INTERNAL.keys()
