"""What operators covered is remembered, and in doubt everything is covered."""

import stat

import pytest

from proxy.control.covers import Covers

KNOWN = ("door", "yard", "hall")


def test_a_cover_is_true_after_a_restart_and_so_is_its_end(tmp_path):
    path = tmp_path / "covers.json"
    assert Covers.at(path).cover("door", covered=True, known=KNOWN)
    assert [Covers.at(path).covered(name) for name in KNOWN] == [True, False, False]
    Covers.at(path).cover("door", covered=False, known=KNOWN)
    assert not Covers.at(path).covered("door")
    assert [file.name for file in tmp_path.iterdir()] == ["covers.json"]


def test_to_cover_everything_covers_cameras_that_come_later(tmp_path):
    covers = Covers.at(tmp_path / "covers.json")
    covers.cover(None, covered=True, known=KNOWN)
    assert Covers.at(tmp_path / "covers.json").covered("a camera added tomorrow")
    covers.cover(None, covered=False, known=KNOWN)
    assert not any(covers.covered(name) for name in KNOWN)


def test_to_uncover_one_of_all_leaves_the_others_covered():
    covers = Covers(None, everything=True)
    assert not covers.cover("yard", covered=False, known=KNOWN)
    assert [covers.covered(name) for name in KNOWN] == [True, False, True]


@pytest.mark.parametrize("content", ["", "{", "[]", '{"everything": "no", "cameras": []}', '{"everything": false}', "\x00" * 50])
def test_a_file_that_cannot_be_understood_covers_everything(tmp_path, content):
    (tmp_path / "covers.json").write_text(content)
    assert Covers.at(tmp_path / "covers.json").covered("door")


def test_a_cover_that_cannot_be_kept_is_in_force_all_the_same(tmp_path):
    covers = Covers.at(tmp_path / "no" / "such" / "folder" / "covers.json")
    assert not covers.cover("door", covered=True, known=KNOWN)
    assert covers.covered("door")
    assert not Covers.at(None).covered("door")


def test_a_camera_that_is_no_more_is_forgotten(tmp_path):
    covers = Covers.at(tmp_path / "covers.json")
    covers.cover("door", covered=True, known=KNOWN)
    covers.forget("door")
    assert not Covers.at(tmp_path / "covers.json").covered("door")
    assert stat.S_ISREG((tmp_path / "covers.json").stat().st_mode)
