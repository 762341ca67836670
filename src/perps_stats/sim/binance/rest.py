"""The REST side of a simulated Binance: weight first, then the question, then what goes wrong."""

import asyncio

import msgspec
from aiohttp import web

from perps_stats.sim.binance.params import Params, Refusal
from perps_stats.sim.binance.questions import QUESTIONS, Board
from perps_stats.sim.binance.weights import BANNED, OK, Verdict, Weights
from perps_stats.sim.counters import Counters
from perps_stats.sim.faults import HUGE_BYTES, Fault, Faults, Kind
from perps_stats.sim.spoil import spoiled

DEPTH_PATH = "/fapi/v1/depth"
USED_WEIGHT = "X-MBX-USED-WEIGHT-1M"
CHUNK = b" " * 1_048_576
REFUSALS = {Kind.SLOW_DOWN: 429, Kind.BANNED: 418}


class Rest:
    """``closing`` releases the requests that are never answered."""

    def __init__(
        self,
        board: Board,
        weights: Weights,
        faults: Faults,
        counters: Counters,
        closing: asyncio.Event,
    ) -> None:
        self._board = board
        self._weights = weights
        self._faults = faults
        self._counters = counters
        self._closing = closing

    async def answer(self, request: web.Request) -> web.StreamResponse:
        self._counters.requests[request.path] += 1
        fault = self._faults.on_request(request.path)
        verdict = self._charge(request)
        if fault and fault.kind in REFUSALS:
            seconds = -int(-fault.seconds // 1)
            return _refused(Verdict(REFUSALS[fault.kind], verdict.used, seconds))
        if verdict.status != OK:
            return _refused(verdict)
        if fault and fault.kind is Kind.HANG:
            await self._closing.wait()
        if fault and fault.kind is Kind.HTTP_500:
            return _error(500, -1000, "An unknown error occurred while processing the request.")
        response = self._response(request, fault)
        response.headers[USED_WEIGHT] = str(verdict.used)
        if fault and fault.kind is Kind.HUGE:
            return await _huge(request)
        return response

    def _charge(self, request: web.Request) -> Verdict:
        question = QUESTIONS.get(request.path)
        weight = question.weight(Params(request.query)) if question else 1
        verdict = self._weights.charge(
            request.remote or "", weight, funding=question is not None and question.funding
        )
        self._counters.weight_used = self._weights.spent
        return verdict

    def _response(self, request: web.Request, fault: Fault | None) -> web.Response:
        question = QUESTIONS.get(request.path)
        if question is None or request.method != "GET":
            return _error(404, -5000, f"Path {request.path}, Method {request.method} is invalid")
        try:
            answer = question.answer(self._board, Params(request.query))
        except Refusal as refusal:
            return _error(refusal.status, refusal.code, refusal.message)
        self._counters.snapshots_served += request.path == DEPTH_PATH
        body = answer if isinstance(answer, bytes) else msgspec.json.encode(answer)
        if fault is None:
            return web.Response(body=body, content_type="application/json")
        html = fault.kind is Kind.HTML
        return web.Response(
            body=spoiled(fault.kind, body), content_type="text/html" if html else "application/json"
        )


def _refused(verdict: Verdict) -> web.Response:
    says = "Way too many requests; IP banned" if verdict.status == BANNED else "Too many requests"
    response = _error(verdict.status, -1003, f"{says}; use the websocket for live updates.")
    response.headers["Retry-After"] = str(verdict.retry_after)
    response.headers[USED_WEIGHT] = str(verdict.used)
    return response


def _error(status: int, code: int, message: str) -> web.Response:
    return web.json_response({"code": code, "msg": message}, status=status)


async def _huge(request: web.Request) -> web.StreamResponse:
    """A body that begins like a list and does not end for 100 MB."""
    response = web.StreamResponse(headers={"Content-Type": "application/json"})
    await response.prepare(request)
    await response.write(b"[")
    for _ in range(HUGE_BYTES // len(CHUNK) + 1):
        await response.write(CHUNK)
    return response
