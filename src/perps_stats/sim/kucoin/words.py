"""How KuCoin counts requests and words what is no answer: most refusals come with HTTP 200."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

from perps_stats.sim.dialect.asked import BadParameter, Refusal
from perps_stats.sim.dialect.weights import OK, Limit, Verdict

POOL = "pool"
LIMITS = (Limit(POOL, 2000, 30_000),)
GOOD, BAD_PARAMETER, TOO_MANY, BROKEN = "200000", "400100", "429000", "500000"


class KucoinWords:
    def body(self, answer: object) -> bytes:
        return msgspec.json.encode({"code": GOOD, "data": answer})

    def error(self, refusal: Refusal) -> web.Response:
        said = {"code": refusal.code, "msg": refusal.message}
        return web.json_response(said, status=refusal.status)

    def limited(self, verdict: Verdict) -> web.Response:
        return self.error(Refusal(TOO_MANY, "Too Many Requests", verdict.status))

    def headers(self, verdict: Verdict) -> Mapping[str, str]:
        """``reset`` is in ms, until requests are counted anew."""
        reset = verdict.reset_ms if verdict.status == OK else verdict.retry_after * 1000
        return {
            "gw-ratelimit-limit": str(verdict.most),
            "gw-ratelimit-remaining": str(max(verdict.most - verdict.used, 0)),
            "gw-ratelimit-reset": str(reset),
        }

    def flawed(self, problem: BadParameter) -> Refusal:
        return Refusal(BAD_PARAMETER, f"{problem.name} is {problem.flaw}", OK)

    def unknown(self, method: str, path: str) -> Refusal:  # noqa: ARG002  # it names neither
        return Refusal("404", "Not Found", 404)

    def broken(self) -> Refusal:
        return Refusal(BROKEN, "Internal Server Error", 500)
