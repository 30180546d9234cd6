"""An ingest's address has a host, an application and a key, and the key is in no text."""

import pytest

from proxy.sinks._rtmp.address import Address


@pytest.mark.parametrize(
    ("url", "host", "port", "app", "key"),
    [
        ("rtmp://a.example/live2/abcd-1234", "a.example", 1935, "live2", "abcd-1234"),
        ("rtmps://a.example:444/rtmp/FB-1?s_bl=1&s_v=2", "a.example", 444, "rtmp", "FB-1?s_bl=1&s_v=2"),
        ("rtmps://a.example/app/instance/key", "a.example", 443, "app/instance", "key"),
        ("rtmp://[::1]:1936/live/", "::1", 1936, "live", ""),
    ],
)
def test_the_key_is_the_last_part_and_the_application_what_is_before(url, host, port, app, key):
    address = Address.parse(url)
    assert (address.host, address.port, address.app, address.key) == (host, port, app, key)
    assert address.tls == url.startswith("rtmps")


def test_a_key_given_apart_leaves_the_whole_path_to_the_application():
    address = Address.parse("rtmp://a.example/app/instance", key="secret")
    assert (address.app, address.key) == ("app/instance", "secret")


@pytest.mark.parametrize("wrong", ["http://a/b/c", "rtmp://", "rtmp://host", "rtmp://host:99999/a/k", "rtmp://u:secret@host/a/k"])
def test_what_is_no_such_address_is_refused_without_being_repeated(wrong):
    with pytest.raises(ValueError) as refusal:
        Address.parse(wrong)
    assert "secret" not in str(refusal.value)


def test_names_for_people_and_representations_hold_no_key():
    address = Address.parse("rtmps://[::1]/app/inst/secret")
    assert address.base == "rtmps://[::1]/app/inst"
    assert address.name == "rtmps://[::1]/app/***"
    assert "secret" not in repr(address)
