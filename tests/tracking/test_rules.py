from dataclasses import replace

import pytest

from proxy.tracking.rules import BODY_RULES, FACE_RULES


@pytest.mark.parametrize("rules", [FACE_RULES, BODY_RULES])
def test_thresholds_in_the_wrong_order_are_refused(rules):
    with pytest.raises(ValueError, match="low <= high"):
        replace(rules, low=rules.high + 0.01)
