"""Settings changed while the service runs: checked, written, put into force, undone; secrets go in and never come out."""

import json

import pytest

from proxy.control.operations import CameraBody, ChangeBody, PrivacyBody, SinkBody, SourceBody, TrialBody, ZoneBody
from proxy.errors import ConfigError
from proxy.settings.service import load
from proxy.workshop import SettingsWorkshop

BEFORE = """# the entrance
[[camera]]
name = "door"   # by the street
source = "rtsp://admin:hunter2@192.0.2.1/stream"
sinks = [{ url = "rtmp://platform/live", key = "k3y" }]
"""
CORNERS = [(0.1, 0.1), (0.9, 0.1), (0.5, 0.9)]


class Covers:
    def __init__(self):
        self.forgotten = []

    def forget(self, camera):
        self.forgotten.append(camera)


class Fleet:
    """Runs nothing and notes what it was told to run."""

    def __init__(self):
        self.applied, self.tried, self.covers = [], [], Covers()

    async def apply(self, cameras):
        self.applied.append([camera.name for camera in cameras])

    def try_out(self, camera):
        self.tried.append(camera)
        return "trial-1"


@pytest.fixture
def shop(tmp_path):
    path = tmp_path / "veilcast.toml"
    path.write_text(BEFORE)
    return SettingsWorkshop(path, Fleet(), load(path))


def yard(**more):
    return CameraBody(name="yard", source=SourceBody(url="rtsp://192.0.2.2/live", user="u@x", password="p/:w"), **more)


async def test_a_camera_is_added_with_its_platform_and_key_and_comments_stay(shop):
    await shop.add(yard(sinks=[SinkBody(url="rtmp://platform/live", key="other-key")], privacy=PrivacyBody(method="solid")))
    camera = load(shop.path).cameras[1]
    assert camera.source.url.get_secret_value() == "rtsp://u%40x:p%2F%3Aw@192.0.2.2/live"
    assert camera.sinks[0].key.get_secret_value() == "other-key"
    assert camera.privacy.method == "solid"
    assert "# by the street" in shop.path.read_text()
    assert shop.fleet.applied == [["door", "yard"]]


async def test_what_is_shown_holds_no_secret(shop):
    await shop.add(yard(sinks=[SinkBody(url="rtmp://platform/live", key="other-key"), SinkBody(url="rtmp://p/live/in-path")]))
    told = json.dumps(shop.view())
    for secret in ("hunter2", "k3y", "other-key", "in-path", "p/:w", "p%2F"):
        assert secret not in told
    assert shop.view()["cameras"]["door"]["source"] == "rtsp://***@192.0.2.1/stream"


async def test_a_change_keeps_the_destinations_that_it_keeps_and_the_last_change_can_be_undone(shop):
    zone = ZoneBody(kind="covered", points=CORNERS)
    kept = [SinkBody(keep=0), SinkBody(url="srt://192.0.2.9:9000")]
    await shop.change("door", ChangeBody(sinks=kept, privacy=PrivacyBody(method="mosaic", zones=[zone])))
    camera = load(shop.path).cameras[0]
    assert [sink.type for sink in camera.sinks] == ["rtmp", "srt"]
    assert camera.sinks[0].key.get_secret_value() == "k3y"
    assert camera.privacy.zones[0].points == tuple(CORNERS)
    assert shop.view()["cameras"]["door"]["privacy"]["reversible"]
    await shop.undo()
    assert shop.path.read_text() == BEFORE
    assert len(shop.settings.cameras[0].sinks) == 1
    await shop.undo()
    assert load(shop.path).cameras[0].privacy.method == "mosaic"


async def test_what_the_schema_refuses_reaches_neither_the_file_nor_a_camera(shop):
    for change in (
        ChangeBody(privacy=PrivacyBody(method="paint")),
        ChangeBody(privacy=PrivacyBody(zones=[ZoneBody(kind="consent", points=CORNERS)])),
        ChangeBody(sinks=[SinkBody(keep=7)]),
        ChangeBody(sinks=[SinkBody(url="srt://192.0.2.9:9000", key="k")]),
    ):
        with pytest.raises(ConfigError):
            await shop.change("door", change)
    with pytest.raises(ConfigError):
        await shop.change("attic", ChangeBody())
    with pytest.raises(ConfigError):
        await shop.add(yard().model_copy(update={"name": "Not A Name"}))
    with pytest.raises(ConfigError, match="already"):
        await shop.add(yard().model_copy(update={"name": "door"}))
    with pytest.raises(ConfigError, match="no change"):
        await shop.undo()
    assert shop.path.read_text() == BEFORE
    assert shop.fleet.applied == []


@pytest.mark.parametrize(
    "url", ["env:HOME", "file:/etc/shadow", "file:///etc/passwd", "/dev/video0", "null:", "rtsp://a\nb", "", "whip:"]
)
async def test_the_page_names_network_addresses_only(shop, url):
    with pytest.raises(ConfigError, match="network address"):
        await shop.add(CameraBody(name="x", source=SourceBody(url=url)))
    with pytest.raises(ConfigError, match="network address"):
        await shop.change("door", ChangeBody(sinks=[SinkBody(url=url)]))


async def test_a_camera_is_removed_and_its_cover_forgotten(shop):
    await shop.remove("door")
    assert load(shop.path).cameras == ()
    assert shop.fleet.covers.forgotten == ["door"]


async def test_a_running_camera_is_tried_out_with_other_settings_and_nothing_is_written(shop):
    asked = TrialBody(camera="door", privacy=PrivacyBody(method="blur", zones=[ZoneBody(kind="covered", points=CORNERS)]))
    assert await shop.try_out(asked) == "trial-1"
    (tried,) = shop.fleet.tried
    assert (tried.privacy.method, len(tried.privacy.zones)) == ("blur", 1)
    assert tried.source == shop.settings.cameras[0].source
    assert shop.path.read_text() == BEFORE
    with pytest.raises(ConfigError):
        await shop.try_out(TrialBody())
    with pytest.raises(ConfigError, match="method"):
        await shop.try_out(TrialBody(camera="door", privacy=PrivacyBody(method="paint")))


async def test_strength_is_tried_out_before_it_is_written_and_then_undone(shop):
    weak = PrivacyBody(method="mosaic", mosaic_cells=6)
    await shop.try_out(TrialBody(camera="door", privacy=weak))
    assert shop.fleet.tried[0].privacy.strength == 6
    assert shop.path.read_text() == BEFORE
    await shop.change("door", ChangeBody(privacy=weak))
    assert load(shop.path).cameras[0].privacy.mosaic_cells == 6
    assert "# by the street" in shop.path.read_text()
    with pytest.raises(ConfigError, match="mosaic_cells"):
        await shop.try_out(TrialBody(camera="door", privacy=PrivacyBody(mosaic_cells=7)))
    await shop.undo()
    assert shop.path.read_text() == BEFORE


def test_what_can_be_chosen_of_a_strength_is_what_the_settings_take(shop):
    offered = {one["name"]: one for one in shop.view()["methods"]}
    assert (offered["solid"]["reversible"], offered["solid"]["strength"]) == (False, None)
    assert (offered["mosaic"]["reversible"], offered["mosaic"]["strength"]["setting"]) == (True, "mosaic_cells")


async def test_a_file_that_cannot_be_written_is_said_and_changes_nothing(shop):
    shop.path.unlink()
    with pytest.raises(ConfigError):
        await shop.change("door", ChangeBody(privacy=PrivacyBody(method="solid")))
    assert shop.fleet.applied == []
