"""The parameters of a REST request, and how Binance refuses bad ones."""

from collections.abc import Mapping

BAD_REQUEST = 400


class Refusal(Exception):  # it is an answer
    """``{"code": …, "msg": …}`` with an HTTP status."""

    def __init__(self, code: int, message: str, status: int = BAD_REQUEST) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


class Params:
    def __init__(self, query: Mapping[str, str]) -> None:
        self._query = query

    def text(self, name: str) -> str | None:
        return self._query.get(name) or None

    def required(self, name: str) -> str:
        value = self.text(name)
        if value is None:
            raise Refusal(
                -1102,
                f"Mandatory parameter '{name}' was not sent, was empty/null, or malformed.",
            )
        return value

    def whole(self, name: str) -> int | None:
        text = self.text(name)
        if text is None:
            return None
        if not (text.isascii() and text.isdigit() and len(text) <= 20):  # noqa: PLR2004  # as said
            raise Refusal(
                -1100,
                f"Illegal characters found in parameter '{name}'; "
                "legal range is '^[0-9]{1,20}$'.",
            )
        return int(text)

    def limit(self, default: int, most: int) -> int:
        limit = self.whole("limit")
        if limit is None:
            return default
        if not 1 <= limit <= most:
            raise Refusal(-1130, "Data sent for parameter 'limit' is not valid.")
        return limit

    def sent_limit(self, default: int) -> int:
        """What the weight is counted by, before anything is checked."""
        text = self.text("limit")
        return int(text) if text and text.isdigit() else default
