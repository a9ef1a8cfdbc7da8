-- Alerts and notifications between authorities, each acknowledged by who receives it.

CREATE TABLE alert (
    alert_id     uuid PRIMARY KEY,
    number       bigint GENERATED ALWAYS AS IDENTITY UNIQUE,
    kind         text NOT NULL CHECK (kind IN ('alert', 'notification')),
    category     text NOT NULL,
    country      text NOT NULL,
    authority    text NOT NULL REFERENCES authority,
    officer_id   uuid NOT NULL REFERENCES officer,
    operator_id  uuid,
    fields       jsonb NOT NULL,
    words        jsonb,
    sent_at      timestamptz NOT NULL,
    withdrawn_at timestamptz,
    withdrawal   jsonb,
    changed_in   xid8 NOT NULL DEFAULT pg_current_xact_id()
);
CREATE INDEX alert_country ON alert (country, number DESC);

CREATE TABLE alert_recipient (
    alert_id        uuid NOT NULL REFERENCES alert ON DELETE CASCADE,
    authority       text NOT NULL REFERENCES authority,
    country         text NOT NULL,
    acknowledged_at timestamptz,
    acknowledged_by uuid,
    PRIMARY KEY (alert_id, authority)
);
CREATE INDEX alert_recipient_country ON alert_recipient (country, alert_id);
