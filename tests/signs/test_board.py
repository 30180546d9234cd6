"""What pictures carry: drawn once, laid over every one."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from proxy.errors import ConfigError
from proxy.masking.plan import CoverReason
from proxy.media.formats import VideoFormat
from proxy.media.planes import U8, Planes
from proxy.signs.board import Board
from proxy.signs.lettering import Lettering
from proxy.signs.options import Options

SHAPE = VideoFormat(320, 240)
SECOND = 1_000_000_000
NOW = 1_700_000_000 * SECOND


@pytest.fixture(autouse=True)
def clocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wall clock and monotonic clock read the same, so that a frame's arrival is a wall-clock time."""
    monkeypatch.setattr("time.time_ns", lambda: 0)
    monkeypatch.setattr("time.monotonic_ns", lambda: 0)


def painted(board: Board, *, at: int = NOW, shape: VideoFormat = SHAPE) -> U8:
    buffer = np.full(shape.buffer_shape, 90, np.uint8)
    board.paint(Planes.of_buffer(buffer, shape), shape, arrived_ns=at)
    return buffer


def said(board: Board, reason: CoverReason) -> U8:
    buffer = np.full(SHAPE.buffer_shape, 50, np.uint8)
    board.say(Planes.of_buffer(buffer, SHAPE), SHAPE, reason)
    return buffer


def quarters(buffer: U8) -> list[bool]:
    """Whether something is painted top left, top right, bottom left, bottom right."""
    luma = buffer[: SHAPE.height] != 90
    return [bool(part.any()) for half in np.split(luma, 2) for part in np.split(half, 2, axis=1)]


def test_nothing_is_painted_unless_it_is_asked_for() -> None:
    assert (painted(Board(Options())) == 90).all()


def test_each_sign_stands_in_its_corner(tmp_path: Path) -> None:
    Image.new("RGBA", (40, 20), (250, 0, 0, 255)).save(tmp_path / "logo.png")
    assert quarters(painted(Board(Options(notice="Hi")))) == [False, False, True, False]
    assert quarters(painted(Board(Options(clock=True)))) == [False, True, False, False]
    assert quarters(painted(Board(Options(image=tmp_path / "logo.png")))) == [True, False, False, False]
    everything = Options.model_validate(
        {"notice": "Hi", "notice_corner": "top-left", "clock": True, "clock_corner": "bottom-right", "image": tmp_path / "logo.png"}
    )
    assert quarters(painted(Board(everything))) == [True, False, False, True]


def test_a_transparent_image_shows_what_is_below(tmp_path: Path) -> None:
    Image.new("RGBA", (40, 20), (250, 0, 0, 0)).save(tmp_path / "clear.png")
    assert (painted(Board(Options(image=tmp_path / "clear.png"))) == 90).all()


def test_the_clock_changes_each_second_and_not_within_it() -> None:
    board = Board(Options(clock=True))
    first = painted(board)
    assert (painted(board, at=NOW + SECOND // 2) == first).all()
    assert (painted(board, at=NOW + SECOND) != first).any()


def test_the_clock_is_that_of_its_zone() -> None:
    rows = [painted(Board(Options(clock=True, timezone=zone, clock_format="%H"))) for zone in ("UTC", "Asia/Tokyo")]
    assert (rows[0] != rows[1]).any()


def test_what_does_not_change_is_drawn_once_for_each_shape(monkeypatch: pytest.MonkeyPatch) -> None:
    board = Board(Options(notice="Hi", clock=True))
    drawn = []
    draw = Lettering.draw

    def counted(self: Lettering, text: str, **how: int) -> U8:
        drawn.append(text)
        return draw(self, text, **how)

    monkeypatch.setattr(Lettering, "draw", counted)
    for index in range(50):
        painted(board, at=NOW + index * SECOND // 25)
    assert len(drawn) == 3
    painted(board, shape=VideoFormat(640, 480))
    assert len(drawn) == 5


@pytest.mark.parametrize("size", [(2, 2), (16, 16), (64, 48), (48, 640)])
def test_no_picture_is_too_small(size: tuple[int, int]) -> None:
    shape = VideoFormat(*size)
    board = Board(Options(notice="A notice of many words, which no small picture has room for", clock=True))
    painted(board, shape=shape)
    buffer = np.full(shape.buffer_shape, 50, np.uint8)
    board.say(Planes.of_buffer(buffer, shape), shape, CoverReason.OFFLINE)


def test_slates_speak_the_camera_s_language_or_its_own_words() -> None:
    english, chinese = Board(Options()), Board(Options.model_validate({"languages": ["zh"], "covered": "Pause"}))
    assert english.words(CoverReason.OFFLINE) == "Camera offline"
    assert chinese.words(CoverReason.OFFLINE) == "摄像机离线"
    assert chinese.words(CoverReason.OPERATOR) == chinese.words(CoverReason.LATE) == "Pause"
    assert (said(english, CoverReason.OFFLINE) != said(chinese, CoverReason.OFFLINE)).any()


def test_words_stand_in_the_middle() -> None:
    rows, columns = np.nonzero(said(Board(Options()), CoverReason.OFFLINE)[: SHAPE.height] != 50)
    assert (columns.min() + columns.max()) / 2 == pytest.approx(160, abs=4)
    assert (rows.min() + rows.max()) / 2 == pytest.approx(120, abs=8)


def test_letters_that_no_font_has_are_refused() -> None:
    with pytest.raises(ConfigError, match="no font has \u0915"):
        Board(Options(notice="\u0915\u0916"))


def test_an_image_that_is_none_is_refused(tmp_path: Path) -> None:
    (tmp_path / "text.png").write_text("no image")
    Image.new("RGB", (40, 20)).save(tmp_path / "whole.png")
    (tmp_path / "cut.png").write_bytes((tmp_path / "whole.png").read_bytes()[:40])
    for name, what in (("text.png", "no image"), ("absent.png", "No such file"), ("cut.png", "image")):
        with pytest.raises(ConfigError, match=what):
            Board(Options(image=tmp_path / name))
