"""The model's markets as streams: one frame is written once and posted to all who listen."""

from collections.abc import Iterable
from functools import partial

import msgspec

from perps_stats.sim.binance.board import ModelBoard
from perps_stats.sim.binance.conversation import Conversation
from perps_stats.sim.binance.emitters import Emitter, Frame, emitter
from perps_stats.sim.binance.frames import wrapped
from perps_stats.sim.binance.streams import CARRIED, Kind, Topic, parse_stream
from perps_stats.sim.faults import Faults
from perps_stats.sim.model.market import Step


class _Line:
    """One stream and its listeners."""

    def __init__(self, name: str, topic: Topic, emit: Emitter) -> None:
        self.name = name
        self.topic = topic
        self.emit = emit
        self.listeners: set[Conversation] = set()


class ModelHub:
    """The lines of all contracts. A conversation is deaf to what its path does not carry."""

    def __init__(self, board: ModelBoard, faults: Faults) -> None:
        self._board = board
        self._faults = faults
        self._lines: dict[str, dict[str, _Line]] = {}
        self._contracts = {contract.symbol: contract for contract in board.contracts()}
        for symbol, source in board.sources.items():
            lines = self._lines[symbol] = {}
            source.market.listeners.append(partial(self._tell, lines))

    def subscribe(self, conversation: Conversation, stream: str) -> None:
        topic = parse_stream(stream)
        if topic is None or topic.kind not in CARRIED[conversation.address.route]:
            return
        lines = self._lines.get(topic.symbol)
        if lines is None:
            return
        if stream not in lines:
            lines[stream] = _Line(stream, topic, self._emitter(topic))
        lines[stream].listeners.add(conversation)

    def unsubscribe(self, conversation: Conversation, stream: str) -> None:
        lines = self._lines.get(stream.partition("@")[0].upper(), {})
        line = lines.get(stream)
        if line is not None:
            line.listeners.discard(conversation)
            if not line.listeners:
                del lines[stream]

    def _emitter(self, topic: Topic) -> Emitter:
        contract = self._contracts[topic.symbol]
        return emitter(topic, contract, self._board.sources[topic.symbol])

    def _tell(self, lines: dict[str, _Line], step: Step) -> None:
        told = tuple(lines.values())
        if not told:
            return
        for event in step.events:
            for line in told:
                self._post(line, line.emit.on_event(event, step.time))
        for line in told:
            self._post(line, line.emit.on_step(step))

    def _post(self, line: _Line, frames: Iterable[Frame]) -> None:
        for frame in frames:
            diff = line.topic.kind is Kind.DEPTH and not line.topic.levels
            if diff and self._faults.drops_diff():
                continue
            raw = msgspec.json.encode(frame)
            for conversation in tuple(line.listeners):
                text = wrapped(line.name, raw) if conversation.address.combined else raw
                conversation.post(line.topic.kind, text)
