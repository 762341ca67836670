-- A session ended as it should.
update sessions set ended_at = now() where session_id = $1
