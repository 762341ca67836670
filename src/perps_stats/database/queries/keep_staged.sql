-- Keep the staged rows that are new. In the order of the key, so that two writers cannot deadlock.
insert into {table} select * from {staging} order by {key} on conflict do nothing
