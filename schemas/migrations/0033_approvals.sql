-- What one person asked for where the operator wants four eyes: it is done when another person approves it.

CREATE TABLE approval (
    approval_id uuid PRIMARY KEY,
    operator_id uuid NOT NULL REFERENCES operator ON DELETE CASCADE,
    what        text NOT NULL,
    method      text NOT NULL,
    path        text NOT NULL,
    path_params jsonb NOT NULL,
    query       text NOT NULL,
    headers     jsonb NOT NULL,
    -- What was sent, as it was sent; gone when it is decided.
    body        bytea,
    asked_by    uuid NOT NULL REFERENCES person ON DELETE CASCADE,
    asked_at    timestamptz NOT NULL,
    state       text NOT NULL DEFAULT 'waiting' CHECK (state IN ('waiting', 'approved', 'refused')),
    decided_by  uuid REFERENCES person ON DELETE SET NULL,
    decided_at  timestamptz
);
CREATE INDEX approval_operator ON approval (operator_id, approval_id);
CREATE INDEX approval_age ON approval (asked_at);
