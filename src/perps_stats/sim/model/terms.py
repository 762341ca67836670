"""How one venue's market of a coin differs from the coin: its size, its grid, its funding."""

import msgspec

from perps_stats.sim.model.coins import Coin
from perps_stats.sim.scale import Scale


class Terms(msgspec.Struct, frozen=True, kw_only=True):
    """The default changes nothing. A lot must leave each minute some hundred lots of turnover."""

    smaller: float = 1.0
    """Turnover, and with it the depth of the book, are so many times smaller."""
    interest_smaller: float | None = None
    """So is the open interest; ``None`` is as the turnover."""
    spread: int = 1
    """So many times the coin's."""
    prints: int | None = None
    """At most so many aggregated trades a minute."""
    tick: Scale | None = None
    lot: Scale | None = None
    funding_hours: int | None = None
    listed: int | None = None

    def of(self, coin: Coin) -> Coin:
        """The coin as this venue trades it."""
        return msgspec.structs.replace(
            coin,
            turnover=coin.turnover / self.smaller,
            interest=coin.interest / (self.interest_smaller or self.smaller),
            spread=coin.spread * self.spread,
            prints=min(coin.prints, self.prints or coin.prints),
            tick=self.tick or coin.tick,
            lot=self.lot or coin.lot,
            funding_hours=self.funding_hours or coin.funding_hours,
            funding_before=None if self.funding_hours else coin.funding_before,
            listed=coin.listed if self.listed is None else self.listed,
        )
