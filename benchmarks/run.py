"""`make bench`: what is promised about speed, as ratios measured in one run, with the peer beside.

Every figure is printed with its spread (min, median, max), which is the machine's noise.
``python benchmarks/run.py PART…`` runs only some.
"""

import argparse
import asyncio
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path
from statistics import median

from copying import copy_rounds
from pages import fill_in_turn, show
from questions import ask_all
from quota import notice, tell
from records import record_rounds
from rest import answers
from rounds import HERE, Contestant, compete, middle, spread
from stored import sustained
from tape import tape_path
from told import AT_ONCE, CLIENTS, FRAME

from perps_stats.cli.service import run_fast
from perps_stats.feed.sides import COMPILED

ROUNDS = 7
SLOW_ROUNDS = 1
LAG_ROUNDS = 3
MEMORY_ROUNDS = 3
HELP_ROUNDS = 15
QUOTA_ROUNDS = 5
ANSWER_ROUNDS = 5
PEER_PYTHON = str(HERE.parent / ".venv" / "peer" / "bin" / "python")


def pipeline() -> None:
    tape_path()
    twins = ["compiled", "plain"] if COMPILED else ["plain"]
    ours = {mode: Contestant(mode, sys.executable, "ours.py", mode) for mode in twins}
    bands = {
        twin: Contestant(f"{twin}+bands", sys.executable, "ours.py", f"{twin}+bands")
        for twin in twins
    }
    peer = Contestant("cryptofeed", PEER_PYTHON, "peer.py", "peer")
    quick = [bands["compiled"]] if COMPILED else []
    compete([peer, *ours.values(), *quick], ROUNDS)
    compete([bands["plain"]], SLOW_ROUNDS)
    print(f"\n{peer.frames} recorded frames: decode, normalise, keep a verified book (CPU s)")
    print(f"{'':18} {'min':>9} {'median':>9} {'max':>9} {'frames/s':>10} {'x peer':>7}")
    for each in (peer, *ours.values(), *bands.values()):
        rate, ratio = each.frames / middle(each.seconds), ratio_of(peer, each)
        print(f"{each.name:18} {spread(each.seconds)} {rate:10,.0f} {ratio:7.2f}")
        assert each.check == peer.check, f"{each.name} ends at {each.check}, not {peer.check}"
    print(f"all end with the same best prices: {peer.check}")
    for twin in twins:
        extra = middle(bands[twin].seconds) / middle(ours[twin].seconds) - 1
        print(f"all bands after every depth update, {twin}: {extra:+.1%}")


def ratio_of(peer: Contestant, each: Contestant) -> float:
    return middle(peer.seconds) / middle(each.seconds)


def help_time() -> None:
    commands = {
        "python -c pass": [sys.executable, "-c", "pass"],
        "perps-stats --help": [str(Path(sys.executable).parent / "perps-stats"), "--help"],
    }
    seconds: dict[str, list[float]] = {name: [] for name in commands}
    for _ in range(HELP_ROUNDS):
        for name, command in commands.items():
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)  # noqa: S603 our own
            seconds[name].append(time.perf_counter() - began)
    print(f"\nwhole processes (ms)\n{'':18} {'min':>9} {'median':>9} {'max':>9}")
    for name, values in seconds.items():
        print(f"{name:18} {spread(values, 0.001)}")


def compare(title: str, ours: list[float], other: str, others: list[float]) -> None:
    """Thousands of rows per second."""
    print(f"\n{title} (k rows/s)\n{'':18} {'min':>9} {'median':>9} {'max':>9}")
    print(f"{'ours':18} {spread(ours, 1000)}")
    print(f"{other:18} {spread(others, 1000)}")
    print(f"ratio of medians: {median(ours) / median(others):.2f}")


def trades() -> None:
    tape_path()
    ours, server = run_fast(copy_rounds(ROUNDS))
    compare("rows into trades", ours, "server's own COPY", server)


def records() -> None:
    ours, driver = run_fast(record_rounds(ROUNDS))
    title, other = "pages of candles, read and stored, 8 in flight", "decimals, records"
    compare(title, [pace.rows for pace in ours], other, [pace.rows for pace in driver])
    cpu = [median(pace.cpu for pace in some) for some in (ours, driver)]
    print(f"CPU us a row of the client: {cpu[0]:.2f} and {cpu[1]:.2f}, ratio {cpu[1] / cpu[0]:.2f}")


def memory() -> None:
    sys.stdout.flush()
    command = [sys.executable, str(HERE / "memory.py"), str(MEMORY_ROUNDS)]
    subprocess.run(command, check=True)  # noqa: S603 our own


@contextmanager
def source() -> Generator[str]:
    """The port of the loopback source."""
    command = [sys.executable, str(HERE / "source.py")]
    with subprocess.Popen(  # noqa: S603 our own program
        command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout
        yield process.stdout.readline().strip()


def sockets() -> None:
    tape_path()
    with source() as port:
        peer = Contestant("cryptofeed", PEER_PYTHON, "live_peer.py", port)
        ours = Contestant("ours", sys.executable, "live_ours.py", port)
        compete([peer, ours], ROUNDS)
    print(f"\n{peer.frames} frames of 200 symbols over loopback into verified books (CPU s)")
    print(f"{'':18} {'min':>9} {'median':>9} {'max':>9} {'frames/s':>10} {'x peer':>7}")
    for each in (peer, ours):
        rate, ratio = each.frames / middle(each.seconds), ratio_of(peer, each)
        print(f"{each.name:18} {spread(each.seconds)} {rate:10,.0f} {ratio:7.2f}")
        assert each.check == peer.check, f"{each.name} ends at {each.check}, not {peer.check}"


def lag() -> None:
    tape_path()
    with source() as port:
        told = [printed("lag.py", port).split() for _ in range(LAG_ROUNDS)]
    print("\n5,000 messages a second on one core: due at the source to dealt with (ms)")
    print(f"{'':18} {'min':>9} {'median':>9} {'max':>9}")
    for place, name in enumerate(("half within", "99 % within", "the worst")):
        print(f"{name:18} {spread([float(each[place]) for each in told], 1000)}")


def fanout() -> None:
    ours = Contestant("ours", sys.executable, "fanout.py", "burst")
    peer = Contestant("websockets.broadcast", PEER_PYTHON, "fanout_peer.py", "burst")
    compete([peer, ours], ROUNDS)
    assert ours.check == peer.check
    print(f"\n{FRAME} bytes to each of {CLIENTS} clients, {AT_ONCE} at once (CPU us a message)")
    print(f"{'':20} {'min':>9} {'median':>9} {'max':>9} {'x peer':>7}")
    for each in (peer, ours):
        print(
            f"{each.name:20} {spread(each.seconds, each.frames / 1e6)} {ratio_of(peer, each):7.2f}"
        )
    half, most, worst, growth, closed = printed("fanout.py", "crowd").split()
    delays = " ".join(f"{float(each) * 1000:.1f}" for each in (half, most, worst))
    print(
        f"500 clients, 5 of whom never read: to the others in {delays} ms (half, 99 %, the worst)"
    )
    print(f"the server grew by {growth} MB, and closed {closed} as too slow")


def books() -> None:
    held, slope, most = printed("books.py").split()
    print("\n500 books of 1000 levels a side, half an hour of updates at once (MB)")
    print(f"books {held}, growing {slope} an hour, process at most {most}")


def stored() -> None:
    tape_path()
    rows, seconds = run_fast(sustained())
    print(f"\n{rows:,} rows through the writer: {rows / seconds:,.0f} a second")


def page() -> None:
    if shutil.which("chromium") is None:
        print("\nthe page needs a browser to be seen in: apt-get install chromium")
        return
    paints, *seconds = printed("page.py").splitlines()
    shown = [[float(each) for each in line.split()] for line in seconds]
    frames, messages, longest = (list(each) for each in zip(*shown, strict=True))
    print(f"\nthe page, and Depth on five exchanges\n{'':18} {'min':>9} {'median':>9} {'max':>9}")
    print(f"{'first paint (ms)':18} {spread([float(each) for each in paints.split()])}")
    print(f"{'messages a second':18} {spread(messages)}")
    print(f"{'frames a second':18} {spread(frames)}")
    print(f"{'longest frame (ms)':18} {spread(longest)}")


def printed(script: str, *arguments: str) -> str:
    command = [sys.executable, str(HERE / script), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)  # noqa: S603 our own
    return done.stdout


PARTS: dict[str, Callable[[], None]] = {
    "pipeline": pipeline,
    "sockets": sockets,
    "lag": lag,
    "fanout": fanout,
    "books": books,
    "stored": stored,
    "trades": trades,
    "records": records,
    "pages": lambda: show(asyncio.run(fill_in_turn(ROUNDS))),
    "questions": lambda: asyncio.run(ask_all(ROUNDS)),
    "answers": lambda: answers(ANSWER_ROUNDS),
    "quota": lambda: tell(run_fast(notice(QUOTA_ROUNDS))),
    "page": page,
    "memory": memory,
    "help": help_time,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=", ".join(PARTS))
    asked = parser.parse_args().parts
    if unknown := set(asked) - set(PARTS):
        parser.error(f"no part {', '.join(sorted(unknown))}: use {', '.join(PARTS)}")
    for name, part in PARTS.items():
        if not asked or name in asked:
            part()


if __name__ == "__main__":
    main()
