-- Note, once, where the data of these exchanges comes from.
insert into exchanges (name, simulated) select unnest($1::text[]), $2::boolean
on conflict do nothing
