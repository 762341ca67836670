"""The resources that compare and derive, beside those of the data sets."""

from perps_stats.api import parameters as says
from perps_stats.api.derived import costs, funding, prices
from perps_stats.api.derived import parameters as compares
from perps_stats.api.derived.catalog import catalog
from perps_stats.api.derived.share_hours import SHARE_HOURS, is_known, share_hours
from perps_stats.api.derived.shares import shares
from perps_stats.api.kinds import MARKETS, PAGE, PERIOD, History, Records
from perps_stats.core import catalogue
from perps_stats.core.comparisons import (
    Basis,
    ComparableFunding,
    CostHour,
    CrossSpread,
    ExecutionCost,
    FundingCell,
    NetPair,
    Premium,
    QuotedSpread,
    Series,
    Share,
    ShareHour,
    SpreadAverage,
)

NOW = (*MARKETS, compares.MAX_AGE)
TAG = "comparisons"
OF_MARKET = ("base", "exchange", "symbol")

COMPARISONS: tuple[Records, ...] = (
    Records(
        path="funding/matrix",
        row=FundingCell,
        key=OF_MARKET,
        meaning="funding of every coin on every exchange now, per hour, 8 hours and year",
        read=funding.matrix,
        parameters=(*NOW, says.KIND, *PAGE),
        time="timestamp",
        tag=TAG,
    ),
    Records(
        path="funding/arbitrage",
        row=NetPair,
        key=("base", "rank"),
        meaning="pairs of venues whose funding differs, net of fees and slippage at a size",
        read=funding.arbitrage,
        parameters=(*NOW, compares.SIZE, compares.HOLD, *PAGE),
        time="timestamp",
        tag=TAG,
    ),
    Records(
        path="basis",
        row=Basis,
        key=OF_MARKET,
        meaning="how far mark and mid lie above the index now",
        read=prices.basis,
        parameters=(*NOW, *PAGE),
        time="timestamp",
        tag=TAG,
    ),
    Records(
        path="spread",
        row=QuotedSpread,
        key=OF_MARKET,
        meaning="the spread of the best prices of each market now",
        read=prices.spreads,
        parameters=(*NOW, *PAGE),
        time="timestamp",
        tag=TAG,
    ),
    Records(
        path="spread/cross",
        row=CrossSpread,
        key=("base", "quote"),
        meaning="the spread between the best prices of a coin over all venues of a quote currency",
        read=prices.cross_spreads,
        parameters=(*NOW, *PAGE),
        time="timestamp",
        tag=TAG,
    ),
    Records(
        path="shares",
        row=Share,
        key=("base", "measure", "exchange", "symbol"),
        meaning="what part of a coin's volume, open interest and liquidity each market holds now",
        read=shares,
        parameters=(*NOW, compares.MEASURE, *PAGE),
        time="timestamp",
        tag=TAG,
    ),
    Records(
        path="cost",
        row=ExecutionCost,
        key=("base", "side", "exchange", "symbol"),
        meaning="what taking an amount costs now with the fee, ranked, and the best split",
        read=costs.costs,
        parameters=(*NOW, compares.SIZE, compares.SIDE, *PAGE),
        time="timestamp",
        tag=TAG,
    ),
    Records(
        path="cost/hours",
        row=CostHour,
        key=("exchange", "symbol", "side", "trade_amount", "hour_of_week"),
        tag=TAG,
        meaning="what taking a sampled amount cost by the hour of the week: percentiles of a span",
        read=costs.hours_of_week,
        parameters=(*MARKETS, compares.SIZE, compares.SIDE, compares.START, says.END, *PAGE),
        time="last",
        by_market=True,
    ),
    Records(
        path="catalog",
        row=Series,
        key=("exchange", "symbol", "data_set", "interval", "kind"),
        meaning="the series that are held: first, last, rows, and what part is missing",
        read=catalog,
        parameters=(*MARKETS, says.DATA, says.INTERVALS_OF, *PAGE),
        time="last",
        by_market=True,
    ),
)

HISTORIES: tuple[History, ...] = (
    History(
        path="funding/history",
        row=ComparableFunding,
        source=catalogue.FUNDING_RATES,
        derives="funding per hour, 8 hours and year",
        read=funding.history,
        parameters=(*PERIOD, *PAGE, says.KIND),
    ),
    History(
        path="basis/history",
        row=Premium,
        source=catalogue.TICKERS,
        derives="how far mark and mid lay above the index",
        read=prices.basis_history,
    ),
    History(
        path="spread/history",
        row=SpreadAverage,
        source=catalogue.LIQUIDITY_AVERAGES,
        derives="the spread of the best prices, as means over windows of time",
        read=prices.spread_history,
    ),
    History(
        path="shares/history",
        row=ShareHour,
        source=SHARE_HOURS,
        derives=f"{SHARE_HOURS.meaning}, hour by hour",
        read=share_hours,
        parameters=(*MARKETS, compares.START, says.END, says.ORDER, compares.MEASURE, *PAGE),
        is_known=is_known,
        usual_span=costs.USUAL_SPAN,
    ),
)
