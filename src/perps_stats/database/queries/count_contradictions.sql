-- How many contradictions there are of each data set and market.
select data_set, market_id, count(*) as contradictions from contradictions group by 1, 2
