"""An overload is told once when it begins and once when it is over."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.telemetry.strain import KeepsUp, Overloaded, Strain


def test_a_long_overload_is_told_twice_in_all():
    strain = Strain()
    told = [strain.step(3, now=second / 2) for second in range(120)] + [strain.step(0, now=60 + second / 2) for second in range(60)]
    assert [what for what in told if what] == [Overloaded(), KeepsUp(360, 59.5)]


def test_a_hiccup_and_a_start_are_no_overload():
    strain = Strain()
    told = [strain.step(5, now=0.0), strain.step(5, now=0.5), *(strain.step(0, now=1 + second) for second in range(30))]
    told += [strain.step(5, now=60.0), strain.step(5, now=70.0), strain.step(5, now=80.0)]
    assert not any(told)


def test_a_pause_in_an_overload_does_not_end_it():
    strain = Strain()
    told = [strain.step(1 if second % 8 < 4 else 0, now=float(second)) for second in range(100)]
    assert [what for what in told if what] == [Overloaded()]


@given(st.lists(st.tuples(st.integers(0, 9), st.floats(0, 30)), max_size=60))
def test_beginnings_and_ends_take_turns(steps):
    strain, now, told = Strain(), 0.0, []
    for dropped, pause in steps:
        now += pause
        told.append(strain.step(dropped, now=now))
    kinds = [type(what) for what in told if what]
    assert kinds == [Overloaded, KeepsUp] * (len(kinds) // 2) + [Overloaded] * (len(kinds) % 2)
