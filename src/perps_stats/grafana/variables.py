"""What can be chosen, and what lies over all panels: the same on every dashboard."""

from perps_stats.aggregator.liquidity import BANDS
from perps_stats.grafana.asking import table
from perps_stats.grafana.model import Panel, Variable

EXCHANGE = Variable(name="exchange", label="Exchange", query=table("exchanges"))
SYMBOL = Variable(name="symbol", label="Symbol", query=table("symbols"), chosen=("BTC",))
STREAM = Variable(name="stream", label="Stream", query=table("streams"))
BAND = Variable(
    name="band",
    label="Band, bps of mid",
    values=[f"{bps}" for bps in BANDS.values()],
    chosen=("10",),
)
SIDE = Variable(name="side", label="Side of the book", values=("bid", "ask"))
TAKER = Variable(name="taker", label="Taker", values=("buy", "sell"), chosen=("buy",))
AMOUNT = Variable(name="amount", label="Amount, quote", query=table("amounts", of_all_symbols=True))
KIND = Variable(
    name="kind", label="Matrix of", values=("predicted", "settled"), chosen=("settled",)
)

GAPS = table("gap_annotations")
ALL_GAPS = table("gap_annotations", of_all_symbols=True)

SIMULATED = Panel(
    title="Data",
    says="Simulated exchanges look like real ones and are marked everywhere: in the names of lines "
    "and in tables as well.",
    queries=[table("simulated")],
    kind="stat",
    width=24,
    height=3,
    steps=None,
    options={
        "reduceOptions": {"calcs": ["lastNotNull"], "fields": "/^data$/", "values": True},
        "textMode": "value",
        "colorMode": "value",
        "graphMode": "none",
        "justifyMode": "auto",
        "orientation": "auto",
    },
    defaults={
        "color": {"mode": "fixed", "fixedColor": "green"},
        "mappings": [
            {
                "type": "regex",
                "options": {
                    "pattern": "^(SIMULATED.*)$",
                    "result": {"text": "$1", "color": "orange"},
                },
            }
        ],
    },
)
"""At the head of every dashboard."""
