"""Read the YAML declarations into `Table` values; every error names its file."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from .compiled import parsed
from .messages import Message
from .model import SQL_TYPES, CatalogError, Field, ForeignKey, Rule, SourceRef, Table
from .vocabulary import LANGUAGES, LAYERS, SOURCE_LANGUAGE

HERE = Path(__file__).parent
RUN_COLUMNS = ("release_id", "seed")
"""Columns of computed tables that describe the run they come from."""
# Key in fields.yaml of the rule for every date and timestamp that a source states.
PLAUSIBLE = "_plausible_date"
_PROVENANCE: tuple[dict[str, Any], ...] = (
    {"name": "source_file", "type": "string", "constraints": {"required": True}},
    {"name": "source_row", "type": "integer", "constraints": {"required": True, "minimum": 0}},
)


def read_yaml(path: Path) -> Any:
    """Parse one YAML file; raises CatalogError with file and position."""

    def parse() -> Any:
        import yaml  # imported late: the command line imports the catalog and must start at once

        loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
        try:
            return yaml.load(path.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (safe loader)
        except yaml.YAMLError as error:
            raise CatalogError(Message("catalog.not_yaml", name=path.name, error=error)) from error

    return parsed(path, parse, __file__)


def words_of(raw: Mapping[str, Any], key: str, fallback: Mapping[str, Any], default: str) -> dict[str, str]:
    """Return `title_id`, `title_en`, … of a declaration; English fills in for a missing language."""
    given = {
        lang: raw.get(f"{key}_{lang}") or fallback.get(f"{key}_{lang}")
        for lang in (*LANGUAGES, SOURCE_LANGUAGE)
    }
    return {lang: str(given[lang] or given[SOURCE_LANGUAGE] or default) for lang in LANGUAGES}


def in_every_language(words: Mapping[str, Any]) -> dict[str, Any]:
    """Return declared words (`en` or `short_en`) for every language, with English where one is missing."""
    full = dict(words)
    for name, text in words.items():
        beginning, _, lang = f"_{name}".rpartition("_")
        if lang == SOURCE_LANGUAGE:
            for other in LANGUAGES:
                full.setdefault(f"{beginning}_{other}".removeprefix("_"), text)
    return full


def _field(raw: Any, glossary: Mapping[str, Any], codes: Mapping[str, Any], where: str) -> Field:
    if not isinstance(raw, Mapping) or "name" not in raw or "type" not in raw:
        raise CatalogError(Message("catalog.field_incomplete", where=where, raw=raw))
    name, kind = str(raw["name"]), str(raw["type"])
    if kind not in SQL_TYPES:
        raise CatalogError(
            Message("catalog.unknown_type", where=where, name=name, kind=kind, types=", ".join(SQL_TYPES))
        )
    constraints = dict(raw.get("constraints") or {})
    code_list = str(raw.get("codes", ""))
    if code_list:
        if code_list not in codes:
            raise CatalogError(Message("catalog.no_code_list", where=where, name=name, code_list=code_list))
        allowed = [str(code) for code in codes[code_list]]
        if "separator" in raw:
            one, sep = "|".join(map(re.escape, allowed)), re.escape(str(raw["separator"]))
            constraints.setdefault("pattern", f"({one})({sep}({one}))*")
        else:
            constraints.setdefault("enum", allowed)
    shared = glossary.get(name, {})
    return Field(
        name=name,
        type=kind,
        title=words_of(raw, "title", shared, name),
        description=words_of(raw, "description", shared, name),
        unit=str(raw.get("unit", shared.get("unit", ""))),
        constraints=constraints,
        codes=code_list,
        is_private=bool(raw.get("private", False)),
    )


def _foreign_key(raw: Mapping[str, Any]) -> ForeignKey:
    reference = raw["reference"]
    return ForeignKey(tuple(raw["fields"]), str(reference["resource"]), tuple(reference["fields"]))


def _rule(raw: Mapping[str, Any], severities: Iterable[str], where: str) -> Rule:
    severity = str(raw.get("severity", "quarantine"))
    if severity not in severities:
        known = ", ".join(severities)
        raise CatalogError(Message("catalog.rule_severity", where=where, rule=raw.get("id"), known=known))
    message = words_of(raw, "message", {}, str(raw["id"]))
    return Rule(str(raw["id"]), severity, tuple(raw.get("columns", ())), str(raw["expr"]), message)


def _with_languages(fields: Iterable[Any]) -> Iterator[Any]:
    """Yield the fields, and after a `translated` one a copy for every language that has no field yet."""
    listed = list(fields)
    names = {f["name"] for f in listed if isinstance(f, Mapping) and "name" in f}
    for raw in listed:
        yield raw
        if isinstance(raw, Mapping) and raw.get("translated"):
            beginning = str(raw["name"]).removesuffix(SOURCE_LANGUAGE)
            for lang, language in LANGUAGES.items():
                if f"{beginning}{lang}" not in names:
                    yield {**raw, "name": f"{beginning}{lang}", "title_en": f"Message ({language.name})"}


def _plausible(
    fields: Iterable[Field], rule: Mapping[str, Any], severities: Any, where: str
) -> tuple[Rule, ...]:
    """Return the rule on plausible dates for every column with a stated date and no explicit upper limit."""
    dated = [f for f in fields if f.type in ("date", "datetime") and "maximum" not in f.constraints]
    return tuple(
        _rule({**rule, "columns": [f.name], "expr": rule["expr"].format(column=f.name)}, severities, where)
        for f in dated
        if rule
    )


def read_table(path: Path, glossary: Mapping[str, Any], codes: Mapping[str, Any]) -> Table:
    """Read one table declaration; a `.sql` file of the same name beside it makes it an SQL mart."""
    raw, where = read_yaml(path), path.name
    for key in ("name", "layer", "title_id", "title_en", "grain", "fields", "primaryKey"):
        if key not in raw:
            raise CatalogError(Message("catalog.key_missing", where=where, key=key))
    if raw["layer"] not in LAYERS:
        raise CatalogError(Message("catalog.unknown_layer", where=where, layers=", ".join(LAYERS)))
    sources = tuple(SourceRef(str(s["source"]), str(s["file"])) for s in raw.get("sources", ()))
    from_raw = bool(sources) or bool(raw.get("provenance"))
    raw_fields = [*_with_languages(raw["fields"]), *(_PROVENANCE if from_raw else ())]
    fields = tuple(_field(f, glossary, codes, where) for f in raw_fields)
    if len({f.name for f in fields}) != len(fields):
        raise CatalogError(Message("catalog.field_twice", where=where))
    plausible = glossary.get(PLAUSIBLE, {}) if from_raw else {}
    sql_file, limits = path.with_suffix(".sql"), raw.get("thresholds", {})
    table = Table(
        name=str(raw["name"]),
        layer=str(raw["layer"]),
        title=words_of(raw, "title", {}, str(raw["name"])),
        description=words_of(raw, "description", {}, str(raw["title_en"])),
        grain=str(raw["grain"]),
        fields=fields,
        primary_key=tuple(raw["primaryKey"]),
        foreign_keys=tuple(_foreign_key(k) for k in raw.get("foreignKeys", ())),
        unique_keys=tuple(tuple(k) for k in raw.get("uniqueKeys", ())),
        rules=(
            *_plausible(fields, plausible, codes["severity"], where),
            *(_rule(r, codes["severity"], where) for r in raw.get("rules", ())),
        ),
        sources=sources,
        caveats=tuple(raw.get("caveats", ())),
        depends_on=tuple(raw.get("depends_on", ())),
        sql=sql_file.read_text(encoding="utf-8") if sql_file.exists() else "",
        derived=str(raw.get("derived", "")),
        min_rows=int(limits.get("min_rows", 1 if sources and not raw.get("optional") else 0)),
        max_quarantine_share=float(limits.get("max_quarantine_share", 0.02)),
        is_large=bool(raw.get("large", False)),
        is_optional=bool(raw.get("optional", False)),
        formerly=tuple(map(str, raw.get("formerly", ()))),
    )
    keys = (table.primary_key, *table.unique_keys, *(k.fields for k in table.foreign_keys))
    for column in (name for key in keys for name in key):
        table.field(column)
    return table


def order_tables(tables: Iterable[Table]) -> list[Table]:
    """Return the tables in topological order: references and dependencies come first."""
    by_name = {t.full_name: t for t in tables}
    graph: dict[str, set[str]] = {}
    for name, table in sorted(by_name.items()):
        needs = {k.reference for k in table.foreign_keys} | set(table.depends_on)
        for need in sorted(needs - by_name.keys()):
            raise CatalogError(Message("catalog.not_declared", name=name, need=need))
        graph[name] = needs - {name}
    try:
        return [by_name[name] for name in TopologicalSorter(graph).static_order()]
    except CycleError as error:
        raise CatalogError(Message("catalog.circle", tables=" -> ".join(error.args[1]))) from error


def load_folder(folder: Path) -> list[Table]:
    """Return all tables declared below `folder` (tables/ and marts/), in dependency order."""
    glossary, codes = read_yaml(folder / "fields.yaml"), read_yaml(folder / "codes.yaml")
    paths = sorted([*(folder / "tables").glob("*.yaml"), *(folder / "marts").glob("*.yaml")])
    return order_tables([read_table(p, glossary, codes) for p in paths])


@cache
def load() -> tuple[Table, ...]:
    """Return the catalog of this package, read once."""
    return tuple(load_folder(HERE))


@cache
def code_lists() -> dict[str, dict[str, dict[str, str]]]:
    """Return the code lists: list -> code -> {id, en, …} labels."""
    lists = _shared()[1].items()
    return {k: {str(c): in_every_language(v) for c, v in codes.items()} for k, codes in lists}


@cache
def caveats() -> dict[str, dict[str, str]]:
    """Return the usage warnings: key -> {id, en} text."""
    return {key: in_every_language(words) for key, words in read_yaml(HERE / "caveats.yaml").items()}


@cache
def glossary() -> dict[str, dict[str, dict[str, str]]]:
    """Return the terms that pages explain: term -> language -> {short, text}."""
    return {str(term): in_every_language(said) for term, said in read_yaml(HERE / "glossary.yaml").items()}


def table(full_name: str) -> Table:
    """Return one table or view by `layer.name`."""
    if not load.cache_info().currsize and (found := _table_alone(full_name)):
        return found
    layer, _, name = full_name.partition(".")
    for candidate in load():
        if candidate.name == name and candidate.layer == layer:
            return candidate
    for candidate in views():
        if candidate.full_name == full_name:
            return candidate
    raise CatalogError(Message("catalog.no_table", full_name=full_name))


@cache
def _table_alone(full_name: str) -> Table | None:
    """Read one declaration; a page names a dozen tables, and reading all of them takes as long as writing it."""
    for kind in ("tables", "marts"):
        path = HERE / kind / f"{full_name}.yaml"
        if re.fullmatch(r"[a-z]+\.\w+", full_name, re.ASCII) and path.is_file():
            return read_table(path, *_shared())
    return None


@cache
def _shared() -> tuple[Any, Any]:
    """What declarations of tables refer to: fields and code lists."""
    return read_yaml(HERE / "fields.yaml"), read_yaml(HERE / "codes.yaml")


def views() -> tuple[Table, ...]:
    """Return the views of this package, read once."""
    from .named_views import all_views  # imported late: most commands need no views

    return all_views()


def columns(full_name: str, but: Collection[str] = ()) -> list[str]:
    """Return the column names of a table in declared order, without those in `but`."""
    return [name for name in table(full_name).field_names if name not in but]


def _is_of_forms(one: Table) -> bool:
    """Return whether a table is loaded together with result forms (offices'
    own records and boundaries are not)."""
    if one.sql or one.derived:
        return False
    return one.is_large or (one.is_filled_by_steps and one.layer == "core" and one.name != "finding")


def needed(wanted: Iterable[str]) -> frozenset[str]:
    """Return the full names of the `wanted` tables and of all tables required to build them.

    These are the tables they reference or depend on, and those produced by the same module or the same result
    forms.

    Raises:
        CatalogError: a table is not declared.
    """
    forms = {t.full_name for t in load() if _is_of_forms(t)}
    found: set[str] = set()
    todo = {table(name).full_name for name in wanted}
    while todo:
        one = table(todo.pop())
        found.add(one.full_name)
        todo |= {key.reference for key in one.foreign_keys} | set(one.depends_on)
        if one.derived:
            todo |= {other.full_name for other in load() if other.derived == one.derived}
        if one.full_name in forms:
            todo |= forms
        todo -= found
    return frozenset(found)


def label(code_list: str, code: str, lang: str) -> str:
    """Return the label of a code in `lang`; an unknown code is returned unchanged."""
    return str(code_lists().get(code_list, {}).get(code, {}).get(lang, code))
