-- What the server is.
select
    current_setting('server_version') as version,
    (select extversion from pg_extension where extname = 'timescaledb') as timescale
