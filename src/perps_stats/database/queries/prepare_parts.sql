-- Make the parts of a day and those that follow soon: two days or a month ahead.
select create_partitions(
    fact,
    array(select ($1::text::date + step)::date from unnest(array[interval '0', period, 2 * period]) step)
)
from partitioning
