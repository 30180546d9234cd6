"""What goes wrong with SRT carries what to do about it."""

from proxy.srt.failures import SrtError, SrtRejected


def test_a_failure_is_one_line_and_a_hint() -> None:
    failure = SrtRejected("it refused", hint="check the passphrase")
    assert isinstance(failure, SrtError)
    assert (str(failure), failure.message, failure.hint) == ("it refused", "it refused", "check the passphrase")
