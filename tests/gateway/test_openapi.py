"""The description says of each request what it takes."""

from proxy.gateway.bodies import SwitchBody
from proxy.gateway.openapi import described


def test_parameters_roles_and_bodies_are_described():
    rows = [
        ("PUT", "/switches/{scope}/{target}", "operator", "cut", SwitchBody),
        ("GET", "/switches/{scope}/{target}", "", "look", None),
    ]
    document = described(rows)
    (place,) = document["paths"].values()  # type: ignore[attr-defined]
    put, get = place["put"], place["get"]
    assert [one["name"] for one in put["parameters"]] == ["scope", "target"]
    assert (put["security"], get["security"]) == ([{"token": []}], [])
    assert put["requestBody"]["content"]["application/json"]["schema"]["required"] == ["action"]
    assert "requestBody" not in get
    assert "operator" in put["summary"]
