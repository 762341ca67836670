-- Forget the stored hours of a rollup before a time.
select drop_hours($1, $2)
