import json

from benchmarks.growth import Row, crowd, drawn, markdown


def test_a_crowd_has_as_many_people_as_asked_for_each_with_a_way_of_their_own():
    people = crowd(50, 4.0)
    assert len({actor.id for actor in people}) == len({actor.marks for actor in people}) == 50
    assert people == crowd(50, 4.0)
    assert people[:10] == crowd(10, 4.0)


def test_a_drawn_clip_shows_the_people_that_it_says(tmp_path):
    path = drawn(tmp_path, people=3, size=(320, 180), seconds=0.08)
    frames = json.loads(path.with_suffix(".json").read_text())["frames"]
    assert len(frames) == 2
    assert 1 <= len(frames[0]["persons"]) <= 3


def test_growth_is_told_against_the_first_row():
    table = markdown({"people": [Row("0", 40.0, 20.0, 8.0), Row("50", 30.0, 25.0, 9.0)]})
    assert "| people | 0 | 40.0 | 20.0 | 8.0 | +0% |" in table
    assert "| people | 50 | 30.0 | 25.0 | 9.0 | +25% |" in table
