"""mypy refuses every line that it must refuse, and no other."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[2]
REFUSED: Final = sorted((Path(__file__).parent / "refused").glob("*.py"))


def expected(path: Path) -> set[tuple[str, int, str]]:
    """File, line and code of every error that comments announce."""
    lines = enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
    return {
        (path.name, number, code)
        for number, line in lines
        if (remark := re.search(r"# refused: ([\w, -]+)$", line))
        for code in re.split(r",\s*", remark[1])
    }


@pytest.mark.timeout(240)
def test_mypy_refuses_what_is_marked_and_nothing_else() -> None:
    paths = [str(path.relative_to(ROOT)) for path in REFUSED]
    command = [sys.executable, "-m", "mypy", "--no-pretty", "--hide-error-context", "--show-error-codes", *paths]
    answer = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=230, check=False)
    found = {
        (Path(match["path"]).name, int(match["line"]), match["code"])
        for match in re.finditer(r"^(?P<path>\S+?):(?P<line>\d+): error: .*\[(?P<code>[\w-]+)\]$", answer.stdout, re.MULTILINE)
    }
    assert found == set().union(*map(expected, REFUSED)), answer.stdout + answer.stderr


def test_there_is_something_to_refuse() -> None:
    assert sum(len(expected(path)) for path in REFUSED) >= 20
