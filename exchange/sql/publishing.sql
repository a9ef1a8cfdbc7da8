-- Exchanges, alerts and controls in the lake: without free text, forms and names, which stay in Postgres.

-- name: changed_exchanges
-- What changed in transactions after $1 that are all over: none of them can commit anything later.
SELECT exchange_id::text, number, revision, procedure, module, state, ball, round, requesting_country,
       requesting_authority, replying_country, replying_authority, operator_id::text, parent_id::text, urgent,
       ARRAY(SELECT question ->> 'code' FROM jsonb_array_elements(asking -> 'questions') AS question) AS questions,
       ARRAY(SELECT jsonb_array_elements_text(asking -> 'documentTypes')) AS document_types,
       opened_at, sent_at, accepted_at, answered_at, closed_at, legal_due, system_due, agreed_due, timeliness, effort,
       changed_in::text::bigint AS changed_in
FROM exchange
WHERE changed_in > $1::text::xid8 AND changed_in < pg_snapshot_xmin(pg_current_snapshot());

-- name: changed_events
SELECT exchange_id::text, sequence, at AS happened_at, move, state_before, state, party, country, authority,
       released_by IS NOT NULL AS released, written_in::text::bigint AS changed_in
FROM exchange_event
WHERE written_in > $1::text::xid8 AND written_in < pg_snapshot_xmin(pg_current_snapshot());

-- name: changed_alerts
SELECT alert.alert_id::text, alert.number, alert.kind, alert.category, alert.country, alert.authority,
       alert.operator_id::text, alert.sent_at, alert.withdrawn_at,
       (SELECT count(*) FROM alert_recipient WHERE alert_recipient.alert_id = alert.alert_id) AS recipients,
       (SELECT count(acknowledged_at) FROM alert_recipient WHERE alert_recipient.alert_id = alert.alert_id)
           AS acknowledged,
       alert.changed_in::text::bigint AS changed_in
FROM alert
WHERE alert.changed_in > $1::text::xid8 AND alert.changed_in < pg_snapshot_xmin(pg_current_snapshot());

-- name: changed_controls
SELECT control_id::text, host, at AS controlled_at, plate_key, plate_country, operation_seen, carriage_seen, outcome,
       declaration_id::text, created_at, written_in::text::bigint AS changed_in
FROM control
WHERE written_in > $1::text::xid8 AND written_in < pg_snapshot_xmin(pg_current_snapshot());

-- name: create_schema
CREATE SCHEMA IF NOT EXISTS lake.exchange;

-- name: create_exchanges
CREATE TABLE IF NOT EXISTS lake.exchange.exchange_version (
    exchange_id UUID, number BIGINT, revision INTEGER, procedure VARCHAR, module VARCHAR, state VARCHAR, ball VARCHAR,
    round INTEGER, requesting_country VARCHAR, requesting_authority VARCHAR, replying_country VARCHAR,
    replying_authority VARCHAR, operator_id UUID, parent_id UUID, urgent BOOLEAN, questions VARCHAR[],
    document_types VARCHAR[], opened_at TIMESTAMPTZ, sent_at TIMESTAMPTZ, accepted_at TIMESTAMPTZ,
    answered_at TIMESTAMPTZ, closed_at TIMESTAMPTZ, legal_due DATE, system_due DATE, agreed_due DATE,
    timeliness VARCHAR, effort VARCHAR, changed_in BIGINT
);

-- name: create_events
CREATE TABLE IF NOT EXISTS lake.exchange.exchange_event (
    exchange_id UUID, sequence INTEGER, happened_at TIMESTAMPTZ, move VARCHAR, state_before VARCHAR, state VARCHAR,
    party VARCHAR, country VARCHAR, authority VARCHAR, released BOOLEAN, changed_in BIGINT
);

-- name: create_alerts
CREATE TABLE IF NOT EXISTS lake.exchange.alert_version (
    alert_id UUID, number BIGINT, kind VARCHAR, category VARCHAR, country VARCHAR, authority VARCHAR,
    operator_id UUID, sent_at TIMESTAMPTZ, withdrawn_at TIMESTAMPTZ, recipients BIGINT, acknowledged BIGINT,
    changed_in BIGINT
);

-- name: create_controls
CREATE TABLE IF NOT EXISTS lake.exchange.control (
    control_id UUID, host VARCHAR, controlled_at TIMESTAMPTZ, plate_key VARCHAR, plate_country VARCHAR,
    operation_seen VARCHAR, carriage_seen VARCHAR, outcome VARCHAR, declaration_id UUID, created_at TIMESTAMPTZ,
    changed_in BIGINT
);

-- name: create_newest
-- An exchange as it stands: its last version.
CREATE VIEW IF NOT EXISTS lake.exchange.exchange AS
FROM lake.exchange.exchange_version
QUALIFY row_number() OVER (PARTITION BY exchange_id ORDER BY revision DESC, changed_in DESC) = 1;

-- name: reached
SELECT coalesce(max(changed_in), 0) FROM lake.exchange.{table};

-- name: append
INSERT INTO lake.exchange.{table} BY NAME FROM changed;

-- name: merge
CALL ducklake_merge_adjacent_files('lake', '{table}', schema => 'exchange');
