-- Addresses to which events are sent, and what became of each sending.

CREATE TABLE webhook (
    webhook_id  uuid PRIMARY KEY,
    operator_id uuid NOT NULL REFERENCES operator ON DELETE CASCADE,
    url         text NOT NULL,
    kinds       text[] NOT NULL,
    secret      text NOT NULL,
    created_at  timestamptz NOT NULL,
    paused      boolean NOT NULL DEFAULT false,
    -- The event up to which all are turned into deliveries: its transaction and id.
    transaction xid8 NOT NULL,
    event_id    bigint NOT NULL
);
CREATE INDEX webhook_operator ON webhook (operator_id);

-- One event, or a test, on its way to one address. The body is kept as it was first sent, so that a replay is equal.
CREATE TABLE webhook_delivery (
    delivery_id  uuid PRIMARY KEY,
    webhook_id   uuid NOT NULL REFERENCES webhook ON DELETE CASCADE,
    kind         text NOT NULL,
    body         text NOT NULL,
    created_at   timestamptz NOT NULL,
    due_at       timestamptz,
    attempts     int NOT NULL DEFAULT 0,
    tried_at     timestamptz,
    delivered_at timestamptz,
    status       int,
    reason       text
);
CREATE INDEX webhook_delivery_due ON webhook_delivery (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX webhook_delivery_webhook ON webhook_delivery (webhook_id, created_at);
