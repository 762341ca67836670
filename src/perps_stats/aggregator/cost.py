"""What taking an amount costs in all, on every venue of a coin, and on the best of them together.

``amount`` of quote at an average price buys or sells ``amount / avg`` coins, which are worth
``amount * mid / avg`` at mid. A buy falls short by ``amount * (avg - mid) / avg``, a sale by
``amount * (mid - avg) / avg``, and by the fee: in basis points of the amount these are costs that
add up. Half the spread is the same of the best price; impact is the rest.
"""

from collections.abc import Iterable, Sequence
from decimal import Decimal

from msgspec import Struct
from msgspec.structs import replace

from perps_stats.aggregator.comparing import currency_of
from perps_stats.aggregator.exact import BPS, ZERO, exact, to_bps
from perps_stats.aggregator.slippage import calculate_slippage
from perps_stats.aggregator.splitting import Levels, cheapest_split
from perps_stats.core.comparisons import ExecutionCost
from perps_stats.core.figures import Slippage
from perps_stats.core.types import Market, Orderbook, OrderbookLevel, Side


class TakerFee(Struct, frozen=True):
    """A fraction of the amount, and who says so."""

    fee: Decimal | None = None
    said_by: str | None = None

    @property
    def bps(self) -> Decimal | None:
        return None if self.fee is None else to_bps(self.fee, Decimal(1))


class Offer(Struct, frozen=True, kw_only=True):
    """What is known of a market now. ``sampled``: what amounts cost while the whole book was at
    hand. ``absent``: why there is no book.
    """

    market: Market
    fee: TakerFee
    book: Orderbook | None = None
    sampled: Sequence[Slippage] = ()
    absent: Sequence[str] = ()


def taker_fee(market: Market, said: Decimal | None) -> TakerFee:
    """What the settings say prevails over what the exchange does."""
    if said is not None:
        return TakerFee(said, "settings")
    return TakerFee(market.taker_fee, None if market.taker_fee is None else "exchange")


def fee_missing(market: Market, fee: TakerFee) -> list[str]:
    """Why it is unknown, and what to do about it."""
    if fee.fee is not None:
        return []
    name = market.exchange
    return [f"{name} does not tell its taker fee: set exchanges.{name}.taker_fee"]


def compare_costs(offers: Iterable[Offer], amount: Decimal, side: Side) -> list[ExecutionCost]:
    """Of the venues of one coin, ranked, and with the cheapest split. Dollars and the coins pegged
    to them are one currency; markets in others are compared among themselves.

    Raises ``BadInput`` for an amount that is not positive.
    """
    groups: dict[str, list[_Walked]] = {}
    for offer in offers:
        walked = _walked(offer, amount, side)
        groups.setdefault(currency_of(offer.market.quote), []).append(walked)
    return [cost for group in groups.values() for cost in _with_split(group)]


class _Walked(Struct, frozen=True):
    """``row`` is of the book; ``None`` without one, and where nothing can be derived from it."""

    offer: Offer
    row: Slippage | None
    cost: ExecutionCost


def _walked(offer: Offer, amount: Decimal, side: Side) -> _Walked:
    """By the book where that fills the amount, else by a sample of it."""
    row = None if offer.book is None else calculate_slippage(offer.book, amount, side)
    if row is not None and row.reference_price is None:
        row = None
    if offer.book is not None and row is not None and row.fillable:
        return _Walked(offer, row, _cost(offer, row, _side(offer.book, side)[0].price))
    for each in offer.sampled:
        if (each.side, each.trade_amount, each.reference) == (
            side,
            amount,
            "mid",
        ) and each.fillable:
            return _Walked(offer, row, _cost(offer, each, None))
    return _Walked(offer, row, _cost(offer, row or _blank(offer.market, amount, side), None))


def _cost(offer: Offer, row: Slippage, touch: Decimal | None) -> ExecutionCost:
    """``touch`` is the best price of the side that is taken, where that is known."""
    market, fee = offer.market, offer.fee.bps
    taken = _lost(row.avg_price, row)
    half = None if taken is None else _lost(touch, row)
    total = None if taken is None or fee is None else taken + fee
    return ExecutionCost(
        base=market.base,
        exchange=market.exchange,
        symbol=market.symbol,
        quote=market.quote,
        side=row.side,
        size=row.trade_amount,
        rank=None,
        reference_price=row.reference_price,
        avg_price=row.avg_price,
        book_bps=taken,
        half_spread_bps=half,
        impact_bps=None if taken is None or half is None else taken - half,
        fee_bps=fee,
        fee_from=offer.fee.said_by,
        total_bps=total,
        shortfall=None if total is None else total * row.trade_amount / BPS,
        fillable=row.fillable,
        max_amount=row.max_amount,
        measured_from=_source(row, touch),
        split_amount=None,
        split_bps=None,
        absent=[],
        timestamp=row.timestamp,
        missing=[*_unfilled(offer, row), *fee_missing(market, offer.fee)],
    )


def _lost(price: Decimal | None, row: Slippage) -> Decimal | None:
    """What trading at ``price`` costs against mid, of what is paid."""
    mid = row.reference_price
    if price is None or mid is None:
        return None
    with exact():
        return to_bps(price - mid if row.side is Side.BUY else mid - price, price)


def _source(row: Slippage, touch: Decimal | None) -> str | None:
    if row.reference_price is None:
        return None
    return "slippage" if row.fillable and touch is None else "orderbooks"


def _unfilled(offer: Offer, row: Slippage) -> Sequence[str]:
    if row.fillable:
        return []
    if offer.book is None:
        return offer.absent
    if row.max_amount is None:
        return ["the book is empty on a side, crossed or out of order: nothing is derived from it"]
    if row.fillable is False:
        return [f"the whole book holds {row.max_amount:f}"]
    return [f"the known levels hold {row.max_amount:f}; what lies deeper is not known"]


def _blank(market: Market, amount: Decimal, side: Side) -> Slippage:
    return Slippage(
        exchange=market.exchange,
        symbol=market.symbol,
        side=side,
        trade_amount=amount,
        reference="mid",
        timestamp=None,
    )


def _side(book: Orderbook, side: Side) -> Sequence[OrderbookLevel]:
    return book.asks if side is Side.BUY else book.bids


def _with_split(venues: Sequence[_Walked]) -> list[ExecutionCost]:
    """A split is of the levels that are known; where a sample of a whole book is cheaper, all is
    taken there.
    """
    costs = [venue.cost for venue in venues]
    absent = [f"{cost.exchange}:{cost.symbol}" for cost in costs if cost.total_bps is None]
    totals = sorted(cost.total_bps for cost in costs if cost.total_bps is not None)
    parts = _parts(venues)
    split = _split_bps(venues, parts)
    if totals and (split is None or totals[0] < split):
        split, best = totals[0], [cost.total_bps for cost in costs].index(totals[0])
        parts = [None if cost.total_bps is None else ZERO for cost in costs]
        parts[best] = costs[best].size
    return [
        replace(
            cost,
            rank=None if cost.total_bps is None else totals.index(cost.total_bps) + 1,
            split_amount=None if split is None else part,
            split_bps=split,
            absent=absent,
        )
        for cost, part in zip(costs, parts, strict=True)
    ]


def _parts(venues: Sequence[_Walked]) -> list[Decimal | None]:
    """What the cheapest split takes of each; ``None`` where the book or the fee is not known, and
    of all where they cannot fill the amount.
    """
    size, side = venues[0].cost.size, venues[0].cost.side
    books = {
        at: Levels(_side(venue.offer.book, side), venue.row.reference_price, venue.offer.fee.fee)
        for at, venue in enumerate(venues)
        if venue.offer.book is not None
        and venue.row is not None
        and venue.row.reference_price is not None
        and venue.offer.fee.fee is not None
    }
    amounts = cheapest_split(list(books.values()), size, side)
    taken = {} if amounts is None else dict(zip(books, amounts, strict=True))
    return [taken.get(at) for at in range(len(venues))]


def _split_bps(venues: Sequence[_Walked], parts: Sequence[Decimal | None]) -> Decimal | None:
    """Of the whole amount: each part costs what it costs alone. ``None`` without parts."""
    size, side = venues[0].cost.size, venues[0].cost.side
    spent = ZERO
    for venue, part in zip(venues, parts, strict=True):
        if part:
            total = _walked(venue.offer, part, side).cost.total_bps
            if total is None:
                return None
            spent += total * part
    return to_bps(spent / BPS, size) if any(parts) else None
