"""import-linter goes red for every planted import that crosses a boundary."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]

PLANTED: Final = [
    ("proxy.sinks.planted", "proxy.media.raw"),
    ("proxy.encoding.planted", "proxy.media.raw"),
    ("proxy.sources.planted", "proxy.anonymiser"),
    ("proxy.sources.planted", "proxy.encoding.packet"),
    ("proxy.pipeline.planted", "proxy.attestation.passage"),
    ("proxy.attestation.passage", "socket"),
    ("proxy.sinks.planted", "proxy.sources.protocol"),
    ("proxy.vision.planted", "proxy.detectors.protocol"),
    ("proxy.redactors.planted", "proxy.anonymiser"),
    ("proxy.detectors.planted", "proxy.redactors.protocol"),
    ("proxy.anonymiser", "proxy.encoding.packet"),
    ("proxy.pipeline.planted", "proxy.settings"),
    ("proxy.media.planted", "cv2"),
    ("proxy.vision.planted", "av"),
    ("proxy.tracking.planted", "threading"),
    ("proxy.masking.planted", "asyncio"),
    ("proxy.masking.planted", "time"),
    ("proxy.redactors.solid", "proxy.redactors.mosaic"),
    ("proxy.voices.silence", "proxy.voices.disguise"),
    ("proxy.signs.planted", "proxy.anonymiser"),
    ("proxy.sinks.null", "proxy.sinks.file"),
    ("proxy.sources.file", "proxy.sources.rtsp"),
]
"""Who imports, and what."""


def lint(folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-c", "from importlinter.cli import lint_imports_command as lint; lint()", "--no-cache"]
    return subprocess.run(command, cwd=folder, capture_output=True, text=True, timeout=60, check=False)


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> str:
    """What import-linter says of a copy of the tree in which every violation is planted."""
    folder = tmp_path_factory.mktemp("planted")
    shutil.copytree(ROOT / "proxy", folder / "proxy", ignore=lambda path, names: {name for name in names if _left_out(path, name)})
    shutil.copy(ROOT / "pyproject.toml", folder)
    for importer, imported in PLANTED:
        with (folder / importer.replace(".", "/")).with_suffix(".py").open("a", encoding="utf-8") as file:
            file.write(f"\nimport {imported}\n")
    answer = lint(folder)
    assert answer.returncode == 1, answer.stdout + answer.stderr
    return answer.stdout


def _left_out(path: str, name: str) -> bool:
    return name == "__pycache__" or not ((Path(path) / name).is_dir() or name.endswith(".py"))


@pytest.mark.parametrize(("importer", "imported"), PLANTED)
def test_a_planted_import_is_red(planted: str, importer: str, imported: str) -> None:
    assert re.search(rf"^[- ]\s*{re.escape(importer)} -> {re.escape(imported)} \(l\.\d+\)$", planted, re.MULTILINE)


def test_every_contract_is_broken_by_some_planted_import(planted: str) -> None:
    assert "KEPT" not in planted


def test_the_tree_itself_is_green() -> None:
    answer = lint(ROOT)
    assert answer.returncode == 0, answer.stdout
