"""One frozen value that says how the program runs, and where each part of it was said."""

from perps_stats.settings.load import leaves, load_settings, masked
from perps_stats.settings.tree import (
    SECRETS,
    ApiSettings,
    AskSettings,
    BackfillSettings,
    DatabaseSettings,
    ExchangeSettings,
    LogSettings,
    NetworkSettings,
    RetentionSettings,
    Settings,
    StreamSettings,
    default_directory,
)

__all__ = [
    "SECRETS",
    "ApiSettings",
    "AskSettings",
    "BackfillSettings",
    "DatabaseSettings",
    "ExchangeSettings",
    "LogSettings",
    "NetworkSettings",
    "RetentionSettings",
    "Settings",
    "StreamSettings",
    "default_directory",
    "leaves",
    "load_settings",
    "masked",
]
