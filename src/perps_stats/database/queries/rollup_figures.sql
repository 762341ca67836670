-- What the hours of each rollup are made of.
select name, fact, figures, condition from rollups order by name
