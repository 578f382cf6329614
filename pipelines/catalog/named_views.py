"""Views for readers: names beside codes, and the codes of province, regency and district in separate columns.

A file `views/mart.<name>.yaml` names the table it shows (`of`), or has a `.sql` of the same name beside it. The
same rule adds names in every view: a column with one or several codes of a list gets `<column>_name_id` and
`<column>_name_en`; an election gets its names and voting day; an area gets its name and the areas that contain
it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from .declared import in_every_language, load, read_table, read_yaml, words_of
from .messages import Message
from .model import CatalogError, Field, ForeignKey, Table
from .sql import literal, quote
from .vocabulary import LANGUAGES

HERE = Path(__file__).parent
CODE_VALUES = "meta.code_values"
# Code columns explained by a table instead of a list in codes.yaml: (table, its key, Indonesian name, English
# name).
NAMED_BY = {
    "ground_code": ("ref.grounds", "ground_code", "label_id", "label_en", "ground"),
    "provision_code": ("ref.provisions", "provision_code", "label_id", "label_en", "provision"),
}
# Columns that views replace by their own form.
GIVEN = frozenset(
    (
        *("area_name", "province_code", "province_name", "regency_code", "regency_name"),
        *("district_code", "district_name", "ground_id", "ground_en", "voting_date"),
    )
)
# (column, digits of the code, level in ref.areas)
ABOVE = (("province", 2, "province"), ("regency", 4, "regency"), ("district", 6, "district"))


@dataclass(frozen=True)
class _Part:
    """What one column of the body becomes: fields, their expressions, and the joins they need."""

    fields: tuple[Field, ...]
    expressions: tuple[str, ...]
    joins: tuple[str, ...] = ()


def read_views(folder: Path, tables: Sequence[Table]) -> tuple[Table, ...]:
    """Return every view declared below `folder`/views, sorted by name, as
    tables whose `sql` is the whole SELECT."""
    glossary, codes = read_yaml(folder / "fields.yaml"), read_yaml(folder / "codes.yaml")
    lists = {name: {str(c): in_every_language(v) for c, v in one.items()} for name, one in codes.items()}
    by_name = {table.full_name: table for table in tables}
    paths = sorted((folder / "views").glob("*.yaml"))
    return tuple(_view(path, by_name, glossary, lists) for path in paths)


def _view(path: Path, tables: Mapping[str, Table], glossary: Mapping[str, Any], lists: Any) -> Table:
    raw = read_yaml(path)
    body = _shown(path, raw, tables) if raw.get("of") else read_table(path, glossary, lists)
    given = frozenset(tables[str(raw["of"])].field_names if raw.get("of") else body.field_names)
    renamed = {str(old): str(new) for old, new in raw.get("rename", {}).items()}
    parts = [_part(field, given, renamed, glossary) for field in body.fields]
    fields = tuple(field for part in parts for field in part.fields)
    if len({field.name for field in fields}) != len(fields):
        raise CatalogError(Message("catalog.field_twice", where=path.name))
    shown = ",\n    ".join(
        f"{expression} as {quote(field.name)}"
        for part in parts
        for field, expression in zip(part.fields, part.expressions, strict=True)
    )
    joins = "".join(f"\n{join}" for join in dict.fromkeys(join for part in parts for join in part.joins))
    inner = body.sql.rstrip().rstrip(";")
    return replace(
        body,
        fields=fields,
        primary_key=tuple(renamed.get(name, name) for name in body.primary_key),
        foreign_keys=tuple(_keys(body, renamed)),
        depends_on=tuple(dict.fromkeys([*body.depends_on, *_needed(body)])),
        sql=f"with body as (\n{inner}\n)\nselect\n    {shown}\nfrom body{joins}\n",
        is_view=True,
    )


def _needed(body: Table) -> Iterator[str]:
    """Yield the tables that supply names."""
    yield CODE_VALUES
    for column, name in (("election_id", "ref.elections"), ("area_code", "ref.areas")):
        if column in body.field_names:
            yield name
    yield from (NAMED_BY[name][0] for name in body.field_names if name in NAMED_BY)


def _shown(path: Path, raw: Mapping[str, Any], tables: Mapping[str, Table]) -> Table:
    """Return a view that shows one table: its columns, except those that every view replaces."""
    base = tables.get(str(raw["of"]))
    if base is None:
        raise CatalogError(Message("catalog.not_declared", name=path.name, need=raw["of"]))
    left_out = GIVEN | set(raw.get("but", ()))
    return Table(
        name=str(raw["name"]),
        layer=str(raw["layer"]),
        title=words_of(raw, "title", {}, str(raw["name"])),
        description=words_of(raw, "description", {}, str(raw["name"])),
        grain=base.grain,
        fields=tuple(f for f in base.fields if f.name not in left_out),
        primary_key=base.primary_key,
        foreign_keys=base.foreign_keys,
        caveats=base.caveats,
        depends_on=(base.full_name,),
        sql=f"from {_quoted(base.full_name)}",
    )


def _keys(body: Table, renamed: Mapping[str, str]) -> Iterator[ForeignKey]:
    """Yield the keys of the body, and those shared by all elections and areas."""
    found = {key.fields: key for key in body.foreign_keys}
    for column, target in (("election_id", "ref.elections"), ("area_code", "ref.areas")):
        if column in body.field_names:
            found.setdefault((column,), ForeignKey((column,), target, (column,)))
    for key in found.values():
        if set(key.fields) <= set(body.field_names):
            names = tuple(renamed.get(name, name) for name in key.fields)
            yield ForeignKey(names, key.reference, key.reference_fields)


def _part(
    field: Field, given: Collection[str], renamed: Mapping[str, str], glossary: Mapping[str, Any]
) -> _Part:
    shown = replace(field, name=renamed.get(field.name, field.name))
    column = f"body.{quote(field.name)}"
    if field.name == "election_id":
        return _election(shown, glossary)
    if field.name == "area_code":
        return _area(shown, given, glossary)
    if field.name == "scope_code":
        alias = quote("scope")
        return _Part(
            (shown, _text("scope_name", glossary)),
            (column, f"{alias}.name"),
            (f"left join ref.areas as {alias} on {alias}.area_code = {column}",),
        )
    if field.name in NAMED_BY:
        table, key, name_id, name_en, stem = NAMED_BY[field.name]
        alias = quote(f"{stem}_names")
        return _Part(
            (shown, *_names(stem, field, glossary)),
            (column, f"{alias}.{quote(name_id)}", f"{alias}.{quote(name_en)}"),
            (f"left join {_quoted(table)} as {alias} on {alias}.{quote(key)} = {column}",),
        )
    if field.codes and "enum" in field.constraints:
        alias = quote(f"{shown.name}_values")
        return _Part(
            (shown, *_names(shown.name, field, glossary)),
            (column, f"{alias}.name_id", f"{alias}.name_en"),
            (
                f"left join {_quoted(CODE_VALUES)} as {alias}"
                f" on {alias}.code_list = {literal(field.codes)} and {alias}.code = {column}",
            ),
        )
    if field.codes:
        named = (
            f"(select string_agg(v.name_{{}}, '; ' order by v.position) from {_quoted(CODE_VALUES)} as v"  # noqa: S608
            f" where v.code_list = {literal(field.codes)} and list_contains(string_split({column}, ';'), v.code))"
        )
        names = _names(shown.name, field, glossary)
        languages = (one.name.rpartition("_")[2] for one in names)
        return _Part((shown, *names), (column, *(named.format(lang) for lang in languages)))
    return _Part((shown,), (column,))


def _election(shown: Field, glossary: Mapping[str, Any]) -> _Part:
    return _Part(
        (shown, *_names("election", shown, glossary), _text("voting_date", glossary, "date")),
        ('body."election_id"', "election.name_id", "election.name_en", "election.voting_date"),
        ('left join ref.elections as election on election.election_id = body."election_id"',),
    )


def _area(shown: Field, given: Collection[str], glossary: Mapping[str, Any]) -> _Part:
    """Add the area's name and the areas that contain it; a former province maps to the one with its code today."""
    code = 'body."area_code"'
    fields = [shown, _text("area_name", glossary)]
    found, joins = [code, "area.name"], [f"left join ref.areas as area on area.area_code = {code}"]
    for stem, digits, level in ABOVE:
        alias, name = quote(f"{stem}_area"), f"{stem}_name"
        joins.append(
            f"left join ref.areas as {alias} on {alias}.area_code = left({code}, {digits})"
            f" and {alias}.level = {literal(level)}"
        )
        fields += [_text(f"{stem}_code", glossary), _text(name, glossary)]
        # Fall back to the name given by the source where the register has no such code.
        named = f"coalesce({alias}.name, body.{quote(name)})" if name in given else f"{alias}.name"
        found += [f"{alias}.area_code", named]
    return _Part(tuple(fields), tuple(found), tuple(joins))


def _names(stem: str, field: Field, glossary: Mapping[str, Any]) -> tuple[Field, ...]:
    """Return the fields `<stem>_name_id`, `<stem>_name_en`, … for the languages used in tables."""
    found = []
    for lang in dict.fromkeys(language.columns for language in LANGUAGES.values()):
        words = glossary[f"_name_{lang}"]
        title, description = (
            {one: text.format(title=field.title[one]) for one, text in words_of(words, key, {}, stem).items()}
            for key in ("title", "description")
        )
        found.append(Field(f"{stem}_name_{lang}", "string", title, description))
    return tuple(found)


def _text(name: str, glossary: Mapping[str, Any], kind: str = "string") -> Field:
    shared = glossary[name]
    return Field(name, kind, words_of(shared, "title", {}, name), words_of(shared, "description", {}, name))


def _quoted(full_name: str) -> str:
    return ".".join(map(quote, full_name.split(".")))


@cache
def all_views() -> tuple[Table, ...]:
    """Return the views of this package, read once."""
    return read_views(HERE, load())
