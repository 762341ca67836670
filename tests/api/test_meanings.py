"""What the source says of a type and its fields is what the OpenAPI text says."""

from perps_stats.api.meanings import Json, described, meanings_of
from perps_stats.core.comparisons import FundingCell
from perps_stats.core.types import Gap, Orderbook


def test_what_stands_below_a_field() -> None:
    """Is its meaning, in the words of JSON; a field below which nothing stands has none."""
    assert meanings_of(Gap) == {"missed": "Messages missed, where the exchange numbers them."}


def test_a_text_of_several_lines() -> None:
    """Is one paragraph."""
    assert meanings_of(Orderbook)["complete"] == (
        "Whether this is the exchange's whole book. If not, what lies deeper is unknown."
    )


def test_what_a_type_extends() -> None:
    """Is known of it, too."""
    assert meanings_of(FundingCell)["funding_apr"] == "Without compounding."


def test_a_meaning_follows_the_unit() -> None:
    """Nothing that was said is lost, and a field without a meaning stays as it is."""
    schema: Json = {
        "description": "A side,\n    ``None`` if unknown.",
        "properties": {
            "mid": {"type": "string", "description": "price (quote/base)"},
            "whole": {"type": "boolean"},
            "count": {"type": "integer"},
        },
    }
    told = described(schema, {"mid": "Of the book.", "count": "Of levels."})
    assert told == {
        "description": "A side, `null` if unknown.",
        "properties": {
            "mid": {"type": "string", "description": "price (quote/base): Of the book."},
            "whole": {"type": "boolean"},
            "count": {"type": "integer", "description": "Of levels."},
        },
    }
