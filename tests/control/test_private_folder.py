"""A folder that is gone with its owner, or soon after."""

import signal
import subprocess
import sys
from pathlib import Path

from proxy.control.private_folder import private_folder, remove_abandoned

OWNER = """
import sys, time
from pathlib import Path
from proxy.control.private_folder import private_folder
with private_folder(Path(sys.argv[1])) as folder:
    (folder / "door").mkdir()
    (folder / "door" / "segment.m4s").write_bytes(b"picture")
    print(folder, flush=True)
    time.sleep(60)
"""


def test_nobody_else_can_read_it_and_it_is_gone_at_the_end(tmp_path):
    with private_folder(tmp_path) as folder:
        assert folder.stat().st_mode & 0o077 == 0
        (folder / "door").mkdir()
    assert list(tmp_path.iterdir()) == []


def test_a_killed_owners_folder_goes_when_the_next_one_starts_and_a_living_owners_stays(tmp_path):
    command = [sys.executable, "-c", OWNER, str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as owner:
        assert owner.stdout is not None
        left = owner.stdout.readline().strip()
        with private_folder(tmp_path) as folder:
            assert {str(path) for path in tmp_path.iterdir()} == {left, str(folder)}
        owner.send_signal(signal.SIGKILL)
    assert Path(left).is_dir()
    with private_folder(tmp_path) as folder:
        assert list(tmp_path.iterdir()) == [folder]


def test_what_is_not_ours_stays(tmp_path):
    (tmp_path / "veilcast-notes").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / ".owner").touch()
    (tmp_path / "veilcast-link").symlink_to(tmp_path / "elsewhere")
    remove_abandoned(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["elsewhere", "veilcast-link", "veilcast-notes"]
