"""What stays below the least policy is named, and what reaches it is not."""

import pytest

from proxy.attestation.claim import Claim, policy_hash
from proxy.attestation.minimum import Minimum
from proxy.errors import ConfigError
from tests.attestation.signing import signed

POLICY = {
    "targets": ["face", "body"],
    "method": "silhouette",
    "reversible": False,
    "accuracy": "balanced",
    "lookback_ms": 400,
    "hold_ms": 200,
    "audio": "silence",
}
BASE = signed(1)[1].take()[0].claim


def claim(**changes: object) -> Claim:
    policy = POLICY | changes
    return BASE.model_copy(update={"policy": policy, "policy_sha256": policy_hash(policy), "age_ms": 200})


@pytest.mark.parametrize(
    ("asked", "changes"),
    [
        ({"targets": {"face", "head"}}, {}),
        ({"targets": {"face"}}, {"targets": "face"}),
        ({}, {"zones": [{"kind": "ignored"}]}),
        ({}, {"zones": [{"kind": "covered"}, {"kind": "consent"}]}),
        ({}, {"zones": "none"}),
        ({}, {"badges": [17]}),
        ({"methods": {"solid"}}, {}),
        ({"irreversible": True}, {"reversible": True}),
        ({"irreversible": True}, {"reversible": None}),
        ({"accuracy": "max"}, {}),
        ({"accuracy": "light"}, {"accuracy": "none"}),
        ({"lookback_ms": 401}, {}),
        ({"hold_ms": 200}, {"hold_ms": "200"}),
        ({"max_age_ms": 199}, {}),
        ({"audio": {"drop"}}, {}),
        ({"models": {"0" * 16}}, {}),
    ],
)
def test_each_shortfall_is_named(asked, changes):
    assert len(Minimum.model_validate(asked).shortfalls(claim(**changes))) == 1


def test_what_is_enough_has_no_shortfall():
    asked = {
        "targets": {"face", "body"}, "methods": {"silhouette", "solid"}, "irreversible": True, "accuracy": "light",
        "lookback_ms": 400, "hold_ms": 100, "max_age_ms": 200, "audio": {"silence", "drop"}, "models": set(BASE.models.values()),
    }  # fmt: skip
    assert Minimum.model_validate(asked).shortfalls(claim()) == []
    assert Minimum().shortfalls(claim(method="nothing", targets=[])) == []


def test_a_file_is_read_or_refused_with_every_problem(tmp_path):
    path = tmp_path / "minimum.toml"
    path.write_text('targets = ["face", "head"]\nirreversible = true\nmax_age_ms = 400\n')
    assert Minimum.load(path) == Minimum(targets=frozenset({"face", "head"}), irreversible=True, max_age_ms=400)
    path.write_text('targets = ["nose"]\nlookback = 1\n')
    with pytest.raises(ConfigError) as refusal:
        Minimum.load(path)
    assert len(refusal.value.problems) == 2
    path.write_text("targets = [")
    with pytest.raises(ConfigError, match="not valid TOML"):
        Minimum.load(path)
    with pytest.raises(ConfigError, match="cannot be read"):
        Minimum.load(tmp_path / "none.toml")
