"""The limits of law (R01-R12, R30-R39), the guard and the fixtures from real texts: each is the name of a test."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import dayclear
from dayclear.policy.overreach import catalogue_ids

PACKAGES = Path(dayclear.__file__).parent
REQUIREMENTS = [f"R{number:02d}" for number in (*range(1, 13), *range(30, 40))]
FIXTURES = [f"F{number}" for number in range(1, 9)]


def _names() -> Iterator[str]:
    """The names of all tests, and the ids of the rows of their tables."""
    for path in sorted({*PACKAGES.rglob("test_*.py"), *Path(__file__).parent.glob("test_*.py")}):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
                yield node.name
            elif isinstance(node, ast.keyword) and node.arg == "id" and isinstance(node.value, ast.Constant):
                yield str(node.value.value)


@pytest.fixture(scope="module")
def tested() -> frozenset[str]:
    found = re.compile(r"(?<![A-Z0-9])(R\d\d|F[1-8]|OG[-_]\d\d)(?!\d)")
    return frozenset(each.replace("_", "-") for name in _names() for each in found.findall(name))


@pytest.mark.parametrize("known", [*REQUIREMENTS, *FIXTURES, *catalogue_ids()])
def test_it_is_in_the_name_of_a_test(tested: frozenset[str], known: str) -> None:
    assert known in tested
