-- The rollups and the facts they are made of.
select name, fact from rollups order by name
