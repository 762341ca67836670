"""The contracts a simulated KuCoin lists, and the row that describes one."""

from decimal import Decimal

from msgspec import Struct

from perps_stats.sim.facts import DayFact, Source, Span
from perps_stats.sim.scale import Scale, bare

PERPETUAL, DATED = "FFWCSX", "FFICSX"
OPEN, PAUSED = "Open", "Paused"
USUAL_CAP = "0.003"
HOUR_MS, MINUTE_MS = 3_600_000, 60_000
LATEST = Span(None, None, 1)
COINS = Decimal("0.00000001")


class Contract(Struct, frozen=True, kw_only=True):
    """``lot`` is the base coin of a lot; of an ``inverse`` contract a lot is a dollar."""

    symbol: str
    base: str
    quote: str
    settle: str
    price: Scale
    lot: Scale
    kind: str = PERPETUAL
    status: str = OPEN
    inverse: bool = False
    onboard: int
    expires: int | None = None
    hours: int = 8
    cap: str = USUAL_CAP

    @property
    def interval_ms(self) -> int:
        return self.hours * HOUR_MS

    def lots(self, quantity: str) -> int:
        return self.lot.steps(quantity)


def row(contract: Contract, source: Source) -> dict[str, object]:
    """Of ``contracts``: numbers, but the open interest is text."""
    day, mark = source.day(), source.mark()
    volume, turnover = day_of(contract, day)
    return {
        **_terms(contract),
        **_funding(contract, source),
        "openInterest": str(contract.lots(source.open_interest()[0])),
        "turnoverOf24h": bare(turnover),
        "volumeOf24h": bare(volume),
        "markPrice": bare(mark.mark),
        "indexPrice": bare(mark.index),
        "lastTradePrice": bare(day.last),
        "lowPrice": bare(day.low),
        "highPrice": bare(day.high),
        "priceChgPct": bare(fraction(day.change_pct)),
        "priceChg": bare(day.change),
        "marketStage": "NORMAL",
    }


def _terms(contract: Contract) -> dict[str, object]:
    return {
        "symbol": contract.symbol,
        "rootSymbol": contract.settle,
        "type": contract.kind,
        "firstOpenDate": contract.onboard,
        "expireDate": contract.expires,
        "settleDate": contract.expires,
        "baseCurrency": contract.base,
        "quoteCurrency": contract.quote,
        "settleCurrency": contract.settle,
        "maxOrderQty": 1_000_000,
        "maxPrice": 1_000_000.0,
        "lotSize": 1,
        "tickSize": bare(contract.price.text(1)),
        "multiplier": -1.0 if contract.inverse else bare(contract.lot.text(1)),
        "makerFeeRate": 0.0002,
        "takerFeeRate": 0.0006,
        "isInverse": contract.inverse,
        "status": contract.status,
        "maxLeverage": 100,
    }


def _funding(contract: Contract, source: Source) -> dict[str, object]:
    """``nextFundingRateTime`` is what is left. Dated contracts pay none."""
    mark = source.mark()
    pays = contract.kind == PERPETUAL and bool(mark.next_time)
    return {
        "fundingFeeRate": bare(running_rate(contract, source)) if pays else None,
        "predictedFundingFeeRate": None,
        "fundingRateGranularity": contract.interval_ms if pays else None,
        "fundingRateCap": bare(contract.cap) if pays else None,
        "fundingRateFloor": bare(f"-{contract.cap}") if pays else None,
        "nextFundingRateTime": mark.next_time - mark.time if pays else None,
        "nextFundingRateDateTime": mark.next_time if pays else None,
    }


def running_rate(contract: Contract, source: Source) -> str:
    """For a minute after a settlement it is still the rate that was settled."""
    mark = source.mark()
    if mark.time % contract.interval_ms >= MINUTE_MS:
        return mark.rate
    settled = source.settlements(LATEST)
    return settled[-1].rate if settled else mark.rate


def day_of(contract: Contract, day: DayFact) -> tuple[str, str]:
    """Volume and turnover: base and quote, but dollars and coins of an inverse contract."""
    if not contract.inverse:
        return day.volume, day.turnover
    dollars, average = Decimal(day.volume), Decimal(day.average)
    coins = dollars / average if average else Decimal(0)
    return day.volume, f"{coins.quantize(COINS):f}"


def fraction(percent: str) -> str:
    return f"{Decimal(percent) / 100:.4f}"
