-- What was done to this database. `to_regclass` is null before the first migration.
select to_regclass('schema_migrations') is not null
