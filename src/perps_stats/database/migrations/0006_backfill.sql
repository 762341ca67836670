-- What was asked of an exchange's history and answered is any set of spans, each remembered whether or
-- not rows came: what an exchange does not have is not asked for again.

alter table backfill_progress
    add column covered tstzmultirange not null default '{}';
update backfill_progress set covered = tstzmultirange(tstzrange(first_ts, end_ts));
alter table backfill_progress
    drop column first_ts,
    drop column end_ts;
comment on table backfill_progress is 'what of an exchange''s history was asked for and answered';
comment on column backfill_progress.earliest_ts is 'where the exchange''s history begins';
comment on column backfill_progress.covered is 'half-open spans that were answered, with rows or without';
