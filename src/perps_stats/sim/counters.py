"""What a venue has done so far: for tests, and for whoever watches the simulator."""

from collections import Counter

from msgspec import Struct, field


class Counters(Struct):
    """``frames`` sent by their kind, acknowledgements not included; ``requests`` by path."""

    frames: Counter[str] = field(default_factory=Counter[str])
    requests: Counter[str] = field(default_factory=Counter[str])
    connections: int = 0
    weight_used: int = 0
    snapshots_served: int = 0
    """Order books answered with HTTP 200, spoiled ones included."""
    faults: Counter[str] = field(default_factory=Counter[str])
    """Those that happened, by kind; of REST those that changed an answer."""
