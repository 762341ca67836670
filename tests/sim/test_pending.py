"""The faults that are still to come: when each strikes, and whom."""

from perps_stats.sim.faults import Fault, Kind, parse_fault
from perps_stats.sim.losses import Told
from perps_stats.sim.pending import CHANCES, Faults


def frame(stream: str, symbol: str = "BTCUSDT") -> Told:
    return Told(f"{symbol}@{stream}", symbol, symbol.removesuffix("USDT"), (stream,), 7, 1)


def test_a_drop_counts_diffs_and_strikes_once() -> None:
    """Of five diffs the second alone is dropped."""
    faults = Faults((parse_fault("drop:2"),))
    told = [faults.on_told(frame("orderbook")) for _ in range(5)]
    assert told == [None, Fault(Kind.DROP, 2), None, None, None]


def test_a_frame_fault_strikes_the_first_connection_that_gets_there() -> None:
    """The second connection's third frame is spared."""
    faults = Faults((parse_fault("badjson:3"),))
    frames = [faults.on_frame(connection, None) for connection in (1, 1, 2, 1, 2, 2)]
    assert frames == [None, None, None, Fault(Kind.BAD_JSON, 3), None, None]


def test_a_path_is_matched_whole_or_by_its_end() -> None:
    """``depth`` is not ``xdepth``, and other paths do not count."""
    faults = Faults((parse_fault("html:depth:2"), parse_fault("http500:4")))
    paths = ["/fapi/v1/depth", "/fapi/v1/xdepth", "/fapi/v1/depth", "/fapi/v1/time"]
    kinds = [fault and fault.kind for fault in map(faults.on_request, paths)]
    assert kinds == [None, None, Kind.HTML, Kind.HTTP_500]


def struck(text: str, paths: list[str]) -> list[Fault | None]:
    return list(map(Faults((parse_fault(text),)).on_request, paths))


def test_chance_is_the_seeds_alone() -> None:
    """The same seed strikes the same requests in the same ways; another one does not."""
    paths = ["/fapi/v1/klines"] * 300
    assert struck("random:7:20", paths) == struck("random:7:20", paths)
    assert struck("random:7:20", paths) != struck("random:8:20", paths)


def test_chance_strikes_as_often_as_it_is_told() -> None:
    """Of 20000 requests a tenth within six standard deviations, every kind among them."""
    faults = [fault for fault in struck("random:3:10", ["/klines"] * 20_000) if fault]
    assert abs(len(faults) - 2000) < 6 * (20_000 * 0.1 * 0.9) ** 0.5
    assert {fault.kind for fault in faults} == set(CHANCES)
    assert {fault.seconds for fault in faults if fault.kind is Kind.SLOW_DOWN} == {1.0}


def test_chance_keeps_to_its_path() -> None:
    """All requests of the path are struck, no other is, and others do not change its throws."""
    alone = struck("random:klines:5:100", ["/v1/klines"] * 3)
    mixed = struck("random:klines:5:100", ["/v1/klines", "/v1/time", "/v1/klines", "/v1/klines"])
    assert mixed[1] is None
    assert [fault for fault in mixed if fault] == alone


def test_a_fault_with_a_number_comes_before_chance() -> None:
    """The second request hangs, however likely another fault is."""
    faults = Faults((parse_fault("random:1:100"), parse_fault("hang:2")))
    kinds = [fault and fault.kind for fault in map(faults.on_request, ["/a"] * 3)]
    assert kinds[1] is Kind.HANG
    assert {kinds[0], kinds[2]} <= set(CHANCES)


def test_a_fault_keeps_to_its_stream_and_its_market() -> None:
    """The second trade of BTC, by the coin or by the exchange's own name; nothing else counts."""
    frames = [frame("trades", "ETHUSDT"), frame("trades"), frame("orderbook"), frame("trades")]
    for text in ("drop:trades@BTC:2", "drop:trades@BTCUSDT:2"):
        faults = Faults((parse_fault(text),))
        assert [bool(faults.on_told(one)) for one in frames] == [False, False, False, True]


def test_a_fault_of_any_stream_counts_them_all() -> None:
    """The third frame, whatever it tells; without a stream what is told wrongly is a book."""
    frames = [frame("trades"), frame("best"), frame("mark"), frame("orderbook")]
    struck = {}
    for text in ("drop:any:3", "drop:1"):
        faults = Faults((parse_fault(text),))
        struck[text] = [bool(faults.on_told(one)) for one in frames]
    assert struck == {"drop:any:3": [False, False, True, False], "drop:1": [False] * 3 + [True]}


def test_a_fault_of_every_time_stays() -> None:
    """Each request is slow."""
    assert struck("slow:*:0.5", ["/a"] * 3) == [Fault(Kind.SLOW, 0, seconds=0.5)] * 3


def test_what_is_added_counts_from_then_on() -> None:
    """After nine frames, the next one; two of a kind strike one after the other."""
    faults = Faults(())
    for _ in range(9):
        faults.on_told(frame("orderbook"))
    faults.add(Fault(Kind.DROP, 1))
    faults.add(Fault(Kind.DROP, 1))
    assert [bool(faults.on_told(frame("orderbook"))) for _ in range(3)] == [True, True, False]
    assert faults.played == {"drop": 2}


def test_a_handshake_is_no_request() -> None:
    """Neither counts for the other, and a path of its own is for the handshake."""
    faults = Faults((parse_fault("503:ws:2"), parse_fault("http500:2")))
    kinds = [fault and fault.kind for fault in (faults.on_handshake(), faults.on_request("/a"))]
    assert kinds == [None, None]
    assert faults.on_handshake() == Fault(Kind.UNAVAILABLE, 2, "ws")
    assert faults.on_request("/a/ws") == Fault(Kind.HTTP_500, 2)


def test_a_stale_book_is_one_that_was_asked_for_before() -> None:
    """What is asked for the first time does not count."""
    faults = Faults((parse_fault("stale:1"),))
    assert faults.on_request("/depth") is None
    assert faults.on_request("/depth", is_known=True) == Fault(Kind.STALE, 1)


def test_what_has_a_time_waits_for_it() -> None:
    """A fault at a time is not among those that count from the beginning."""
    assert Faults((parse_fault("drop:@5s"),)).on_told(frame("orderbook")) is None
