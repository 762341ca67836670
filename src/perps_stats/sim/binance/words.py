"""How Binance counts requests and words what is no answer."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

from perps_stats.sim.dialect.asked import BadParameter, Flaw, Refusal
from perps_stats.sim.dialect.weights import BANNED, Bans, Limit, Verdict

MINUTE, FUNDING, STATISTICS = "minute", "funding", "statistics"
LIMITS = (
    Limit(MINUTE, 2400, 60_000),
    Limit(FUNDING, 500, 300_000),
    Limit(STATISTICS, 1000, 300_000),
)
"""Questions about funding have a pool of their own, and so have those under ``/futures/data``."""
BANS = Bans(patience=5, first_ms=120_000, longest_ms=259_200_000)
USED_WEIGHT = "X-MBX-USED-WEIGHT-1M"


class BinanceWords:
    def body(self, answer: object) -> bytes:
        return answer if isinstance(answer, bytes) else msgspec.json.encode(answer)

    def error(self, refusal: Refusal) -> web.Response:
        return web.json_response(
            {"code": refusal.code, "msg": refusal.message}, status=refusal.status
        )

    def limited(self, verdict: Verdict) -> web.Response:
        banned = verdict.status == BANNED
        says = "Way too many requests; IP banned" if banned else "Too many requests"
        message = f"{says}; use the websocket for live updates."
        response = self.error(Refusal(-1003, message, verdict.status))
        response.headers["Retry-After"] = str(verdict.retry_after)
        return response

    def headers(self, verdict: Verdict) -> Mapping[str, str]:
        return {USED_WEIGHT: str(verdict.used)}

    def flawed(self, problem: BadParameter) -> Refusal:
        name = problem.name
        if problem.flaw is Flaw.MISSING:
            missing = f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed."
            return Refusal(-1102, missing)
        if problem.flaw is Flaw.MALFORMED:
            illegal = f"Illegal characters found in parameter '{name}'"
            return Refusal(-1100, f"{illegal}; legal range is '^[0-9]{{1,20}}$'.")
        return Refusal(-1130, f"Data sent for parameter '{name}' is not valid.")

    def unknown(self, method: str, path: str) -> Refusal:
        return Refusal(-5000, f"Path {path}, Method {method} is invalid", 404)

    def broken(self) -> Refusal:
        return Refusal(-1000, "An unknown error occurred while processing the request.", 500)
