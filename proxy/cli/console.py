"""What the command says on standard error: one line for an error, one for what to do, one for each warning."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from typing import Final

from proxy.errors import ConfigError, VeilcastError
from proxy.media.redact import redact

INTERNAL_EXIT: Final = 70
INTERRUPTED_EXIT: Final = 130

EXIT_CODES: Final = (
    (0, "done, or stopped on request"),
    (1, "failed for a reason without a code of its own"),
    (2, "the command line or the settings are wrong"),
    (3, "a model file is missing, altered or unusable"),
    (10, "the source cannot be reached, or says nothing"),
    (11, "the source says no: wrong password, no such stream"),
    (12, "the source has no video, or none that can be decoded"),
    (13, "nothing in the source could be decoded"),
    (20, "a sink cannot be reached, or was cut"),
    (21, "a sink says no: wrong stream key, certificate not trusted"),
    (22, "an output cannot be written"),
    (30, "no encoder opened"),
    (31, "a detector broke"),
    (40, "a camera's process died"),
    (50, "verify: not all of it is proven"),
    (51, "verify: removed, repeated, reordered, altered or spliced"),
    (52, "verify: an unknown or revoked key, or a forged claim"),
    (53, "verify: a weaker policy than asked for"),
    (54, "verify: signed at a time out of range"),
    (55, "ledger: changed, or not whole"),
    (56, "a stream that is sent on because it is proven is so no more"),
    (INTERNAL_EXIT, "a defect of veilcast's own"),
    (INTERRUPTED_EXIT, "interrupted with Ctrl-C"),
)


def complain(error: VeilcastError) -> None:
    """Say what happened and what to do: one line where there is one problem, a line each where there are more."""
    problems = error.problems if isinstance(error, ConfigError) else ()
    if len(problems) == 1:
        say(problems[0])
    else:
        say(error.message)
        for problem in problems:
            _write(f"  {problem}")
    if error.hint:
        _write(f"  hint: {error.hint}")


def warn(lines: Iterable[str]) -> None:
    """Say each of ``lines`` as a warning."""
    for line in lines:
        say(f"warning: {line}")


def say(text: str) -> None:
    """One line on standard error, with the command's name in front."""
    _write(f"veilcast: {text}")


def _write(text: str) -> None:
    sys.stderr.write(redact(text).replace("\n", " ") + "\n")
    sys.stderr.flush()
