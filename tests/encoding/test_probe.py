"""The probe encodes a picture for real."""

import pytest

from proxy.encoding.probe import encodes


@pytest.mark.parametrize("name", ["libx264", "libx265"])
def test_an_encoder_that_works_is_found_to_work(name):
    assert encodes(name, width=160, height=96)


@pytest.mark.parametrize("name", ["no_such_encoder", "aac"])
def test_what_cannot_encode_pictures_is_found_out_without_a_crash(name):
    assert not encodes(name, width=160, height=96)
