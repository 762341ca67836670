-- What further exchanges need: names used on the wire, inverse contracts, candles made of shorter ones,
-- and candles whose volume is of an unknown unit.

alter table markets
    add column wire_id text,
    add column contract_value numeric;
comment on column markets.wire_id is 'what requests and frames call it, where not the native name';
comment on column markets.contract_value is 'quote coin per contract of an inverse market';

alter table klines
    add column aggregated_from text collate "C",
    alter column volume drop not null;
comment on column klines.aggregated_from is 'the interval of the exchange''s candles it was made of';
comment on column klines.volume is 'base coin; null where the exchange does not tell its unit';
