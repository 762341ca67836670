"""What the walk's parts assert is told in full."""

import pytest

pytest.register_assert_rewrite(
    *(f"tests.api.walk.{part}" for part in ("lists", "spans", "states", "stored")),
    "tests.api.derived.test_truth",
)
