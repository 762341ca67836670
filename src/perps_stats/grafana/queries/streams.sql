-- The streams of which something is known.
select stream from coverage union select stream from gaps order by 1
