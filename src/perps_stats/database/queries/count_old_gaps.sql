-- The gaps that ended before a time.
select count(*) from gaps where end_time < $1
