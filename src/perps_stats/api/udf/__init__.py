"""Stored candles for TradingView's charting library, by its UDF protocol."""

from perps_stats.api.udf.describing import udf_paths, udf_schemas
from perps_stats.api.udf.routes import udf

__all__ = ["udf", "udf_paths", "udf_schemas"]
