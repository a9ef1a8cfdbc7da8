-- Machine translations of free text, by the text's digest; the text itself stays where it was written.

CREATE TABLE translation (
    translation_id uuid PRIMARY KEY,
    digest         bytea NOT NULL,
    source         text NOT NULL,
    target         text NOT NULL,
    service        text NOT NULL,
    state          text NOT NULL CHECK (state IN ('pending', 'done', 'failed')),
    text           text,
    ordered_at     timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at       timestamptz,
    UNIQUE (digest, source, target, service)
);
