-- The streams that are listened to now: what the living sessions have heard.
select distinct m.exchange, m.symbol, c.stream
from sessions s
join pg_locks l on l.locktype = 'advisory' and l.classid = 1886680691 and l.objid = s.session_id::oid
join coverage c on c.session_id = s.session_id
join markets m on m.market_id = c.market_id
where s.ended_at is null and l.granted
    and l.database = (select oid from pg_database where datname = current_database())
