-- What the tables were made for: postgresql or timescaledb.
select engine()
