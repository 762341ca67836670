-- Until the end of the transaction no more than may be read.
set local role perps_stats_reader
