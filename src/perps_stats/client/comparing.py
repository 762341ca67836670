"""What questions that compare may say: sets of parameters, as in ``asking``."""

from perps_stats.client.asking import Amount, KindName, Names, Order, SideName, Time


def now(
    *,
    exchange: Names = (),
    symbol: Names = (),
    max_age: str | None = None,
    limit: int | None = None,
) -> None: ...


def funding(
    *,
    exchange: Names = (),
    symbol: Names = (),
    max_age: str | None = None,
    kind: KindName | None = None,
    limit: int | None = None,
) -> None: ...


def pairs(
    *,
    exchange: Names = (),
    symbol: Names = (),
    max_age: str | None = None,
    size: Amount | None = None,
    hold: str | None = None,
    limit: int | None = None,
) -> None: ...


def shares(
    *,
    exchange: Names = (),
    symbol: Names = (),
    max_age: str | None = None,
    measure: Names = (),
    limit: int | None = None,
) -> None: ...


def share_hours(
    *,
    exchange: Names = (),
    symbol: Names = (),
    start_time: Time | None = None,
    end_time: Time | None = None,
    order: Order | None = None,
    measure: Names = (),
    limit: int | None = None,
) -> None: ...


def costs(
    *,
    exchange: Names = (),
    symbol: Names = (),
    max_age: str | None = None,
    size: Amount | None = None,
    side: SideName | None = None,
    limit: int | None = None,
) -> None: ...


def cost_hours(
    *,
    exchange: Names = (),
    symbol: Names = (),
    size: Amount | None = None,
    side: SideName | None = None,
    start_time: Time | None = None,
    end_time: Time | None = None,
    limit: int | None = None,
) -> None: ...


def catalog(
    *,
    exchange: Names = (),
    symbol: Names = (),
    data: Names = (),
    interval: Names = (),
    limit: int | None = None,
) -> None: ...
