"""How Paradex counts requests and words what is no answer."""

from collections.abc import Mapping

import msgspec
from aiohttp import web

from perps_stats.sim.dialect.asked import BadParameter, Flaw, Refusal
from perps_stats.sim.dialect.weights import Limit, Verdict

MINUTE = "minute"
LIMITS = (Limit(MINUTE, 1500, 60_000),)
NOT_FOUND, SERVER_ERROR = 404, 500
FLAWS = {
    Flaw.MISSING: "cannot be blank",
    Flaw.MALFORMED: "must be an integer",
    Flaw.OUT_OF_RANGE: "is out of range",
}


class ParadexWords:
    def body(self, answer: object) -> bytes:
        return msgspec.json.encode(answer)

    def error(self, refusal: Refusal) -> web.Response:
        error = {"error": refusal.code, "message": refusal.message, "data": None}
        return web.json_response(error, status=refusal.status)

    def limited(self, verdict: Verdict) -> web.Response:
        """The documents name no code for it."""
        refusal = Refusal("RATE_LIMIT_EXCEEDED", "too many requests", verdict.status)
        response = self.error(refusal)
        response.headers["Retry-After"] = str(verdict.retry_after)
        return response

    def headers(self, verdict: Verdict) -> Mapping[str, str]:  # noqa: ARG002  # it tells no count
        return {}

    def flawed(self, problem: BadParameter) -> Refusal:
        return invalid(f'"{problem.name}":"{FLAWS[problem.flaw]}"')

    def unknown(self, method: str, path: str) -> Refusal:
        return Refusal("NOT_FOUND", f"{method} {path} is not found", NOT_FOUND)

    def broken(self) -> Refusal:
        return Refusal("INTERNAL_ERROR", "internal server error", SERVER_ERROR)


def invalid(message: str) -> Refusal:
    return Refusal("VALIDATION_ERROR", message)
