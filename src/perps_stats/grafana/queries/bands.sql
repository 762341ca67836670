-- The chosen bands and sides of the book, and where each stands in the list of figures that a row has.
select b.place, b.bps, b.side
from (values
{places}
) b (place, bps, side)
where b.bps::text = any(array[$band]::text[]) and b.side = any(array[$side]::text[])
