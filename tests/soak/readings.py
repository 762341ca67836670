"""What is read of a running service, again and again, and whether it grows."""

from collections.abc import Sequence
from statistics import median

from msgspec import Struct
from prometheus_client.parser import text_string_to_metric_families


class Reading(Struct, frozen=True, kw_only=True):
    """At ``hours`` since the first one. ``gaps`` and ``resyncs`` are since the start."""

    hours: float
    rss: float
    tasks: int
    files: int
    messages: int
    rows: int
    gaps: int
    open_gaps: int
    resyncs: int
    suspect: int


def reading(text: str, hours: float) -> Reading:
    """Of the text of ``/metrics``: sums over exchanges and channels."""
    sums: dict[str, float] = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            state = sample.labels.get("state")
            name = sample.name if state is None else f"{sample.name} {state}"
            sums[name] = sums.get(name, 0.0) + sample.value

    def count(name: str) -> int:
        return round(sums.get(f"perps_stats_{name}", 0.0))

    return Reading(
        hours=hours,
        rss=sums["process_resident_memory_bytes"] / (1 << 20),
        tasks=count("tasks"),
        files=round(sums["process_open_fds"]),
        messages=count("messages_total"),
        rows=count("rows_total"),
        gaps=count("gaps_opened_total"),
        open_gaps=count("open_gaps"),
        resyncs=count("resyncs_total"),
        suspect=count("books suspect"),
    )


def settled(readings: Sequence[Reading]) -> Sequence[Reading]:
    """The last half: at first memory is taken that is kept, for caches that fill among others."""
    return readings[len(readings) // 2 :]


def rise(values: Sequence[float]) -> float:
    """From the middle of the first third to that of the last: what comes and goes is no rise."""
    third = len(values) // 3
    return median(values[-third:]) - median(values[:third])


def table(readings: Sequence[Reading]) -> str:
    names = Reading.__struct_fields__[1:]
    lines = ["minutes" + "".join(f"{name:>11}" for name in names)]
    for each in readings:
        figures = (f"{getattr(each, name):11,.0f}" for name in names)
        lines.append(f"{each.hours * 60:7.1f}" + "".join(figures))
    return "\n".join(lines)
