-- Officers signed in with a browser: of the session only the SHA-256 is kept; it ends with the officer's token.
CREATE TABLE officer_session (
    session_hash bytea PRIMARY KEY,
    officer_id   uuid NOT NULL REFERENCES officer ON DELETE CASCADE,
    created_at   timestamptz NOT NULL DEFAULT now(),
    expires_at   timestamptz NOT NULL
);
CREATE INDEX officer_session_officer ON officer_session (officer_id);
