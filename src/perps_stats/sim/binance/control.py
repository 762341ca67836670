"""What a client may say on a stream connection, and Binance's answers to it."""

from typing import TypeAlias

import msgspec

METHODS = ("SUBSCRIBE", "UNSUBSCRIBE", "LIST_SUBSCRIPTIONS")
MAX_STREAMS = 1024
RequestId: TypeAlias = int | str | None


class Command(msgspec.Struct, frozen=True):
    method: str
    params: tuple[str, ...] = ()
    id: RequestId = None


class Malformed(Exception):
    """``{"code": …, "msg": …}``: 2 is a request that is none, 3 is not even JSON."""

    def __init__(self, code: int, message: str) -> None:
        super().__init__(message)
        self.frame = msgspec.json.encode({"code": code, "msg": message})


def parse_command(text: str) -> Command:
    """Raises ``Malformed``."""
    try:
        command = msgspec.json.decode(text, type=Command)
    except msgspec.ValidationError as error:
        raise Malformed(2, f"Invalid request: {error}") from error
    except msgspec.DecodeError as error:
        raise Malformed(3, f"Invalid JSON: {error}") from error
    if command.method not in METHODS:
        expected = ", ".join(METHODS)
        raise Malformed(
            2, f"Invalid request: unknown variant `{command.method}`, expected one of {expected}"
        )
    return command


def acknowledged(command: Command, result: list[str] | None = None) -> bytes:
    return msgspec.json.encode({"result": result, "id": command.id})
