"""The same records by typed FastAPI, from memory: ``python rest_typed.py FILE PORT``.

As its own guide has it: the type of the answer stands at the function, and pydantic checks and
writes it.
"""

import sys
from datetime import datetime
from decimal import Decimal
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel


class Kline(BaseModel):  # type: ignore[misc]  # not in our environment
    exchange: str
    symbol: str
    interval: str
    open_time: datetime
    close_time: datetime
    open: Decimal
    high: Decimal
    low: Decimal
    close: Decimal
    volume: Decimal | None
    turnover: Decimal | None
    trades: int | None
    closed: bool
    aggregated_from: str | None
    recv_ts: datetime | None
    simulated: bool | None


class Meta(BaseModel):  # type: ignore[misc]  # not in our environment
    as_of: datetime | None
    served_at: datetime
    next: str | None
    units: dict[str, str]
    simulated: bool


class Envelope(BaseModel):  # type: ignore[misc]  # not in our environment
    data: list[Kline]
    meta: Meta


def main(file: Path, port: int) -> None:
    answer: Envelope = Envelope.model_validate_json(file.read_bytes())
    app = FastAPI()

    async def klines() -> Envelope:
        return answer

    app.get("/")(klines)

    uvicorn.run(app, port=port, log_level="error", access_log=False)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
