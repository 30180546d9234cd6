"""A row is read as it was written, and nothing else is taken for one."""

import pytest

from proxy.gateway.entry import Entry

ROW = (7, 1_790_000_000_000, "switch", "all:", "operator", '{"action":"cut"}', "before", "own", "signed")


def test_an_entry_comes_back_whole():
    entry = Entry.of(ROW)
    assert (entry.seq, entry.detail) == (7, {"action": "cut"})
    assert Entry.told(entry.whole()) == entry


@pytest.mark.parametrize("whole", [None, [], {"seq": 7}, {**Entry.of(ROW).whole(), "colour": 1}])
def test_what_is_no_entry_is_refused(whole):
    with pytest.raises(TypeError):
        Entry.told(whole)
