-- Certificates of removal: how many declarations left the stores, when, why, and a digest over their ids.
CREATE TABLE removal (
    removal_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    reason       text NOT NULL,
    removed_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    declarations bigint NOT NULL,
    versions     bigint NOT NULL,
    digest       bytea NOT NULL
);
