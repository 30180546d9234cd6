"""What ``packaging/`` holds fits the program: metrics that exist, settings that load, a container without root."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from proxy.settings.service import load
from proxy.telemetry.events import Connection
from proxy.telemetry.metrics import Metrics

PACKAGING = Path(__file__).parents[1] / "packaging"
DASHBOARD = PACKAGING / "grafana" / "veilcast.json"
ALERTS = PACKAGING / "alerts.yml"
METRIC = re.compile(r"veilcast_[a-z_]+")
SELECTOR = re.compile(r"(veilcast_[a-z_]+)\{([^}]*)\}")
SECRETS = {"veilcast-token": "t" * 16, "night-shift": "n" * 16, "entrance": "rtsp://h/x", "platform": "rtmp://h/a/k"}


def known() -> dict[str, set[str]]:
    """Metric → its labels."""
    collectors = Metrics().registry._collector_to_names
    return {name: set(collector._labelnames) for collector, names in collectors.items() for name in names}


@pytest.mark.parametrize("path", [DASHBOARD, ALERTS], ids=lambda path: path.name)
def test_every_metric_and_label_that_is_named_exists(path: Path) -> None:
    text, metrics = path.read_text(), known()
    assert [name for name in METRIC.findall(text) if name not in metrics] == []
    asked = [(name, re.findall(r"(\w+)(?:=~|!~|!=|=)", inner)) for name, inner in SELECTOR.findall(text.replace('\\"', '"'))]
    assert len(asked) > 3
    assert [(name, label) for name, labels in asked for label in labels if label not in metrics[name]] == []


@pytest.mark.parametrize("path", [DASHBOARD, ALERTS], ids=lambda path: path.name)
def test_every_state_that_is_named_exists(path: Path) -> None:
    named = re.findall(r'state=~?\\?"([a-z|]+)', path.read_text())
    assert named
    assert {state for alternatives in named for state in alternatives.split("|")} <= {str(state) for state in Connection}


def test_the_dashboard_is_whole_and_its_panels_lie_beside_one_another() -> None:
    board = json.loads(DASHBOARD.read_text())
    taken: set[tuple[int, int]] = set()
    for panel in board["panels"]:
        place = panel["gridPos"]
        cells = {(place["x"] + x, place["y"] + y) for x in range(place["w"]) for y in range(place["h"])}
        assert not cells & taken
        assert max(x for x, _ in cells) < 24
        taken |= cells
        assert all(target["expr"] for target in panel["targets"])
    assert len({panel["id"] for panel in board["panels"]}) == len(board["panels"])


def test_every_alert_says_what_to_do() -> None:
    rules = ALERTS.read_text().split("- alert: ")[1:]
    assert len(rules) >= 5
    assert [rule.split()[0] for rule in rules if not re.search(r"expr:.*action:", rule, re.DOTALL)] == []


@pytest.mark.skipif(shutil.which("promtool") is None, reason="promtool is not installed")
def test_prometheus_takes_the_rules() -> None:
    subprocess.run(["promtool", "check", "rules", str(ALERTS)], check=True, capture_output=True)


def test_the_settings_to_begin_with_are_settings_with_and_without_their_comments(tmp_path: Path) -> None:
    text = (PACKAGING / "veilcast.toml").read_text()
    assert load(PACKAGING / "veilcast.toml").cameras == ()
    for name, secret in SECRETS.items():
        (tmp_path / name).write_text(secret)
    path = tmp_path / "veilcast.toml"
    whole = re.sub(r"^# (?=\[|[a-z_]+ = )", "", text, flags=re.MULTILINE)
    path.write_text(whole.replace("/run/secrets", str(tmp_path)))
    assert [camera.name for camera in load(path).cameras] == ["entrance"]


def test_the_container_runs_without_root_and_writes_to_its_state_folder_only() -> None:
    lines = (PACKAGING / "Containerfile").read_text().splitlines()
    last = lines[max(number for number, line in enumerate(lines) if line.startswith("FROM")) :]
    assert last.index("USER veilcast") < next(number for number, line in enumerate(last) if line.startswith("ENTRYPOINT"))
    assert "VOLUME /var/lib/veilcast" in last
    assert any("--read-only" in line and "--cap-drop=all" in line for line in lines)
