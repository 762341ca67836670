"""Whether texts are positive numbers: the compiled reading never says so of what is none."""

from decimal import Decimal

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from perps_stats.exchanges.wire import are_positive, read_positive

numerals = pytest.importorskip("perps_stats.exchanges.numerals", reason="no compiler was at hand")
PLAIN = st.from_regex(
    r"[0-9]{1,12}(\.[0-9]{1,12})?", fullmatch=True, alphabet=st.characters(codec="ascii")
)


@given(PLAIN)
def test_plain(text: str) -> None:
    """Plain digits are positive where they are not all zero, by either reading."""
    expected = Decimal(text) > 0
    assert numerals.are_positive(text) is expected
    assert read_positive(text) is expected


@given(st.text(st.sampled_from("0123456789.-+eEinfa_ \u0661\x00"), max_size=50))
@example("")
@example(".")
@example("1.")
@example(".5")
@example("1_0")
@example("\u0661")
@example("1e5")
@example("9" * 41)
def test_no_false_yes(text: str) -> None:
    """What the compiled reading calls positive is a finite positive decimal to everyone."""
    if numerals.are_positive(text):
        assert 0 < Decimal(text) < Decimal("1e40")
        assert text.strip("0123456789.") == ""
        assert read_positive(text)


@given(st.lists(PLAIN, max_size=4))
def test_all(texts: list[str]) -> None:
    """Of several, all must be."""
    assert are_positive(*texts) is all(Decimal(text) > 0 for text in texts)


def test_no_text() -> None:
    """What is no text is refused, not read."""
    with pytest.raises(TypeError):
        numerals.are_positive(5)
