"""A book that figures can be derived from, or one line that says why not."""

from perps_stats.core.errors import Unreadable
from perps_stats.core.types import Orderbook
from perps_stats.feed.client import ExchangeClient


async def usable_book(client: ExchangeClient, symbol: str, depth: int | None) -> Orderbook:
    """As deep as the exchange gives, or ``depth`` says. A crossed one is ``Unreadable``."""
    book = await client.get_orderbook(symbol, depth or client.exchange.max_depth)
    if book.bids and book.asks and book.bids[0].price > book.asks[0].price:
        best = f"best bid {book.bids[0].price} above best ask {book.asks[0].price}"
        error = Unreadable(f"the book of {symbol} is crossed, {best}: nothing can be derived")
        error.exchange = client.get_name()
        raise error
    return book
