"""Whether a host can be reached at all, before anything is asked of it."""

import asyncio
import socket
import ssl
import threading
import time
from collections.abc import Sequence

from perps_stats.core.errors import Unreachable

DAY_SECONDS = 86_400


async def resolved(host: str, port: int) -> list[str]:
    """Its addresses. Raises ``Unreachable``.

    In a thread of its own, which nobody waits for at the end of the program: a resolver without a
    network may take longer than anyone's patience.
    """
    loop = asyncio.get_running_loop()
    answer: asyncio.Future[list[str]] = loop.create_future()

    def told(addresses: list[str], reason: str) -> None:
        if answer.done():
            return
        if addresses:
            answer.set_result(addresses)
        else:
            answer.set_exception(Unreachable(f"{host} is not resolved ({reason})"))

    def ask() -> None:
        addresses, reason = _addresses(host, port)
        if not loop.is_closed():
            loop.call_soon_threadsafe(told, addresses, reason)

    threading.Thread(target=ask, daemon=True).start()
    return await answer


def _addresses(host: str, port: int) -> tuple[list[str], str]:
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        return [], str(error)
    return list(dict.fromkeys(str(address[0]) for *_, address in found)), "it has no address"


async def certificate_days(
    addresses: Sequence[str], host: str, port: int, *, encrypted: bool
) -> float | None:
    """Connects to the first address that answers. For how many days its certificate is good;
    ``None`` where nothing is encrypted. Raises ``Unreachable``.
    """
    context = ssl.create_default_context() if encrypted else None
    reasons: list[str] = []
    for address in addresses:
        try:
            _, writer = await asyncio.open_connection(
                address, port, ssl=context, server_hostname=host if encrypted else None
            )
        except OSError as error:  # so is what is wrong with a certificate
            reasons.append(str(error) or type(error).__name__)
            continue
        days = _days_left(writer.get_extra_info("peercert")) if encrypted else None
        writer.transport.abort()
        return days
    raise Unreachable(f"{host}:{port} takes no connection ({'; '.join(dict.fromkeys(reasons))})")


def _days_left(certificate: dict[str, str]) -> float:
    return (ssl.cert_time_to_seconds(certificate["notAfter"]) - time.time()) / DAY_SECONDS
