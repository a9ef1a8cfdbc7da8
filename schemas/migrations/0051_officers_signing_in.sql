-- Officers known by an OIDC issuer have no token of ours; a token that takes another's place works beside it for a while.
ALTER TABLE officer
    ALTER COLUMN token_hash DROP NOT NULL,
    ADD COLUMN issuer         text,
    ADD COLUMN subject        text,
    ADD COLUMN previous_hash  bytea UNIQUE,
    ADD COLUMN previous_until timestamptz,
    ADD COLUMN last_used_at   timestamptz,
    ADD UNIQUE (issuer, subject),
    ADD CHECK (token_hash IS NOT NULL OR subject IS NOT NULL),
    ADD CHECK ((issuer IS NULL) = (subject IS NULL));
