"""Who is let in, how often, and how much: in front of REST, the WebSocket and the page.

The WebSocket asks ``Admission.may_stream(headers, peer)`` at the handshake, which answers with a
``Caller`` or a ``Refusal``, and ``is_still_welcome(caller)`` from time to time.
"""

from perps_stats.api.guard.admission import Admission, Caller, Rules, origins
from perps_stats.api.guard.keyring import Keyring, given_keys
from perps_stats.api.guard.middleware import Guard
from perps_stats.api.guard.refusals import Refusal, document, response_headers
from perps_stats.api.guard.tally import Tally
from perps_stats.api.guard.watch import Limits

__all__ = [
    "Admission",
    "Caller",
    "Guard",
    "Keyring",
    "Limits",
    "Refusal",
    "Rules",
    "Tally",
    "document",
    "given_keys",
    "origins",
    "response_headers",
]
