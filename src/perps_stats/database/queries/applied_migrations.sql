-- The migrations that were applied, oldest first.
select number, name, checksum from schema_migrations order by number
