-- All keys to the API, the newest first.
select key_id, digest, scopes, name, created_at, expires_at, revoked_at
from api_keys order by created_at desc, key_id
