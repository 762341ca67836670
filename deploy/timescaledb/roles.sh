#!/bin/sh
# The roles of the database, when it is made: perps_stats owns everything, perps_stats_reader may read it,
# perps_stats_grafana is a reader whose sessions cannot write and do not last.
set -eu
psql --no-psqlrc --quiet --set=ON_ERROR_STOP=1 --username=postgres --dbname=perps_stats <<'SQL'
\set owner `cat /run/secrets/database_password`
\set grafana `cat /run/secrets/grafana_password`
create role perps_stats_reader;
create role perps_stats login password :'owner' in role perps_stats_reader;
create role perps_stats_grafana login password :'grafana' connection limit 20 in role perps_stats_reader;
alter role perps_stats_grafana set default_transaction_read_only = on;
alter role perps_stats_grafana set statement_timeout = '30s';
alter database perps_stats owner to perps_stats;
alter schema public owner to perps_stats;
SQL
