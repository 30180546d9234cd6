"""The description says of each request what it takes and gives, and is a description as OpenAPI has it."""

from openapi_spec_validator import OpenAPIV31SpecValidator

from proxy.gateway.bodies import PublisherBody, SwitchBody
from proxy.gateway.openapi import Operation, Shape, described

PLACE = "/switches/{scope}/{target}"


def operations(*told):
    return {
        operation.method: place
        for operation in told
        for place in [described(told)["paths"][operation.path][operation.method.lower()]]
    }


def test_parameters_roles_and_bodies_are_described():
    found = operations(
        Operation("PUT", PLACE, "operator", "cut", SwitchBody),
        Operation("GET", PLACE, "", "look", shape=Shape(numbers=("since",))),
    )
    put, get = found["PUT"], found["GET"]
    assert [(one["name"], one["in"]) for one in put["parameters"]] == [("scope", "path"), ("target", "path")]
    assert [(one["name"], one["in"], one["required"]) for one in get["parameters"]][-1] == ("since", "query", False)
    assert (put["security"], get["security"]) == ([{"token": []}, {"password": []}], [])
    assert put["requestBody"]["content"] == {"application/json": {"schema": {"$ref": "#/components/schemas/SwitchBody"}}}
    assert "requestBody" not in get
    assert "operator" in put["summary"]


def test_what_is_no_json_is_told_with_its_status():
    found = operations(
        Operation("POST", "/whip/{camera}", "", "publish", shape=Shape(201, "application/sdp", "application/sdp", publisher=True)),
        Operation("PATCH", "/hook", "", "ask", shape=Shape(204, "", fields=("name", "token"))),
    )
    post, hook = found["POST"], found["PATCH"]
    assert post["security"] == [{"publisher": []}]
    assert list(post["requestBody"]["content"]) == list(post["responses"]["201"]["content"]) == ["application/sdp"]
    (form,) = hook["requestBody"]["content"].items()
    assert (form[0], form[1]["schema"]["required"]) == ("application/x-www-form-urlencoded", ["name", "token"])
    assert "content" not in hook["responses"]["204"]


def test_schemas_of_bodies_are_found_where_they_are_named():
    document = described([Operation("PUT", "/publisher", "admin", "register", PublisherBody)])
    assert {"PublisherBody", "Admission"} <= set(document["components"]["schemas"])
    assert list(OpenAPIV31SpecValidator(document).iter_errors()) == []
