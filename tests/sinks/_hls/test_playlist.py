"""A playlist's text after any number of segments."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.sinks._hls.playlist import Playlist, Segment


def segment(number, *, duration=2.0, header="init-0.mp4", discontinuity=False):
    return Segment(f"segment-{number}.m4s", duration, header, discontinuity)


def test_an_empty_playlist_is_one_that_a_player_waits_on():
    playlist = Playlist(window=3, target_s=2.0)
    assert playlist.empty
    assert playlist.text().splitlines()[:3] == ["#EXTM3U", "#EXT-X-VERSION:3", "#EXT-X-TARGETDURATION:2"]


@given(st.lists(st.tuples(st.booleans(), st.floats(0.1, 9)), min_size=1, max_size=40), st.integers(1, 6))
def test_numbers_fit_the_segments_shown_and_nothing_shown_was_given_up(made, window):
    playlist = Playlist(window=window, target_s=2.0)
    gone = set()
    header = 0
    for number, (discontinuity, duration) in enumerate(made):
        header += discontinuity
        gone |= set(playlist.add(segment(number, duration=duration, header=f"init-{header}.mp4", discontinuity=discontinuity)))
        lines = playlist.text().splitlines()
        names = [line for line in lines if not line.startswith("#")]
        headers = [line.split('"')[1] for line in lines if line.startswith("#EXT-X-MAP")]
        first = number + 1 - len(names)
        assert len(names) == min(window, number + 1)
        assert f"#EXT-X-MEDIA-SEQUENCE:{first}" in lines
        assert f"#EXT-X-DISCONTINUITY-SEQUENCE:{sum(flag for flag, _ in made[:first])}" in lines
        assert headers
        assert not gone & {*names, *headers}
        target = next(int(line.split(":")[1]) for line in lines if line.startswith("#EXT-X-TARGETDURATION"))
        assert all(length <= target for _, length in made[first : number + 1])


def test_old_segments_stay_for_a_window_and_then_go_with_the_header_nobody_needs():
    playlist = Playlist(window=2, target_s=2.0)
    gone = [playlist.add(segment(number, header=f"init-{number // 4}.mp4")) for number in range(9)]
    assert gone[:4] == [[], [], [], []]
    assert gone[4] == ["segment-0.m4s"]
    assert gone[7] == ["segment-3.m4s", "init-0.mp4"]


def test_an_ended_playlist_says_so_and_transport_streams_need_no_header():
    playlist = Playlist(window=2, target_s=2.0)
    playlist.add(Segment("segment-0.ts", 2.0, None, discontinuity=False))
    text = playlist.text(ended=True)
    assert "#EXT-X-MAP" not in text
    assert text.endswith("#EXTINF:2.00000,\nsegment-0.ts\n#EXT-X-ENDLIST\n")
