"""What the short names in the ledger mean, for people who know nothing of the program."""

from __future__ import annotations

from typing import Final

COVERED: Final = {
    "not-examined": "Nobody had looked for people in this picture or in one near enough, so nobody could say where they are.",
    "late": "Looking for people was not finished when the picture had to leave; usually the machine was too busy.",
    "detector-failed": "The part that looks for people failed at this picture.",
    "tracker-failed": "The part that follows people from picture to picture failed at this one.",
    "redactor-failed": "The part that makes people unrecognisable failed at this picture.",
    "signs-failed": "The notice could not be drawn into the picture.",
    "invalid-regions": "The places where people were said to be made no sense.",
    "starting": "The stream had begun, and no picture of the camera was ready yet: a plain notice was sent in its place.",
    "offline": "The camera or its publisher sent nothing: a plain notice was sent in its place.",
    "operator": "An operator had covered the camera, or the second detector had after a finding (see what operators did).",
    "unproven": "No proof was there that people were hidden in what was sent: a plain notice was sent in its place.",
}
"""Why a picture is covered whole."""

PROOF: Final = {
    "unproven": "No signature was about these pictures.",
    "altered": "These were not the pictures that the device signed, or were shown at other times.",
    "removed": "Pictures that the device had signed were missing.",
    "repeated": "Pictures that the device had signed came a second time.",
    "reordered": "Pictures that the device had signed came in another order.",
    "spliced": "They were signed for another camera, another run of the device, or another time.",
    "forged": "Something was shown as a signature and was none, or was not of whom it said.",
    "unknown-key": "They were signed by somebody who is not trusted for this camera.",
    "revoked-key": "They were signed with a key that is no longer trusted.",
    "weaker-policy": "They were signed, but less was hidden in them than the platform asks for.",
    "clock": "They were signed at a time that cannot be right, or too long ago.",
}
"""What was wrong with a device's signature."""

ROWS: Final = {
    "finding": "the second detector saw a face again and again in what was sent; the camera was covered",
    "proof-lost": "the devices' signatures were no longer trusted; from then on people were hidden by the gateway itself",
    "audit-lost": "the second detector could not see what was sent",
    "audit-again": "it could again",
    "failed": "the process that hides people and sends broke, and was started again; nothing was sent meanwhile",
}
"""What a kind of row among the findings says."""
