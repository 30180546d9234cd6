"""The package as it is installed: models and pages come along, and it works from any folder."""

from __future__ import annotations

import subprocess
import sys
import sysconfig
import venv
from pathlib import Path
from typing import Final

import pytest

ROOT: Final = Path(__file__).parents[1]

pytestmark = pytest.mark.timeout(180)


def quiet(*command: str | Path, cwd: Path) -> str:
    done = subprocess.run([str(part) for part in command], cwd=cwd, capture_output=True, text=True, check=False, timeout=150)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def installed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The ``veilcast`` command of an environment that holds the built wheel and borrows the libraries of this one."""
    folder = tmp_path_factory.mktemp("wheel")
    quiet(sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", folder, ROOT, cwd=folder)
    (wheel,) = folder.glob("*.whl")
    venv.create(folder / "env", with_pip=False, symlinks=True)
    (own,) = (folder / "env").glob("lib/python*/site-packages")
    borrowed = sysconfig.get_path("purelib")
    quiet(sys.executable, "-m", "pip", "install", "--no-deps", "--no-index", "--quiet", "--target", own, wheel, cwd=folder)
    # Appended as a plain path: .pth files in it, such as an editable install of this checkout, are not read.
    (own / "borrowed.pth").write_text(f"{borrowed}\n")
    command = folder / "veilcast"
    command.write_text(f'#!/bin/sh\nexec {folder}/env/bin/python -c "from proxy.cli import main; main()" "$@"\n')
    command.chmod(0o755)
    return command


def test_the_models_come_along_and_are_the_right_ones(installed: Path, tmp_path: Path) -> None:
    shown = quiet(installed, "models", cwd=tmp_path)
    assert "altered" not in shown
    assert "missing" not in shown
    assert "yunet" in shown


def test_the_code_is_the_wheels_own_and_the_pages_are_in_it(installed: Path, tmp_path: Path) -> None:
    script = (
        "import proxy; from proxy.control.server import PAGES, PAGE_FILES; print(proxy.__file__);"
        "missing = [name for name in PAGE_FILES.values() if not PAGES.joinpath(*name.split('/')).is_file()];"
        "assert not missing, missing"
    )
    python = installed.parent / "env" / "bin" / "python"
    assert quiet(python, "-c", script, cwd=tmp_path).startswith(str(installed.parent))


def test_licences_of_the_models_come_along(installed: Path) -> None:
    (own,) = (installed.parent / "env").glob("lib/python*/site-packages")
    (information,) = own.glob("veilcast-*.dist-info")
    assert len(list(information.rglob("LICENSE*"))) >= 1
    assert len(list((information / "licenses").rglob("*.txt"))) >= 2
