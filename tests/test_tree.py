"""``tests/`` mirrors ``proxy/``: a module with logic has its test file, and a test file its module."""

from __future__ import annotations

import ast
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[1]

WITHOUT_A_TEST_OF_THEIR_OWN: Final = {
    "errors": "classes that carry data; tests/cli/test_console.py holds that each has an explained exit code",
    "telemetry/events": "values without behaviour",
    "masking/passes": "names",
}
"""Modules that hold definitions only, and why that is so."""

OF_MORE_THAN_ONE_MODULE: Final = {
    "conftest": "what every test runs under",
    "test_tree": "this file",
    "test_docs": "the documents",
    "test_settings": "what holds for every setting",
    "test_wheel": "the installed package",
    "test_lipsync": "pictures and sound together",
    "test_live": "a camera, the command and a platform",
    "test_browser": "the page in a browser",
    "test_packaging": "what packaging/ holds",
    "test_installer": "a camera added, changed and lost, seen in a browser",
    "test_control_room": "the control room around a service that runs",
    "test_proof": "what a camera's process signs, on its way through a platform",
}
"""Test files that stand for no single module, and what they are about."""

WIDE_FOLDERS: Final = {"peers", "typing", "arch", "privacy", "fuzz", "sample_videos", "benchmarks"}
"""Folders of tests that cut across the tree."""


def modules() -> set[str]:
    """Modules that do something, as ``masking/plan``."""
    found = (path.relative_to(ROOT / "proxy") for path in (ROOT / "proxy").rglob("*.py"))
    return {str(path.with_suffix("")) for path in found if path.stem != "__init__" and has_logic(ROOT / "proxy" / path)}


def has_logic(path: Path) -> bool:
    """Whether any function in the file does more than stand for an interface."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    functions = [node for node in ast.walk(tree) if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    return any(not _is_declaration(function) for function in functions)


def _is_declaration(function: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return all(isinstance(step, ast.Expr) and isinstance(step.value, ast.Constant) for step in function.body)


def mirrored() -> set[str]:
    """Modules that test files stand for; private modules are tested under their name without the underscore."""
    found = set()
    for path in (ROOT / "tests").rglob("test_*.py"):
        place = path.relative_to(ROOT / "tests")
        if place.parts[0] not in WIDE_FOLDERS and str(place.with_suffix("")) not in OF_MORE_THAN_ONE_MODULE:
            found.add(str(place.with_name(place.stem.removeprefix("test_"))))
    return found


def bare(module: str) -> str:
    """A module's path without leading underscores."""
    return "/".join(part.lstrip("_") for part in module.split("/"))


def test_every_module_with_logic_has_its_test_file() -> None:
    known = {bare(module) for module in mirrored()}
    assert sorted(module for module in modules() - WITHOUT_A_TEST_OF_THEIR_OWN.keys() if bare(module) not in known) == []


def test_every_test_file_has_its_module() -> None:
    every = {bare(str(path.relative_to(ROOT / "proxy").with_suffix(""))) for path in (ROOT / "proxy").rglob("*.py")}
    assert sorted(module for module in mirrored() if bare(module) not in every) == []


def test_the_lists_name_only_what_exists() -> None:
    assert [name for name in WITHOUT_A_TEST_OF_THEIR_OWN if not (ROOT / "proxy" / f"{name}.py").exists()] == []
    assert [name for name in OF_MORE_THAN_ONE_MODULE if not (ROOT / "tests" / f"{name}.py").exists()] == []


def test_every_package_says_what_lives_there() -> None:
    packages = (ROOT / "proxy").rglob("__init__.py")
    assert [str(path) for path in packages if not ast.get_docstring(ast.parse(path.read_text(encoding="utf-8")))] == []
