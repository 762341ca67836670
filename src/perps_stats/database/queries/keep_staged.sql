-- Keep the staged rows that are new, of equal keys the first. In the order of the key, so that two
-- writers cannot deadlock.
insert into {table} select * from {staging} order by {key}, ctid on conflict do nothing
