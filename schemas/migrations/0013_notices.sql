-- Notices: what operators, authorities and officers are told of, to read and, where there is an address, by e-mail.

CREATE TABLE notice (
    notice_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    at          timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind        text NOT NULL,
    operator_id uuid,
    authority   text,
    officer_id  uuid,
    exchange_id uuid REFERENCES exchange ON DELETE CASCADE,
    alert_id    uuid,
    language    text NOT NULL,
    filled_with jsonb NOT NULL,
    once_key    text UNIQUE, -- a reminder goes out once
    email       text,
    mailed_at   timestamptz,
    attempts    int NOT NULL DEFAULT 0,
    retry_at    timestamptz,
    read_at     timestamptz,
    CHECK (num_nonnulls(operator_id, authority, officer_id) = 1)
);
CREATE INDEX notice_operator ON notice (operator_id, notice_id) WHERE operator_id IS NOT NULL;
CREATE INDEX notice_authority ON notice (authority, notice_id) WHERE authority IS NOT NULL;
CREATE INDEX notice_officer ON notice (officer_id, notice_id) WHERE officer_id IS NOT NULL;
CREATE INDEX notice_to_mail ON notice (notice_id) WHERE email IS NOT NULL AND mailed_at IS NULL;
