"""How Lighter counts requests and words what is no answer."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

from perps_stats.sim.dialect.asked import BadParameter, Flaw, Refusal
from perps_stats.sim.dialect.weights import Limit, Verdict

REQUESTS = "requests"
LIMITS = (Limit(REQUESTS, 60, 60_000),)
"""Of the standard account; none weighs more than another."""
INVALID, TOO_FAST, NOT_FOUND, BROKEN = 20_001, 23_000, 404, 500


class LighterWords:
    def body(self, answer: object) -> bytes:
        """What is written beside ``code`` 200."""
        return msgspec.json.encode(answer)

    def error(self, refusal: Refusal) -> web.Response:
        told = {"code": refusal.code, "message": refusal.message}
        return web.json_response(told, status=refusal.status)

    def limited(self, verdict: Verdict) -> web.Response:
        response = self.error(Refusal(TOO_FAST, "Too Many Requests!", verdict.status))
        response.headers["Retry-After"] = str(verdict.retry_after)
        return response

    def headers(self, verdict: Verdict) -> Mapping[str, str]:  # noqa: ARG002  # they count in silence
        return {}

    def flawed(self, problem: BadParameter) -> Refusal:
        missing = problem.flaw is Flaw.MISSING
        what = f"field {problem.name} is not set" if missing else f"invalid {problem.name}"
        return Refusal(INVALID, f"invalid param : {what}")

    def unknown(self, method: str, path: str) -> Refusal:
        return Refusal(NOT_FOUND, f"no {method} {path}", NOT_FOUND)

    def broken(self) -> Refusal:
        return Refusal(BROKEN, "internal server error", BROKEN)
