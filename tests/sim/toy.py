"""A small dialect of no exchange, which uses each shared piece in the way that Binance does not."""

from functools import partial

import msgspec
from aiohttp import WSCloseCode, web

from perps_stats.sim.dialect.asked import Asked, BadParameter, Refusal
from perps_stats.sim.dialect.board import ModelBoard
from perps_stats.sim.dialect.emitters import BookChanges, Changes, Timed
from perps_stats.sim.dialect.hub import Hub, Topic, voice
from perps_stats.sim.dialect.manners import Client, Limits, Manners, Parting
from perps_stats.sim.dialect.rest import Question
from perps_stats.sim.dialect.sequence import LevelChange, OneByOne, Sequence
from perps_stats.sim.dialect.venue import Dialect
from perps_stats.sim.dialect.weights import Limit, Verdict, Weights
from perps_stats.sim.facts import DayFact
from perps_stats.sim.faults import Fault
from perps_stats.sim.model.source import ModelSource
from perps_stats.sim.model.terms import Terms
from perps_stats.sim.model.world import World
from perps_stats.sim.pending import Faults
from perps_stats.sim.scale import Scale

TERMS = Terms(smaller=10, interest_smaller=4, lot=Scale(1, 2), funding_hours=1)
WINDOW = Limit("all", 10, 60_000)


class Board(ModelBoard[str]):
    def __init__(self, world: World) -> None:
        super().__init__(world, "toy")
        for coin in world.coins.values():
            self.add(coin.name, coin.name.lower(), coin, TERMS)
        self.sequences = {name: Sequence(source) for name, source in self.sources.items()}


def _book(board: Board, asked: Asked) -> object:
    book = board.depth(asked.parts["coin"], asked.limit(5, 50, "levels"))
    if book is None:
        raise Refusal("NO_COIN", "there is none", 200)
    return {"sequence": board.sequences[asked.parts["coin"]].last, "book": book}


QUESTIONS = {
    "/coins/{coin}/book": Question(answer=_book, costs=lambda _: {"all": 3}, is_book=True),
    "/coins/best/book": Question(answer=lambda _, __: "best", costs=lambda _: {"all": 1}),
    "/token": Question(
        answer=lambda _, asked: [asked.host, asked.body.decode()],
        costs=lambda _: {"all": 1},
        method="POST",
    ),
    "/since": Question(
        answer=lambda _, asked: asked.required_whole("from"), costs=lambda _: {"all": 1}
    ),
}


class ToyWords:
    def body(self, answer: object) -> bytes:
        return msgspec.json.encode({"ok": answer})

    def error(self, refusal: Refusal) -> web.Response:
        return web.json_response({"error": refusal.code}, status=refusal.status)

    def limited(self, verdict: Verdict) -> web.Response:
        return self.error(Refusal("SLOW", "down", verdict.status))

    def headers(self, verdict: Verdict) -> dict[str, str]:
        return {"left": str(WINDOW.most - verdict.used), "reset": str(verdict.reset_ms)}

    def flawed(self, problem: BadParameter) -> Refusal:
        return Refusal(f"{problem.name} {problem.flaw}", "")

    def unknown(self, method: str, path: str) -> Refusal:
        return Refusal(f"{method} {path}", "", 404)

    def broken(self) -> Refusal:
        return Refusal("BROKEN", "", 500)


class ToyManners(Manners):
    limits = Limits(
        messages=20,
        per_seconds=1.0,
        flooded=Parting(frame=b'"too many"', code=WSCloseCode.TRY_AGAIN_LATER),
        ping_seconds=0.1,
        patience_seconds=60.0,
        silent=Parting(frame=b'"silent"', after_seconds=0.05),
        binary=True,
    )

    def greet(self, client: Client) -> None:
        client.say(b'"welcome"')

    def hear(self, client: Client, text: str) -> None:
        if text == "bye":
            client.say(b'"so"')
            client.end(Parting(code=WSCloseCode.OK, reason=b"long"))
        elif text == "ping":
            client.heard()
            client.say(b'"pong"')
            client.say(b'"really"')
        elif text in self.topics:
            self.unsubscribe(client, text)
            client.say(b'"gone"')
        else:
            client.say(b'"ack"')
            self.subscribe(client, text)

    def dressed(self, topic: str, frame: bytes) -> bytes:
        return b'{"%b":%b}' % (topic.encode(), frame)


def _change(_: int, change: LevelChange) -> object:
    return [change.sequence, change.is_bid, change.price, change.quantity]


def _chain(_: int, changes: Changes) -> object:
    return [changes.previous, changes.last]


def _topic(board: Board, name: str) -> Topic | None:
    what, _, coin = name.partition(" ")
    if what == "all":
        voices = tuple(
            voice(source, Timed(source, ModelSource.day), partial(_day, row), "day")
            for row, source in zip(board.contracts(), board.sources.values(), strict=True)
        )
        return Topic(kind="day", voices=voices)
    source = board.sources.get(coin)
    if source is None:
        return None
    if what == "chain":
        changes = BookChanges(source)
        voices = (voice(source, changes, _chain, "orderbook"),)
        return Topic(kind=what, voices=voices, is_chain=True, first=lambda: [[changes.last]])
    voices = (voice(source, OneByOne(board.sequences[coin]), _change, "orderbook"),)
    return Topic(kind=what, voices=voices, is_chain=True)


def _day(coin: str, time: int, day: DayFact) -> bytes:
    return msgspec.json.encode([coin, time, day.last])


def of_model(world: World, faults: tuple[Fault, ...]) -> Dialect[Board]:
    board, pending = Board(world), Faults(faults)
    hub = Hub(partial(_topic, board), pending)
    return Dialect[Board](
        board=board,
        questions=QUESTIONS,
        words=ToyWords(),
        weights=Weights(world.clock, (WINDOW,)),
        door=lambda request: ToyManners(hub) if request.path == "/stream" else None,
        faults=pending,
    )
