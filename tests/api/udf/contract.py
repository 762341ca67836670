"""The documented contract of the charting library as JSON schemas.

Written from https://www.tradingview.com/charting-library-docs/latest/connecting_data/UDF/ and the
interfaces DatafeedConfiguration, LibrarySymbolInfo and SearchSymbolResultItem of its API reference.
"""

RESOLUTION = {"type": "string", "pattern": "^([1-9][0-9]*[TSDWM]?|[DWM])$"}
MULTIPLIERS = {"type": "array", "items": {"type": "string", "pattern": "^[1-9][0-9]*$"}}
NUMBERS = {"type": "array", "items": {"type": "number"}}
CONFIG = {
    "type": "object",
    "required": ["supported_resolutions", "supports_search", "supports_group_request"],
    "properties": {
        "supported_resolutions": {"type": "array", "items": RESOLUTION},
        "supports_search": {"const": True},
        "supports_group_request": {"const": False},
        "supports_marks": {"type": "boolean"},
        "supports_timescale_marks": {"type": "boolean"},
        "supports_time": {"type": "boolean"},
        "exchanges": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["value", "name", "desc"],
                "additionalProperties": {"type": "string"},
            },
        },
        "symbols_types": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["name", "value"],
                "additionalProperties": {"type": "string"},
            },
        },
    },
    "additionalProperties": False,
}
SYMBOL = {
    "type": "object",
    "required": [
        "name",
        "description",
        "type",
        "session",
        "exchange",
        "listed_exchange",
        "timezone",
        "format",
        "pricescale",
        "minmov",
    ],
    "properties": {
        "name": {"type": "string", "minLength": 1},
        "ticker": {"type": "string", "minLength": 1},
        "description": {"type": "string"},
        "type": {"enum": ["stock", "index", "forex", "futures", "bitcoin", "crypto", "undefined"]},
        "session": {"const": "24x7"},
        "exchange": {"type": "string"},
        "listed_exchange": {"type": "string"},
        "timezone": {"const": "Etc/UTC"},
        "format": {"enum": ["price", "volume"]},
        "pricescale": {"type": "integer", "minimum": 1},
        "minmov": {"type": "integer", "minimum": 1},
        "has_intraday": {"type": "boolean"},
        "intraday_multipliers": MULTIPLIERS,
        "has_daily": {"type": "boolean"},
        "daily_multipliers": MULTIPLIERS,
        "has_weekly_and_monthly": {"type": "boolean"},
        "weekly_multipliers": MULTIPLIERS,
        "monthly_multipliers": MULTIPLIERS,
        "has_empty_bars": {"type": "boolean"},
        "supported_resolutions": {"type": "array", "items": RESOLUTION},
        "visible_plots_set": {"enum": ["ohlcv", "ohlc", "c"]},
        "volume_precision": {"type": "integer", "minimum": 0},
    },
    "additionalProperties": False,
}
SEARCH = {
    "type": "array",
    "items": {
        "type": "object",
        "required": ["symbol", "description", "exchange", "type"],
        "properties": {"symbol": {"type": "string"}, "ticker": {"type": "string"}},
        "additionalProperties": {"type": "string"},
    },
}
ERROR = {
    "type": "object",
    "required": ["s", "errmsg"],
    "properties": {"s": {"const": "error"}, "errmsg": {"type": "string", "minLength": 1}},
    "additionalProperties": False,
}
HISTORY = {
    "oneOf": [
        {
            "type": "object",
            "required": ["s", "t", "o", "h", "l", "c", "v"],
            "properties": {
                "s": {"const": "ok"},
                "t": {"type": "array", "items": {"type": "integer"}, "uniqueItems": True},
                **dict.fromkeys("ohlcv", NUMBERS),
            },
            "additionalProperties": False,
        },
        {
            "type": "object",
            "required": ["s"],
            "properties": {"s": {"const": "no_data"}, "nextTime": {"type": "integer"}},
            "additionalProperties": False,
        },
        ERROR,
    ]
}
