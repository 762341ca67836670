-- When a session began.
select started_at from sessions where session_id = $1
