-- What is to be repaired is looked for every few seconds: closed gaps that nobody has repaired.

create index gaps_unrepaired on gaps (end_time) where repaired_at is null and end_time is not null;
