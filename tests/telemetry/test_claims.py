"""The latest claims are kept for whoever asks."""

from proxy.telemetry.claims import KEPT, ClaimBook
from proxy.telemetry.events import ClaimMade, FramesDropped


def test_claims_are_kept_by_camera_and_given_from_a_sequence_on():
    book = ClaimBook(("door", "yard"))
    for event in (ClaimMade("door", 0, "a"), ClaimMade("door", 1, "b"), ClaimMade("attic", 0, "c"), FramesDropped("yard", 1)):
        book.observe(event)
    assert [claim.text for claim in book.of("door") or ()] == ["a", "b"]
    assert [claim.text for claim in book.of("door", since=1) or ()] == ["b"]
    assert (book.last("door"), book.last("yard"), book.last("attic")) == (1, None, None)
    assert book.of("yard") == []
    assert book.of("attic") is None


def test_the_oldest_claims_go_first():
    book = ClaimBook(("door",))
    for number in range(KEPT + 5):
        book.observe(ClaimMade("door", number, ""))
    kept = book.of("door") or []
    assert (kept[0].sequence, len(kept)) == (5, KEPT)


def test_cameras_come_and_go():
    book = ClaimBook(())
    book.add("door")
    book.observe(ClaimMade("door", 0, "a"))
    book.add("door")
    assert book.of("door") == []
    book.remove("door")
    assert book.of("door") is None
