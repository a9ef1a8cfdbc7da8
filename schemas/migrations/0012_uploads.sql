-- Files of an exchange. A file comes in parts, each at an offset; whole, it is checked, digested and kept.

CREATE TABLE upload (
    upload_id     uuid PRIMARY KEY,
    exchange_id   uuid NOT NULL REFERENCES exchange ON DELETE CASCADE,
    party         text NOT NULL,
    country       text NOT NULL,
    authority     text,
    document_type text NOT NULL,
    file_name     text NOT NULL,
    size          bigint NOT NULL CHECK (size > 0),
    received      bigint NOT NULL DEFAULT 0,
    state         text NOT NULL DEFAULT 'receiving' CHECK (state IN ('receiving', 'kept', 'refused')),
    media_type    text,
    digest        bytea,
    created_at    timestamptz NOT NULL DEFAULT clock_timestamp(),
    kept_at       timestamptz,
    sent_in       int, -- sequence of the event with which it was sent
    CHECK (received BETWEEN 0 AND size)
);
CREATE INDEX upload_exchange ON upload (exchange_id);
CREATE INDEX upload_unfinished ON upload (created_at) WHERE state <> 'kept' OR sent_in IS NULL;

CREATE TABLE upload_part (
    upload_id uuid NOT NULL REFERENCES upload ON DELETE CASCADE,
    start     bigint NOT NULL,
    bytes     bigint NOT NULL,
    path      text NOT NULL,
    PRIMARY KEY (upload_id, start)
);
