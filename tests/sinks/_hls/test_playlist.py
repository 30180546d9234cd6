"""A playlist's text after any number of segments."""

from hypothesis import given
from hypothesis import strategies as st

from proxy.sinks._hls.playlist import Coming, Part, Playlist, Segment


def segment(number, *, duration=2.0, header="init-0.mp4", discontinuity=False):
    return Segment(f"segment-{number}.m4s", duration, header, discontinuity)


def test_an_empty_playlist_is_one_that_a_player_waits_on():
    playlist = Playlist(window=3, target_s=2.0)
    assert playlist.untouched
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


def with_parts(number):
    parts = tuple(Part(f"part-{number}-{part}.m4s", 0.5, independent=not part) for part in range(4))
    return Segment(f"segment-{number}.m4s", 2.0, "init.mp4", discontinuity=False, parts=parts)


def test_parts_are_shown_of_the_newest_segments_and_of_the_one_that_is_made():
    playlist = Playlist(window=6, target_s=2.0, part_s=0.5)
    for number in range(5):
        playlist.add(with_parts(number))
    coming = Coming((Part("part-5-0.m4s", 0.5, independent=True),), "init.mp4", discontinuity=False, hint="part-5-1.m4s")
    lines = playlist.text(coming).splitlines()
    assert "#EXT-X-VERSION:9" in lines
    assert "#EXT-X-SERVER-CONTROL:CAN-BLOCK-RELOAD=YES,PART-HOLD-BACK=1.50000" in lines
    assert "#EXT-X-PART-INF:PART-TARGET=0.50000" in lines
    shown = [line.split('"')[1] for line in lines if line.startswith("#EXT-X-PART:")]
    assert shown == [f"part-{number}-{part}.m4s" for number in (2, 3, 4) for part in range(4)] + ["part-5-0.m4s"]
    assert lines[-2:] == [
        '#EXT-X-PART:DURATION=0.50000,URI="part-5-0.m4s",INDEPENDENT=YES',
        '#EXT-X-PRELOAD-HINT:TYPE=PART,URI="part-5-1.m4s"',
    ]
    assert lines.count('#EXT-X-MAP:URI="init.mp4"') == 1
    ended = playlist.text(coming, ended=True)
    assert "PRELOAD" not in ended
    assert ended.endswith("#EXT-X-ENDLIST\n")


def test_the_first_parts_of_all_come_behind_their_header_and_go_with_their_segment():
    playlist = Playlist(window=1, target_s=2.0, part_s=0.5)
    coming = Coming((Part("part-0-0.m4s", 0.5, independent=True),), "init.mp4", discontinuity=False, hint="part-0-1.m4s")
    lines = playlist.text(coming).splitlines()
    assert lines.index('#EXT-X-MAP:URI="init.mp4"') < lines.index('#EXT-X-PART:DURATION=0.50000,URI="part-0-0.m4s",INDEPENDENT=YES')
    gone = [playlist.add(with_parts(number)) for number in range(3)]
    assert gone[2] == ["segment-0.m4s", *(f"part-0-{part}.m4s" for part in range(4))]


def test_a_part_longer_than_expected_raises_what_is_promised():
    playlist = Playlist(window=3, target_s=2.0, part_s=0.5)
    playlist.add(Segment("s.m4s", 2.0, "init.mp4", discontinuity=False, parts=(Part("p.m4s", 0.7, independent=True),)))
    assert "#EXT-X-PART-INF:PART-TARGET=0.70000" in playlist.text()
