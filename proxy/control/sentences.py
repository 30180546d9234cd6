"""How a camera is, in one plain sentence, and what to do about it: English and Chinese. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from proxy.telemetry.events import Connection
from proxy.telemetry.status import CameraStatus, LinkStatus

DROPPED_SHARE: Final = 0.1
COVERED_SHARE: Final = 0.1
"""Shares of the last minute's frames from which on it is worth a sentence."""


class Level(StrEnum):
    """How grave a sentence is."""

    GOOD = "good"
    WAIT = "wait"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Words:
    """The same in both languages."""

    en: str
    zh: str


@dataclass(frozen=True, slots=True)
class Sentence:
    """What is the matter, what to do, and the technical line behind it, which is in English and redacted."""

    level: Level
    text: Words
    advice: Words = Words("", "")
    detail: str = ""


_NOTHING: Final = Words("", "")
_SOURCE: Final[dict[int, tuple[Words, Words]]] = {
    10: (
        Words("The camera does not answer.", "摄像机没有应答。"),
        Words(
            "Check its power, its cable and its address; it is tried again by itself.", "请检查电源、网线和地址；系统会自动重试。"
        ),
    ),
    11: (
        Words("The camera refuses: wrong user, password or stream.", "摄像机拒绝访问：用户名、密码或码流有误。"),
        Words("Enter the camera's user and password again, or pick another stream.", "请重新输入用户名和密码，或选择其他码流。"),
    ),
    12: (
        Words("The camera sends no picture that can be read.", "摄像机没有发送可识别的画面。"),
        Words("Set it to H.264, H.265 or JPEG, or pick another stream.", "请将其设为 H.264、H.265 或 JPEG，或选择其他码流。"),
    ),
    13: (
        Words("What the camera sends is damaged.", "摄像机发送的数据已损坏。"),
        Words("Check the cable and the network on the way to it.", "请检查到摄像机的网线和网络。"),
    ),
}
_SINK: Final[dict[int, tuple[Words, Words]]] = {
    20: (
        Words("A platform does not answer.", "直播平台没有应答。"),
        Words(
            "Check the network and the platform's address; it is tried again by itself.", "请检查网络和平台地址；系统会自动重试。"
        ),
    ),
    21: (
        Words("A platform refuses the stream: its key is wrong or has expired.", "直播平台拒绝推流：密钥错误或已过期。"),
        Words("Copy the key from the platform again.", "请从平台重新复制密钥。"),
    ),
    22: (
        Words("A recording cannot be written.", "录像无法写入。"),
        Words("Free some space, or choose another folder.", "请释放空间，或选择其他文件夹。"),
    ),
}
_PROCESS: Final[dict[int, tuple[Words, Words]]] = {
    2: (
        Words("This camera's settings do not work.", "该摄像机的设置无效。"),
        Words("Change them, or undo the last change.", "请修改设置，或撤销上一次更改。"),
    ),
    3: (
        Words(
            "A detection model is missing or damaged; nothing is shown without it.",
            "检测模型缺失或损坏；没有它就不会显示任何画面。",
        ),
        Words("Install Veilcast again.", "请重新安装 Veilcast。"),
    ),
    30: (
        Words("The picture cannot be compressed on this machine.", "本机无法压缩画面。"),
        Words("Choose another encoder, or a smaller picture.", "请选择其他编码器，或降低分辨率。"),
    ),
}
_STOPPED: Final = (
    Words("This camera's process stopped; it is started again by itself.", "该摄像机的进程已停止，正在自动重启。"),
    Words(
        "If it happens again and again, send a support bundle: veilcast doctor.",
        "如反复出现，请用 veilcast doctor 生成支持包并发送。",
    ),
)
_ANY: Final = _PROCESS | _SOURCE | _SINK
"""A camera's process ends with the error of its source or last sink where that comes before any picture."""
_OVERLOADED: Final = Sentence(
    Level.WAIT,
    Words(
        "This machine is too slow for this picture: frames are left out, and none leaves unchecked.",
        "本机处理不过来：有画面被丢弃，但没有未经检测的画面流出。",
    ),
    Words("Choose a smaller stream or the accuracy “light”, or fewer cameras.", "请选择更小的码流、“light”精度，或减少摄像机。"),
)
_COVERED_OFTEN: Final = Sentence(
    Level.WAIT,
    Words("Parts of the last minute were covered whole, to be safe.", "过去一分钟内有部分画面为安全起见被整体遮盖。"),
    Words("If it goes on, choose the accuracy “light” or a smaller stream.", "如持续出现，请选择“light”精度或更小的码流。"),
)
_RUNNING: Final = Sentence(Level.GOOD, Words("The camera's picture is anonymised and streamed.", "画面已匿名化并正在推流。"))
_CONNECTING: Final = Sentence(Level.WAIT, Words("Connecting to the camera …", "正在连接摄像机……"))
_ENDED: Final = Sentence(Level.WAIT, Words("The input has ended.", "输入已结束。"))
_COVERED: Final = Sentence(
    Level.WAIT,
    Words("Covered by an operator: nothing of the picture leaves.", "已由操作员遮盖：画面内容不会流出。"),
    Words("Uncover it when the reason is gone.", "原因消除后请取消遮盖。"),
)
_WAITING: Final = Sentence(
    Level.WAIT,
    Words("Waiting for somebody to publish to this camera's address.", "正在等待推流到该摄像机地址。"),
    Words("Start the publisher; it is taken at once.", "请启动推流端；系统会立即接收。"),
)


def sentence(camera: CameraStatus, *, covered: bool) -> Sentence:
    """The one sentence that matters most about ``camera``; ``covered`` is whether an operator covers it."""
    return next(_found(camera, covered=covered))


def _found(camera: CameraStatus, *, covered: bool) -> Iterator[Sentence]:
    """What is to be said, the gravest first."""
    if camera.why.code and camera.process is not Connection.RUNNING:
        yield _of(camera.why, _ANY, _STOPPED)
    if camera.source.code and camera.source.state is not Connection.RUNNING:
        yield _WAITING if camera.source.detail.startswith("the publisher") else _of(camera.source, _SOURCE, _SOURCE[10])
    if covered:
        yield _COVERED
    if camera.source.state is Connection.ENDED:
        yield _ENDED
    if camera.source.state is not Connection.RUNNING:
        yield _CONNECTING
    for sink in camera.sinks.values():
        if sink.code and sink.state is not Connection.RUNNING:
            yield _of(sink, _SINK, _SINK[20])
    if camera.dropped_lately > DROPPED_SHARE * (camera.sent_lately + camera.dropped_lately):
        yield _OVERLOADED
    if sum(camera.covered_lately.values()) > COVERED_SHARE * camera.sent_lately:
        yield _COVERED_OFTEN
    yield _RUNNING


def _of(link: LinkStatus, known: dict[int, tuple[Words, Words]], otherwise: tuple[Words, Words]) -> Sentence:
    text, advice = known.get(link.code, otherwise)
    name = f"{link.name}: " if "://" in link.name else ""
    return Sentence(Level.BAD, text, advice, name + "; ".join(part for part in (link.detail, link.hint) if part))
