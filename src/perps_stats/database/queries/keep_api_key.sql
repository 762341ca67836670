-- A new key to the API.
insert into api_keys (key_id, digest, scopes, name, created_at, expires_at)
values ($1, $2, $3::text[], $4, $5, $6)
