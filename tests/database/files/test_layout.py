"""The columns of a file: as the catalogue lists them, with their units."""

import pytest

from perps_stats.core.catalogue import DATA_SETS, FUNDING_RATES, KLINES, ORDERBOOKS, DataSet
from perps_stats.database.files.layout import Kind, columns_of, header_of, units_in


def test_a_header_has_the_fields_of_the_record() -> None:
    """The names first, then the fields in their order; a file says open_time where SQL says ts."""
    assert ",".join(header_of(KLINES)) == (
        "exchange,symbol,interval,open_time,close_time,open,high,low,close,volume,turnover,trades,"
        "closed,aggregated_from,recv_ts"
    )


def test_a_side_of_a_book_is_two_lists() -> None:
    """Prices and quantities, best first."""
    assert ",".join(header_of(ORDERBOOKS)) == (
        "exchange,symbol,bid_prices,bid_quantities,ask_prices,ask_quantities,timestamp,sequence,"
        "complete,recv_ts"
    )


def test_units_are_those_of_the_records() -> None:
    """A price is quote per base, a quantity base, also in a list."""
    assert units_in(ORDERBOOKS) == {
        "bid_prices": "quote/base",
        "bid_quantities": "base",
        "ask_prices": "quote/base",
        "ask_quantities": "base",
    }
    assert units_in(FUNDING_RATES)["funding_interval"] == "hours"


@pytest.mark.parametrize("data_set", DATA_SETS.values(), ids=lambda one: one.name)
def test_every_field_is_in_the_file(data_set: DataSet) -> None:
    """But for the sides of a book, which are lists of their own."""
    left_out = set(data_set.fields) - set(header_of(data_set))
    assert left_out <= {"bids", "asks"}


def test_what_may_be_unknown_is_what_the_record_leaves_open() -> None:
    """A candle's volume may be unknown, its close not; the time of a row never is."""
    nullable = {column.name for column in columns_of(KLINES) if column.nullable}
    assert nullable == {"volume", "turnover", "trades", "aggregated_from", "recv_ts"}
    (time,) = (c for c in columns_of(FUNDING_RATES) if c.name == "timestamp")
    assert (time.kind, time.nullable) == (Kind.TIME, False)


def test_a_word_of_a_list_is_one_of_the_list() -> None:
    """A kind of funding is predicted or settled."""
    (kind,) = (column for column in columns_of(FUNDING_RATES) if column.name == "kind")
    assert kind.words == {"predicted", "settled"}
