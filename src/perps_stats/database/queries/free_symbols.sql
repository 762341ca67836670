-- A market that is no longer listed gives up its short name to the one that now bears it.
update markets m set symbol = m.native
from json_populate_recordset(null::markets, $1::text::json) listed
where m.exchange = listed.exchange and m.symbol = listed.symbol and m.native <> listed.native
    and not exists (
        select from json_populate_recordset(null::markets, $1::text::json) l
        where l.exchange = m.exchange and l.native = m.native
    )
