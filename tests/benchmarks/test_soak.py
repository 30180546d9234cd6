"""What the soak calls a leak."""

from dataclasses import asdict

from benchmarks.soak import LIMITS, Sample, growths

STEADY = Sample(0.0, 100.0, 20, 10, 8, 400.0, 30, 12, 14, 4)


def run(**rising):
    """Sixty samples of which some figures rise by so much each."""
    moved = ({name: getattr(STEADY, name) + rise * number for name, rise in rising.items()} for number in range(60))
    return [Sample(**asdict(STEADY) | changed) for changed in moved]


def test_what_stays_leaks_nothing():
    assert [growth.name for growth in growths(run()) if growth.leaks] == []


def test_what_rises_is_named():
    for name in LIMITS:
        assert [growth.name for growth in growths(run(**{name: 2})) if growth.leaks] == [name]


def test_a_single_spike_is_no_leak():
    samples = run()
    samples[-1] = Sample(**asdict(STEADY) | {"memory_mib": 900.0, "descriptors": 500})
    assert [growth.name for growth in growths(samples) if growth.leaks] == []
