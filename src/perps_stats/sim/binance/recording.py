"""A tape of Binance's frames, taken apart once: what to play, and what is known by when."""

from collections.abc import Iterable
from decimal import Decimal
from typing import TypeVar

import msgspec

from perps_stats.core.errors import BadInput
from perps_stats.sim.binance.frames import wrapped
from perps_stats.sim.binance.listing import Contract
from perps_stats.sim.binance.streams import SUFFIXES, Kind
from perps_stats.sim.facts import Level
from perps_stats.sim.scale import Scale
from perps_stats.sim.tape import TapeLine

_T = TypeVar("_T")
QUOTES = ("USDT", "USDC", "BUSD", "USD")
FALLBACK_SUFFIX = {Kind.DEPTH: "depth", Kind.MARK: "markPrice", Kind.KLINE: "kline_1m"}


class TapeFrame(msgspec.Struct, frozen=True, gc=False):
    """``raw`` names its stream, ``data`` does not; ``time`` is the frame's ``E``."""

    ts_ns: int
    kind: Kind
    time: int
    raw: bytes
    size: int
    """How much of ``raw``, before its last brace, is ``data``."""

    @property
    def data(self) -> bytes:
        return self.raw[-1 - self.size : -1]


class Diff(msgspec.Struct, frozen=True):
    E: int
    T: int
    u: int
    b: list[Level]
    a: list[Level]


class TradeFrame(msgspec.Struct, frozen=True):
    t: int
    p: str
    q: str
    T: int
    m: bool
    X: str = "MARKET"


class AggregateFrame(msgspec.Struct, frozen=True):
    a: int
    p: str
    q: str
    f: int
    l: int  # noqa: E741  # the wire's own name
    T: int
    m: bool


class TopFrame(msgspec.Struct, frozen=True):
    u: int
    b: str
    B: str
    a: str
    A: str
    T: int


class MarkFrame(msgspec.Struct, frozen=True):
    E: int
    p: str
    i: str
    r: str
    T: int
    P: str = ""
    ap: str = ""


class Snapshot(msgspec.Struct, frozen=True):
    """The body of a recorded REST order book."""

    lastUpdateId: int  # noqa: N815  # the wire's own name
    bids: list[Level]
    asks: list[Level]
    E: int = 0
    T: int = 0


class _Forced(msgspec.Struct, frozen=True):
    s: str = ""


class _Envelope(msgspec.Struct, frozen=True):
    stream: str = ""
    data: msgspec.Raw = msgspec.Raw(b"")
    e: str = ""
    E: int = 0
    s: str = ""
    o: _Forced | None = None


_KINDS = {str(kind): kind for kind in Kind}
_envelope = msgspec.json.Decoder(_Envelope, strict=False).decode


class Recording:
    """One symbol's frames in order. Raises ``BadInput`` for a tape that is none."""

    def __init__(self, name: str, lines: Iterable[TapeLine]) -> None:
        self.frames: list[TapeFrame] = []
        self.symbol = ""
        self._name = name
        bodies: list[bytes] = []
        for line in lines:
            if line.src != "rest":
                self._add(line)
            elif '"lastUpdateId"' in line.raw:
                bodies.append(line.raw.encode())
        self.body = bodies[0] if bodies else None
        if not self.frames:
            raise BadInput("tape", name, "it holds no frame of a Binance stream")
        self.snapshot = self._book(self.body) if self.body else None
        self.start = self.frames[0].time
        self.contract = _contract(self)

    def positions(self, kind: Kind) -> list[int]:
        """How much must be played until each frame of a kind is known."""
        return [position for position, one in enumerate(self.frames, 1) if one.kind is kind]

    def read(self, position: int, frame: type[_T]) -> _T:
        """The frame that is known from a position on."""
        return msgspec.json.decode(self.frames[position - 1].data, type=frame)

    def known(self, kind: Kind, frame: type[_T]) -> list[tuple[int, _T]]:
        """The frames of a kind, each with the position from which it is known."""
        return [(position, self.read(position, frame)) for position in self.positions(kind)]

    def _add(self, line: TapeLine) -> None:
        raw = line.raw.encode()
        outer = self._read(raw)
        data = bytes(outer.data)
        if data and raw[-1 - len(data) : -1] != data:
            raw = wrapped(outer.stream, data)
        inner = self._read(data) if data else outer
        kind = _KINDS.get(inner.e)
        if kind is None:
            return
        self._check_symbol(inner.s or (inner.o.s if inner.o else ""))
        if not data:
            raw, data = wrapped(self._stream(kind), raw), raw
        self.frames.append(TapeFrame(line.ts_ns, kind, inner.E, raw, len(data)))

    def _read(self, raw: bytes) -> _Envelope:
        try:
            return _envelope(raw)
        except msgspec.DecodeError as error:
            excerpt = raw[:60].decode("utf-8", "replace")
            raise BadInput("tape", self._name, f"{excerpt!r} is no frame ({error})") from error

    def _book(self, body: bytes) -> Snapshot:
        try:
            return msgspec.json.decode(body, type=Snapshot)
        except msgspec.DecodeError as error:
            raise BadInput("tape", self._name, f"its order book is none ({error})") from error

    def _check_symbol(self, symbol: str) -> None:
        if self.symbol and symbol != self.symbol:
            raise BadInput(
                "tape", self._name, f"it holds {self.symbol} and {symbol}; record one symbol a tape"
            )
        self.symbol = symbol

    def _stream(self, kind: Kind) -> str:
        return f"{self.symbol.lower()}@{SUFFIXES.get(kind) or FALLBACK_SUFFIX[kind]}"


def _contract(tape: Recording) -> Contract:
    """The grid is read off the tape: its decimals, in tens where every last digit is 0."""
    levels = [*tape.snapshot.bids, *tape.snapshot.asks] if tape.snapshot else []
    trades = [(trade.p, trade.q) for _, trade in tape.known(Kind.TRADE, TradeFrame)]
    seen = [*levels, *trades] or [("0.00", "0.000")]
    plain = tape.symbol.removesuffix("_PERP")
    quote = next((quote for quote in QUOTES if plain.endswith(quote)), "USDT")
    return Contract(
        symbol=tape.symbol,
        pair=plain,
        base=plain.removesuffix(quote),
        quote=quote,
        price=_grid([price for price, _ in seen], coarse=True),
        quantity=_grid([quantity for _, quantity in seen], coarse=False),
        onboard=tape.start,
    )


def _grid(texts: list[str], *, coarse: bool) -> Scale:
    decimals = max(-min(int(Decimal(text).as_tuple().exponent), 0) for text in texts)
    tens = coarse and decimals > 1 and all(text.endswith("0") for text in texts)
    return Scale(10 if tens else 1, decimals)
