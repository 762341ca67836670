-- The role that answers are read as, in a database of our own: it makes nothing, not even for a while.
do $$
declare
    maker text;
begin
    perform pg_advisory_xact_lock(hashtextextended('perps-stats migration', 0));
    if not exists (select from pg_roles where rolname = 'perps_stats_reader') then
        create role perps_stats_reader login;
    end if;
    if has_database_privilege('perps_stats_reader', current_database(), 'temporary') then
        execute format('revoke temporary on database %I from public', current_database());
    end if;
    for maker in
        select oid::regprocedure::text from pg_proc
        where proname in ('lo_creat', 'lo_create', 'lo_from_bytea')
            and has_function_privilege('perps_stats_reader', oid, 'execute')
    loop
        execute format('revoke execute on function %s from public', maker);
    end loop;
end
$$
