"""Cameras that answer almost as they should, one after the other, to a real RTSP source: ``python -m … FIRST SECONDS``.

Says what ``bitstreams`` says. A source has two seconds to open and one of silence; whatever it then does not end by is a hang.
"""

from __future__ import annotations

import asyncio
import random
import re
import sys
import time

from proxy.errors import VeilcastError
from proxy.sources.rtsp import Options, RtspSource
from tests.fuzz.bitstreams import say
from tests.fuzz.mutants import SEED, mutant

AT_ONCE = 8
ENDS_S = 20.0
SDP = b"""v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=camera\r\nt=0 0\r\na=control:*\r\na=range:npt=now-\r\n\
m=video 0 RTP/AVP 96\r\na=rtpmap:96 H264/90000\r\na=framerate:25\r\na=control:stream=0\r\n\
a=fmtp:96 packetization-mode=1;profile-level-id=42C01E;sprop-parameter-sets=Z0LAHtkDxWhAAAADAEAAAAwDxYuS,aMuMsg==\r\n\
m=audio 0 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\na=control:stream=1\r\n"""
ANSWERS = {
    b"OPTIONS": b"RTSP/1.0 200 OK\r\nCSeq: {}\r\nPublic: OPTIONS, DESCRIBE, SETUP, TEARDOWN, PLAY\r\n\r\n",
    b"DESCRIBE": b"RTSP/1.0 200 OK\r\nCSeq: {}\r\nContent-Type: application/sdp\r\nContent-Length: %d\r\n\r\n%s" % (len(SDP), SDP),
    b"SETUP": b"RTSP/1.0 200 OK\r\nCSeq: {}\r\nSession: 1234;timeout=60\r\nTransport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n\r\n",
    b"PLAY": b"RTSP/1.0 200 OK\r\nCSeq: {}\r\nSession: 1234\r\nRTP-Info: url=stream=0;seq=1;rtptime=0\r\n\r\n",
}
RTP = (
    b"$\x00\x00\x12\x80\xe0\x00\x01\x00\x00\x00\x00\x12\x34\x56\x78\x65\x88\x84\x00\x21\xff" + b"$\x00\x00\x0e\x80\x60" + bytes(12)
)
ELSEWHERE = re.compile(rb"(?i)location:")
"""What would lead to another host is left out: a source follows where a camera sends it."""


async def camera(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, chance: random.Random) -> None:
    """Answer each request, some of them almost rightly, and then send what is almost a picture."""
    wrong = chance.choice((*ANSWERS, b"RTP"))
    try:
        while True:
            request = await reader.readuntil(b"\r\n\r\n")
            method = request.split(b" ", 1)[0]
            number = re.search(rb"(?i)cseq: *(\d+)", request)
            answer = ANSWERS.get(method, ANSWERS[b"PLAY"]).replace(b"{}", number[1] if number else b"1")
            writer.write(ELSEWHERE.sub(b"X:", mutant([answer], chance)) if method == wrong else answer)
            if method == b"PLAY":
                for _ in range(50):
                    writer.write(mutant([RTP * 4], chance) if wrong == b"RTP" else RTP)
                    await asyncio.sleep(0.01)
                return
    except (asyncio.IncompleteReadError, asyncio.LimitOverrunError, OSError):
        return
    finally:
        writer.transport.abort()


async def tried(number: int) -> None:
    chance = random.Random(SEED * 1_000_003 + number)
    server = await asyncio.start_server(lambda reader, writer: camera(reader, writer, chance), "127.0.0.1", 0)
    url = f"rtsp://user:password@127.0.0.1:{server.sockets[0].getsockname()[1]}/stream"
    options = Options.from_url(url).model_copy(update={"open_timeout_s": 2.0, "read_timeout_s": 1.0})
    try:
        async with asyncio.timeout(ENDS_S):
            async for _ in RtspSource(options).frames():
                pass
    except VeilcastError:
        return
    finally:
        server.close()


async def main(number: int, seconds: float) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        say(f"{number} and the {AT_ONCE - 1} after it")
        async with asyncio.TaskGroup() as group:
            for more in range(AT_ONCE):
                group.create_task(tried(number + more))
        say("ended")
        number += AT_ONCE
    say("done")


if __name__ == "__main__":
    asyncio.run(main(int(sys.argv[1]), float(sys.argv[2])))
