-- From now on changes before this time are noted.
select note_late_hours_before($1)
