"""Nothing from outside becomes SQL: what is put into a statement goes through the quoting functions of `catalog.sql`.

The test walks the code. A value in an f-string (or `%`, `.format`, `+`) that reads like SQL must be the result of a
quoting function, a constant, or made of such in the same function. What is neither stands in `sql_reviewed.txt`, looked
at by a person: pieces of SQL that are put together from declared names of the catalogue. A new one fails here.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from pipelines.catalog.sql import file_list, literal, quote
from tests.conftest import ROOT
from tests.support.code import nodes, tree

REVIEWED = Path(__file__).with_name("sql_reviewed.txt")
QUOTING = {"quote", "literal", "file_list", "name_of", "len", "int"}
SQL = re.compile(
    r"\bselect\b|\binsert\s+into\b|\bcreate\s+(or\s+replace\s+)?(temp\s+)?(table|view|type|schema|macro)\b"
    r"|\bdrop\s+(table|view)\b|\battach\s|\bcopy\s*\(|\bset\s+\w+\s*=|\bdelete\s+from\b|\bdescribe\s|\bcomment\s+on\b"
    r"|\bread_(parquet|csv|json|text|blob)\b|\border\s+by\b|\bgroup\s+by\b|\bwhere\s+\w+\s*(=|in\b|is\b)|\bunion\b"
    r"|\bjoin\s+\{|\bcase\s+when\b|\bcast\(|\bregexp_|\bcoalesce\(|\bnullif\(",
    re.IGNORECASE,
)


def is_safe(node: ast.expr, known: dict[str, list[ast.expr]], depth: int = 0) -> bool:
    """Whether an expression can only hold quoted text and constants."""
    if depth > 8:
        return False
    if isinstance(node, ast.Constant):
        return True
    if isinstance(node, ast.Call):
        name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if name in QUOTING:
            return True
        if name == "join" and len(node.args) == 1:
            return is_safe(node.args[0], known, depth + 1)
        return name == "map" and getattr(node.args[0], "id", "") in QUOTING
    if isinstance(node, ast.Name):
        values = known.get(node.id, [])
        return bool(values) and all(is_safe(one, known, depth + 1) for one in values)
    if isinstance(node, ast.JoinedStr):
        parts = [one.value for one in node.values if isinstance(one, ast.FormattedValue)]
        return all(is_safe(one, known, depth + 1) for one in parts)
    if isinstance(node, ast.IfExp):
        return is_safe(node.body, known, depth + 1) and is_safe(node.orelse, known, depth + 1)
    if isinstance(node, ast.BinOp):
        return is_safe(node.left, known, depth + 1) and is_safe(node.right, known, depth + 1)
    if isinstance(node, ast.List | ast.Tuple):
        return all(is_safe(one, known, depth + 1) for one in node.elts)
    if isinstance(node, ast.GeneratorExp | ast.ListComp):
        return is_safe(node.elt, known, depth + 1)
    return False


def unquoted(code: str) -> Iterator[tuple[int, str]]:
    """(line, expression) of whatever goes into SQL in this code without having been quoted."""
    whole = tree(code)
    top = {
        t.id: [n.value]
        for n in whole.body
        if isinstance(n, ast.Assign)
        for t in n.targets
        if isinstance(t, ast.Name)
    }
    functions = [n for n in nodes(code) if isinstance(n, ast.FunctionDef)]
    seen: set[int] = set()
    for scope in (*reversed(functions), whole):
        known = {name: list(values) for name, values in top.items()}
        for argument in ast.walk(scope.args) if isinstance(scope, ast.FunctionDef) else ():
            if isinstance(argument, ast.arg):
                known.pop(argument.arg, None)
        local: dict[str, list[ast.expr]] = {}
        for node in ast.walk(scope) if scope is not whole else ():
            if isinstance(node, ast.Assign):
                for target in node.targets:
                    if isinstance(target, ast.Name):
                        local.setdefault(target.id, []).append(node.value)
            elif isinstance(node, ast.AugAssign) and isinstance(node.target, ast.Name):
                local.setdefault(node.target.id, []).append(node.value)
        known |= local
        for node in ast.walk(scope):
            if id(node) in seen or not isinstance(node, ast.expr):
                continue
            for value in values_in_sql(node):
                seen.add(id(node))
                if not is_safe(value, known):
                    yield node.lineno, ast.unparse(value)


def values_in_sql(node: ast.expr) -> list[ast.expr]:
    if isinstance(node, ast.JoinedStr):
        text = "".join(str(v.value) if isinstance(v, ast.Constant) else "{}" for v in node.values)
        return [v.value for v in node.values if isinstance(v, ast.FormattedValue)] if SQL.search(text) else []
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Mod | ast.Add):
        sides = (node.left, node.right)
        texts = [
            s
            for s in sides
            if isinstance(s, ast.Constant) and isinstance(s.value, str) and SQL.search(s.value)
        ]
        return [s for s in sides if s not in texts and not isinstance(s, ast.JoinedStr)] if texts else []
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == "format":
        told = node.func.value
        if isinstance(told, ast.Constant) and isinstance(told.value, str) and SQL.search(told.value):
            return [*node.args, *(k.value for k in node.keywords)]
    return []


def found_in_project() -> set[str]:
    found = set()
    for top in ("pipelines", "flows", "titikrawan"):
        for path in sorted((ROOT / top).rglob("*.py")):
            name = path.relative_to(ROOT).as_posix()
            found |= {f"{name}: {text}" for _, text in unquoted(path.read_text(encoding="utf-8"))}
    return found


@pytest.mark.xdist_group("code")
def test_nothing_new_goes_into_sql_unquoted() -> None:
    reviewed = {
        line
        for line in REVIEWED.read_text(encoding="utf-8").splitlines()
        if line and not line.startswith("#")
    }
    found = found_in_project()
    assert sorted(found - reviewed) == [], "quote it with pipelines.catalog.sql, or have it reviewed"


@pytest.mark.parametrize(
    "code",
    [
        "def f(name): return f'select * from {name}'",
        "def f(name): return \"select * from read_csv('%s')\" % name",
        "def f(name): return 'select * from {}'.format(name)",
        "def f(name): return 'select * from ' + name",
        "def f(name):\n    where = name\n    return f'select 1 where a = {where}'",
        "def f(path): return f\"copy (select 1) to '{path}'\"",
    ],
)
def test_the_walk_sees_what_is_unquoted(code: str) -> None:
    assert list(unquoted(code))


@pytest.mark.parametrize(
    "code",
    [
        "def f(name): return f'select * from {quote(name)}'",
        "def f(names):\n    listed = ', '.join(map(quote, names))\n    return f'select {listed} from t'",
        "def f(path): return f'select * from read_csv({file_list([path])})'",
        "def f(name): return f'file {name} is missing'",
    ],
)
def test_the_walk_lets_quoted_values_pass(code: str) -> None:
    assert list(unquoted(code)) == []


NASTY = [
    "a'b",
    "x'||(select content from read_text('/etc/hostname'))||'",
    'a"b',
    "a[1]*?.csv",
    "a\\b",
    "--;\n",
    "é\x1b[31m",
]


@pytest.mark.parametrize("text", NASTY)
def test_quoted_values_come_back_as_they_were(text: str) -> None:
    import duckdb

    with duckdb.connect() as con:
        assert con.execute(f"select {literal(text)} as {quote(text)}").fetchall() == [(text,)]
        assert con.description is not None
        assert con.description[0][0] == text


@pytest.mark.parametrize("name", [one.replace("/", "_") for one in NASTY if "\n" not in one])
def test_a_list_of_files_means_these_very_files(tmp_path: Path, name: str) -> None:
    import duckdb

    for one, value in ((name, "1"), ("a1x.csv", "2"), ("a1b.csv", "3")):
        (tmp_path / one).write_text(f"v\n{value}\n")
    with duckdb.connect() as con:
        sql = f"select v from read_csv({file_list([tmp_path / name])}, header = true)"
        assert con.execute(sql).fetchall() == [(1,)]
