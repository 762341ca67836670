-- Drop a part with all its rows.
drop table if exists {part}
