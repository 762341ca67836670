-- A key that opens nothing from then on. One that was revoked before stays so.
update api_keys set revoked_at = least(revoked_at, $2::timestamptz) where key_id = $1
returning key_id
