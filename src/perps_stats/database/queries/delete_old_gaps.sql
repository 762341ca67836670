-- Delete the gaps that ended before a time; one that reaches across it, or is open, still matters.
delete from gaps where end_time < $1
