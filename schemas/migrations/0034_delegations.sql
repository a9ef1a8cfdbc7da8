-- A delegation lends what the operator chooses, for as long as it chooses.

ALTER TABLE delegation
    ADD COLUMN scopes text[] NOT NULL DEFAULT '{read,submit}',
    ADD COLUMN expires_at timestamptz;
