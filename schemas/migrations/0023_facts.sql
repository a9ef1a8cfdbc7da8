-- Facts and figures as they were computed for a period, all hosts ('') or one: whole years outlive the declarations from
-- which they come, which are kept for 24 months.

CREATE TABLE facts (
    since    date NOT NULL,
    until    date NOT NULL,
    host     text NOT NULL DEFAULT '',
    made_at  timestamptz NOT NULL,
    document jsonb NOT NULL,
    PRIMARY KEY (since, until, host),
    CHECK (since <= until)
);
