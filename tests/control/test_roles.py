"""A token stands for a role, and some for a while only."""

from datetime import UTC, datetime

import pytest
from aiohttp.test_utils import make_mocked_request

from proxy.control.roles import Grant, Role, Unknown, role_of

NOON = datetime(2027, 1, 31, 12, tzinfo=UTC)
GRANTS = (Grant("look", Role.VIEWER), Grant("tap", Role.OPERATOR, NOON), Grant("all"))


BEFORE = NOON.timestamp() - 1


def asked(header, *, now=BEFORE):
    request = make_mocked_request("GET", "/", headers={"Authorization": header} if header else {})
    return role_of(request, GRANTS, clock=lambda: now)


@pytest.mark.parametrize(
    ("header", "role"),
    [("Bearer look", Role.VIEWER), ("bearer tap", Role.OPERATOR), ("Basic eDphbGw=", Role.ADMIN)],
)
def test_a_known_token_stands_for_its_role(header, role):
    assert asked(header) is role


@pytest.mark.parametrize("header", ["", "Bearer", "Basic !!!", "Basic /w==", "Digest all"])
def test_who_shows_no_token_is_asked_for_one(header):
    with pytest.raises(Unknown, match="a token is needed"):
        asked(header)


@pytest.mark.parametrize("header", ["Bearer nobody", "Basic eDpub2JvZHk="])
def test_a_token_that_is_not_known_stands_for_nobody_and_that_is_said(header):
    with pytest.raises(Unknown, match="unknown token"):
        asked(header)


def test_a_token_ends_at_its_time_and_says_so():
    with pytest.raises(Unknown, match="expired"):
        asked("Bearer tap", now=NOON.timestamp())


def test_each_role_may_what_the_ones_before_may():
    assert [[role.may(needed) for needed in Role] for role in Role] == [
        [True, False, False],
        [True, True, False],
        [True, True, True],
    ]
