"""libsrt 1.4 or later, as Debian packages it, through ctypes: every call gives up the interpreter's lock while it waits."""

from __future__ import annotations

import ctypes
import ctypes.util
from functools import cache
from typing import Final

from proxy.srt.failures import SrtMissing

_NAMES: Final = ("libsrt-openssl.so.1.5", "libsrt-gnutls.so.1.5", "libsrt.so.1.5", "libsrt-openssl.so.1.4", "libsrt-gnutls.so.1.4")
_FOUND_AS: Final = ("srt-openssl", "srt-gnutls", "srt")

FAILED: Final = -1
READABLE: Final = 0x1
REFUSED: Final = 1002
TIMED_OUT: Final = frozenset({6001, 6002, 6003})
"""Nothing to read or no room to write, now or within a socket's timeout."""

SNDSYN, RCVSYN, SNDTIMEO, RCVTIMEO = 1, 2, 13, 14
SNDDATA, LATENCY, PASSPHRASE, PBKEYLEN, CONNTIMEO = 19, 23, 26, 27, 36
STREAMID, PAYLOADSIZE, PEERIDLETIMEO = 46, 49, 55
"""Options of a socket, as srt.h numbers them."""

FORBIDDEN: Final = 1403
ADMISSION: Final = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_int, ctypes.c_int, ctypes.c_void_p, ctypes.c_char_p)
"""Decides on a caller by its stream id: 0 lets it in, -1 does not."""

REASONS: Final = {
    3: "it has no room for another connection",
    8: "its SRT is too old",
    10: "wrong passphrase",
    11: "only one side has a passphrase",
    16: "it did not answer in time",
    17: "it cannot encrypt as asked",
    1400: "it does not understand the stream id",
    1401: "it wants another stream id or password",
    FORBIDDEN: "it forbids this stream id",
    1404: "it has no such stream",
    1409: "somebody else uses this stream",
}
"""Reasons for a refusal: srt_getrejectreason, with those of 1000 and more after HTTP."""


@cache
def srt() -> ctypes.CDLL:
    """The library, started.

    Raises:
        SrtMissing: this machine has none.
    """
    found = [name for short in _FOUND_AS if (name := ctypes.util.find_library(short))]
    for name in (*_NAMES, *found):
        try:
            library = ctypes.CDLL(name)
        except OSError:
            continue
        library.srt_getlasterror_str.restype = ctypes.c_char_p
        # the library's own lines on standard error may tell addresses: only what is fatal is left
        library.srt_setloglevel(2)
        library.srt_startup()
        return library
    raise SrtMissing("this machine has no libsrt", hint="Debian: apt-get install libsrt1.5-openssl, or libsrt1.5-gnutls")


def last_error() -> tuple[int, str]:
    """Number and text of this thread's last failure."""
    number = srt().srt_getlasterror(None)
    return number, bytes(srt().srt_getlasterror_str() or b"").decode("utf-8", "replace").removeprefix("Connection setup failure: ")
