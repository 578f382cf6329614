"""Our own code as syntax trees, read once by all rules about it (they share an xdist group)."""

from __future__ import annotations

import ast
from functools import cache


@cache
def tree(source: str) -> ast.Module:
    """The tree of a module's text; nobody changes it."""
    return ast.parse(source)


@cache
def nodes(source: str) -> tuple[ast.AST, ...]:
    """All nodes of the tree, in the order of `ast.walk`."""
    return tuple(ast.walk(tree(source)))
