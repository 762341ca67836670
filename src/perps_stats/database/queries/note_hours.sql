-- Rows of this table that lie in these hours of these markets were written.
select note_hours($1, $2::text[]::integer[], $3::text[]::timestamptz[])
