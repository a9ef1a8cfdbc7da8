-- What an operator keeps beside its declarations: drivers, vehicles, named fleets, drafts, and the log of what
-- happened. All of it is changed in place; `revision` counts the changes, for those who change it at once.

-- `flowed_revision` lags behind `revision` while a change is on its way into the active declarations.
CREATE TABLE driver (
    operator_id             uuid NOT NULL REFERENCES operator ON DELETE CASCADE,
    driver_id               uuid NOT NULL,
    driver_first_name       text NOT NULL,
    driver_last_name        text NOT NULL,
    driver_birth_date       date NOT NULL,
    driver_licence_number   text NOT NULL,
    driver_document_type    text NOT NULL,
    driver_document_number  text NOT NULL,
    driver_document_country text NOT NULL,
    driver_document_issued  date,
    driver_document_expires date,
    driver_street           text NOT NULL,
    driver_post_code        text,
    driver_city             text NOT NULL,
    driver_country          text NOT NULL,
    driver_contract_start   date NOT NULL,
    driver_contract_end     date,
    driver_applicable_law   text NOT NULL,
    driver_email            text,
    driver_card_number      text,
    external_reference      text,
    revision                int NOT NULL DEFAULT 1,
    flowed_revision         int NOT NULL DEFAULT 1,
    created_at              timestamptz NOT NULL,
    updated_at              timestamptz NOT NULL,
    PRIMARY KEY (operator_id, driver_id)
);
CREATE UNIQUE INDEX driver_reference ON driver (operator_id, external_reference)
WHERE external_reference IS NOT NULL;
CREATE INDEX driver_on_its_way ON driver (updated_at) WHERE flowed_revision < revision;

-- The vehicle register that RTPD has since 2026: plates declared as LIGHT or HEAVY must stand in it.
CREATE TABLE vehicle (
    operator_id          uuid NOT NULL REFERENCES operator ON DELETE CASCADE,
    plate_number_id      uuid NOT NULL,
    plate_number         text NOT NULL,
    plate_key            text NOT NULL,
    registration_country text NOT NULL,
    transport_type       text NOT NULL,
    vehicle_weight       text NOT NULL,
    external_reference   text,
    revision             int NOT NULL DEFAULT 1,
    created_at           timestamptz NOT NULL,
    updated_at           timestamptz NOT NULL,
    PRIMARY KEY (operator_id, plate_number_id)
);
CREATE UNIQUE INDEX vehicle_plate ON vehicle (operator_id, plate_key, registration_country, plate_number);
CREATE UNIQUE INDEX vehicle_reference ON vehicle (operator_id, external_reference)
WHERE external_reference IS NOT NULL;

-- A set of plates under a name; a change of it flows into the active declarations that name it.
CREATE TABLE named_fleet (
    operator_id        uuid NOT NULL REFERENCES operator ON DELETE CASCADE,
    named_fleet_id     uuid NOT NULL,
    name               text NOT NULL,
    plates             text[] NOT NULL,
    plates_light       text[] NOT NULL,
    plates_heavy       text[] NOT NULL,
    external_reference text,
    revision           int NOT NULL DEFAULT 1,
    flowed_revision    int NOT NULL DEFAULT 1,
    created_at         timestamptz NOT NULL,
    updated_at         timestamptz NOT NULL,
    PRIMARY KEY (operator_id, named_fleet_id)
);
CREATE UNIQUE INDEX named_fleet_name ON named_fleet (operator_id, name);
CREATE UNIQUE INDEX named_fleet_reference ON named_fleet (operator_id, external_reference)
WHERE external_reference IS NOT NULL;
CREATE INDEX named_fleet_on_its_way ON named_fleet (updated_at) WHERE flowed_revision < revision;

-- A declaration before it is submitted: version 0, with its plates. accepted_at is its last change.
CREATE TABLE draft (
    LIKE declaration_version,
    plates     text[],
    plate_keys text[],
    weights    text[],
    revision   int NOT NULL DEFAULT 1,
    PRIMARY KEY (operator_id, declaration_id),
    FOREIGN KEY (operator_id) REFERENCES operator ON DELETE CASCADE
);
CREATE INDEX draft_driver ON draft (operator_id, driver_id) WHERE driver_id IS NOT NULL;

-- What happened to an operator's declarations and records, in the order of transactions: a reader who stays below
-- pg_snapshot_xmin misses nothing, whoever commits first. Declarations come as runs (first_id to last_id, so many
-- rows), one for each submission and kind in a drained batch, so that a bulk upload costs a few rows.
CREATE TABLE event (
    operator_id uuid NOT NULL,
    transaction xid8 NOT NULL DEFAULT pg_current_xact_id(),
    event_id    bigint GENERATED ALWAYS AS IDENTITY,
    kind        text NOT NULL,
    happened_at timestamptz NOT NULL,
    first_id    uuid NOT NULL,
    last_id     uuid NOT NULL,
    rows        int NOT NULL DEFAULT 1,
    details     jsonb,
    PRIMARY KEY (operator_id, transaction, event_id)
);
CREATE INDEX event_age ON event USING brin (happened_at);
