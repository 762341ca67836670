-- Make the hours of a rollup before a time anew from the rows there are; of all for null.
call refresh_continuous_aggregate('{rollup}', null, $1::timestamptz)
