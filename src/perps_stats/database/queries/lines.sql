-- The text of a page: each row as the JSON of its record, a line each, in the order of the page.
-- What the page is asked for, then how many rows to leave out, and of a book the most levels a side.
select convert_to(coalesce(string_agg(row_to_json(t)::text, e'\n'), ''), 'UTF8') as lines
from (
    select
        {fields},
        p.exchange = any(array(select name from exchanges where simulated)) as simulated{floors}
    from ({page}) p
    offset {skip}
) t
