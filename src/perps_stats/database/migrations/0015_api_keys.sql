-- Keys to the API. Of a secret only its SHA-256 is kept: it is 256 random bits, which nobody guesses.

create table api_keys (
    key_id text collate "C" primary key,
    name text,
    digest bytea not null check (length(digest) = 32),
    scopes text[] not null check (cardinality(scopes) > 0),
    created_at timestamptz not null,
    expires_at timestamptz,
    revoked_at timestamptz
);
comment on table api_keys is 'a revoked key stays, to be told from one that never was';
