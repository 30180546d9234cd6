"""Publishers, their cameras and their tokens."""

import pytest

from proxy.gateway.admission import Admission
from proxy.gateway.database import FILE, opened
from proxy.gateway.registry import CameraTaken, Registry, hashed


@pytest.fixture
def registry(tmp_path):
    made = Registry(opened(tmp_path))
    made.put("acme", admission=None, max_streams=2, cameras=("door", "yard"), now_ms=5)
    return made


def test_a_token_is_its_publishers_and_opens_its_cameras(registry):
    number, token = registry.new_token("acme", now_ms=5, expires_ms=99)
    found = registry.find(token)
    assert found is not None
    assert (found.token, found.publisher, found.expires_ms, found.revoked) == (number, "acme", 99, False)
    assert (found.admission, found.max_streams, found.cameras) == (None, 2, ("door", "yard"))
    assert registry.find(token + "x") is None
    assert registry.find("") is None


def test_a_token_may_be_for_some_of_the_cameras_only(registry):
    _, token = registry.new_token("acme", now_ms=5, expires_ms=None, cameras=("door", "gate"))
    found = registry.find(token)
    assert found is not None
    assert [camera for camera in ("door", "yard", "gate") if found.opens(camera)] == ["door"], "and the publisher has no gate"
    assert [one.cameras for one in registry.tokens("acme")] == [("door", "gate")]


def test_no_token_is_kept_anywhere(registry, tmp_path):
    _, token = registry.new_token("acme", now_ms=5, expires_ms=None)
    written = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert (tmp_path / FILE).exists()
    assert token.encode() not in written
    assert token.removeprefix("vct_").encode() not in written
    assert hashed(token).encode() in written


def test_a_publisher_may_have_several_tokens_and_each_is_revoked_alone(registry):
    (one, first), (_, second) = (registry.new_token("acme", now_ms=5, expires_ms=None) for _ in range(2))
    assert registry.revoke_token("acme", one, now_ms=7)
    assert not registry.revoke_token("acme", one, now_ms=8), "only once"
    assert not registry.revoke_token("other", one, now_ms=8)
    revoked, good = registry.find(first), registry.find(second)
    assert revoked is not None
    assert good is not None
    assert (revoked.revoked, good.revoked) == (True, False)
    assert [(token.revoked_ms, token.created_ms) for token in registry.tokens("acme")] == [(7, 5), (None, 5)]


def test_a_publisher_is_revoked_with_all_its_tokens_and_may_be_taken_back(registry):
    _, token = registry.new_token("acme", now_ms=5, expires_ms=None)
    assert registry.revoke("acme", now_ms=7)
    assert not registry.revoke("acme", now_ms=8)
    assert not registry.revoke("nobody", now_ms=8)
    found = registry.find(token)
    assert found is not None
    assert found.revoked
    registry.put("acme", admission=Admission.REJECT, max_streams=1, cameras=("door",), now_ms=9)
    found = registry.find(token)
    assert found is not None
    assert (found.revoked, found.admission, found.cameras) == (False, Admission.REJECT, ("door",))


def test_a_camera_belongs_to_one_publisher(registry):
    with pytest.raises(CameraTaken, match="yard"):
        registry.put("other", admission=None, max_streams=1, cameras=("gate", "yard"), now_ms=5)
