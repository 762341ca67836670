"""What a backfill will take, and what became of it: tables, and the exit code."""

import sys
from collections.abc import Sequence

from perps_stats.cli.output import Output, Printed, Record, Screen, show
from perps_stats.cli.progress import duration
from perps_stats.core.errors import NotOffered
from perps_stats.core.times import rfc3339
from perps_stats.ingest.backfill.backfill import Plan
from perps_stats.ingest.backfill.filling import Outcome
from perps_stats.ingest.backfill.planning import Job
from perps_stats.ingest.backfill.series import Series

PARTIAL = 6
NAMES = ("exchange", "symbol", "data", "interval")
PLAN = (*NAMES, "from", "to", "spans", "requests", "rows", "weight", "seconds")
RESULT = (
    *(*NAMES, "pages", "new", "known", "contradicting", "absent"),
    *("missing_from", "missing_to", "reason"),
)
OFTEN_NOTHING = ("interval", "missing_from", "missing_to", "reason")
"""Columns that a screen leaves out where no row has any."""
UNITS = {"seconds": "s"}


def show_plan(plan: Plan, where: Output) -> int:
    """By series: what would be asked. ``seconds`` are those of the exchange's limit."""
    _require_something(plan)
    records = [_planned(job) for job in plan.jobs]
    printed = Printed(
        records=[*records, *_failed(plan, PLAN)],
        fields=(*PLAN, "reason"),
        screen=Screen((*PLAN, "reason"), usual=dict.fromkeys(OFTEN_NOTHING, "")),
        units=UNITS,
        notes=[*_notes(plan), *_totals(plan)],
        simulated=plan.simulated,
    )
    show(printed, where)
    _tell(where, printed.notes)
    return PARTIAL if plan.failures else 0


def _planned(job: Job) -> Record:
    cost = job.cost()
    return {
        **_names(job.series),
        "from": rfc3339(job.spans[0].start) if job.spans else None,
        "to": rfc3339(job.spans[-1].end) if job.spans else None,
        "spans": len(job.spans),
        "requests": cost.requests,
        "rows": cost.rows,
        "weight": cost.weight if cost.requests is not None else None,
        "seconds": _rounded(job.seconds()),
        "reason": None,
    }


def _totals(plan: Plan) -> list[str]:
    """Of each exchange: its series share its limits."""
    lines: list[str] = []
    for name in dict.fromkeys(job.series.exchange for job in plan.jobs):
        jobs = [job for job in plan.jobs if job.series.exchange == name]
        costs = [job.cost() for job in jobs]
        known = [cost for cost in costs if cost.requests is not None]
        requests = sum(cost.requests or 0 for cost in known)
        rows = sum(cost.rows or 0 for cost in known)
        seconds = sum(job.seconds() or 0.0 for job in jobs)
        more = "" if len(known) == len(costs) else ", and trades, which only the answers count"
        lines.append(
            f"{name}: {requests:,} requests, at most {rows:,} rows, "
            f"{duration(seconds)} at its limit{more}"
        )
    return lines


def show_outcomes(plan: Plan, outcomes: Sequence[Outcome], where: Output) -> int:
    """By series, a line for each span that is missing."""
    _require_something(plan)
    records = [record for outcome in outcomes for record in _records(outcome)]
    printed = Printed(
        records=[*records, *_failed(plan, RESULT)],
        fields=RESULT,
        screen=Screen(RESULT, usual=dict.fromkeys(OFTEN_NOTHING, "")),
        notes=[*_notes(plan), *_changes(outcomes)],
        simulated=plan.simulated,
    )
    show(printed, where)
    _tell(where, printed.notes)
    is_missing = bool(plan.failures) or any(outcome.missing for outcome in outcomes)
    if is_missing:
        sys.stderr.write("perps-stats: not everything could be had; run it again to go on\n")
    return PARTIAL if is_missing else 0


def _records(outcome: Outcome) -> list[Record]:
    written = outcome.written
    counts: Record = {
        **_names(outcome.series),
        "pages": outcome.pages,
        "new": written.new,
        "known": written.known,
        "contradicting": written.contradicting,
        "absent": outcome.absent,
        "missing_from": None,
        "missing_to": None,
        "reason": None,
    }
    holes: list[Record] = [
        {
            "missing_from": rfc3339(each.span.start),
            "missing_to": rfc3339(each.span.end),
            "reason": each.reason,
        }
        for each in outcome.missing
    ]
    return [counts | hole for hole in holes] or [counts]


def _failed(plan: Plan, fields: Sequence[str]) -> list[Record]:
    return [
        {
            **dict.fromkeys(fields),
            "exchange": each.exchange,
            "symbol": each.symbol or None,
            "reason": str(each.error),
        }
        for each in plan.failures
    ]


def _names(series: Series) -> Record:
    return {
        "exchange": series.exchange,
        "symbol": series.market.symbol,
        "data": series.past.data_set,
        "interval": series.past.interval or None,
    }


def _notes(plan: Plan) -> list[str]:
    return [f"{note.exchange}: {note.text}" for note in plan.notes]


def _changes(outcomes: Sequence[Outcome]) -> list[str]:
    return [
        f"{each.exchange} {each.symbol}: funding every {each.before:f} h became every "
        f"{each.after:f} h at {rfc3339(each.timestamp)}"
        for outcome in outcomes
        for each in outcome.changes
    ]


def _tell(where: Output, notes: Sequence[str]) -> None:
    """On a terminal the table has said it."""
    if where.format is not None or not sys.stdout.isatty():
        for note in notes:
            sys.stderr.write(f"perps-stats: {note}\n")


def _require_something(plan: Plan) -> None:
    """Raises ``NotOffered`` where no exchange has any of what is wanted."""
    if not plan.jobs and not plan.failures and plan.notes:
        error = NotOffered(plan.notes[0].text.removeprefix("does not offer "))
        error.exchange = plan.notes[0].exchange
        raise error


def _rounded(seconds: float | None) -> float | None:
    return None if seconds is None else round(seconds, 1)
