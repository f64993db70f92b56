"""The strings of the interface: a second one of the same name would silently take the place of the
first."""

import ast
from pathlib import Path

import pytest

from mslt_core import ui

FILES = sorted(Path(ui.__file__).parent.glob("words*.py"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_no_name_is_given_twice(file) -> None:
    body = ast.parse(file.read_text(encoding="utf-8")).body
    names = [ast.unparse(node.targets[0]) for node in body if isinstance(node, ast.Assign)]
    assert names
    assert len(names) == len(set(names))
