-- The role that answers are read as may read what is there, and what will be, where there is the role;
-- nothing of keys.
do $$
declare
    part text;
begin
    if pg_is_in_recovery() or not exists (select from pg_roles where rolname = 'perps_stats_reader')
    then
        return;
    end if;
    perform pg_advisory_xact_lock(hashtextextended('perps-stats migration', 0));
    for part in
        select c.oid::regclass::text from pg_class c
        where c.relnamespace = current_schema()::regnamespace and c.relkind in ('r', 'p', 'v', 'm')
            and c.relname <> 'api_keys' and pg_has_role(c.relowner, 'usage')
            and not has_table_privilege('perps_stats_reader', c.oid, 'select')
    loop
        execute format('grant select on %s to perps_stats_reader', part);
    end loop;
    if has_schema_privilege(current_schema(), 'create') then
        execute format(
            'alter default privileges in schema %I grant select on tables to perps_stats_reader',
            current_schema()
        );
    end if;
end
$$
