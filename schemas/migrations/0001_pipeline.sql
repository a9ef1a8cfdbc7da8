-- The pipeline's system of record: operators and who may speak for them, declarations as versions that are
-- only ever added, fleets stored once, the ledger of frames, and the files on their way into the lake.

CREATE TABLE operator (
    operator_id        uuid PRIMARY KEY,
    name               text NOT NULL,
    country            text NOT NULL,
    licence_number     text,
    vat_number         text,
    register_number    text,
    street             text,
    post_code          text,
    city               text,
    email              text,
    phone              text,
    manager_first_name text,
    manager_last_name  text,
    manager_email      text,
    manager_phone      text,
    manager_address    text,
    created_at         timestamptz NOT NULL DEFAULT now(),
    updated_at         timestamptz NOT NULL DEFAULT now()
);

-- A key of an operator, or of a software house (which is an operator too, or none) that others delegated to.
CREATE TABLE credential (
    credential_id uuid PRIMARY KEY,
    key_hash      bytea NOT NULL UNIQUE,
    operator_id   uuid REFERENCES operator ON DELETE CASCADE,
    name          text NOT NULL,
    scopes        text[] NOT NULL DEFAULT '{read,submit,administer}',
    created_at    timestamptz NOT NULL DEFAULT now(),
    expires_at    timestamptz,
    last_used_at  timestamptz,
    revoked_at    timestamptz
);
CREATE INDEX credential_operator ON credential (operator_id);

CREATE TABLE delegation (
    credential_id uuid NOT NULL REFERENCES credential ON DELETE CASCADE,
    operator_id   uuid NOT NULL REFERENCES operator ON DELETE CASCADE,
    granted_at    timestamptz NOT NULL DEFAULT now(),
    revoked_at    timestamptz,
    PRIMARY KEY (credential_id, operator_id)
);
CREATE INDEX delegation_operator ON delegation (operator_id);

CREATE TABLE officer (
    officer_id uuid PRIMARY KEY,
    name       text NOT NULL,
    host       text NOT NULL,
    role       text NOT NULL DEFAULT 'roadside',
    token_hash bytea NOT NULL UNIQUE,
    created_at timestamptz NOT NULL DEFAULT now(),
    expires_at timestamptz,
    revoked_at timestamptz
);

-- Secrets of the service itself: the Ed25519 key of receipts, the key of declaration numbers.
CREATE TABLE service_key (
    name       text PRIMARY KEY,
    value      bytea NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now()
);

-- One version of one declaration. The id is a UUIDv7 made by schemas/identity.py, so ranges of ids are ranges
-- of time; all versions of a declaration lie in the partition of the month in which its id was made.
CREATE TABLE declaration_version (
    declaration_id               uuid NOT NULL,
    version                      int NOT NULL,
    operator_id                  uuid NOT NULL,
    operator_country             text NOT NULL,
    withdrawn                    boolean NOT NULL,
    accepted_at                  timestamptz NOT NULL,
    submitted_at                 timestamptz NOT NULL,
    posting_country              text NOT NULL,
    start_date                   date NOT NULL,
    end_date                     date NOT NULL,
    cabotage                     boolean NOT NULL,
    international                boolean NOT NULL,
    goods                        boolean NOT NULL,
    passengers                   boolean NOT NULL,
    fleet_id                     uuid,
    driver_id                    uuid,
    driver_first_name            text,
    driver_last_name             text,
    driver_birth_date            date,
    driver_licence_number        text,
    driver_document_type         text,
    driver_document_number       text,
    driver_document_country      text,
    driver_street                text,
    driver_post_code             text,
    driver_city                  text,
    driver_country               text,
    driver_contract_start        date,
    driver_applicable_law        text,
    driver_email                 text,
    contact_is_transport_manager boolean NOT NULL,
    contact_first_name           text,
    contact_last_name            text,
    contact_email                text,
    contact_phone                text,
    contact_street               text,
    contact_post_code            text,
    contact_city                 text,
    contact_country              text,
    external_reference           text,
    PRIMARY KEY (declaration_id, version, operator_id)
) PARTITION BY RANGE (declaration_id);

-- Partitions by month are added ahead by the worker (store/partitions.py); this one takes what no month does.
CREATE TABLE declaration_version_other PARTITION OF declaration_version DEFAULT;

-- The newest version of each declaration.
CREATE VIEW declaration AS
SELECT DISTINCT ON (declaration_id) *
FROM declaration_version
ORDER BY declaration_id, version DESC;

-- Where an operator's declarations lie: one row for each run of them in a drained batch. It stands in for an
-- index by operator on declaration_version, which would cost more than the rows themselves to keep.
CREATE TABLE operator_span (
    operator_id uuid NOT NULL,
    first_id    uuid NOT NULL,
    last_id     uuid NOT NULL,
    batch_id    bigint NOT NULL,
    rows        int NOT NULL,
    PRIMARY KEY (operator_id, first_id, batch_id)
);

CREATE TABLE fleet (
    operator_id uuid NOT NULL,
    fleet_id    uuid NOT NULL,
    declared_at timestamptz NOT NULL,
    plates      text[] NOT NULL,
    plate_keys  text[] NOT NULL,
    weights     text[] NOT NULL,
    PRIMARY KEY (operator_id, fleet_id)
);

-- One drained batch: its rows, frames and files are committed with this row or not at all.
CREATE TABLE batch (
    batch_id     bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    shard        smallint NOT NULL,
    rows         int NOT NULL,
    committed_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    published_at timestamptz
);
CREATE INDEX batch_unpublished ON batch (batch_id) WHERE published_at IS NULL;

-- The ledger: a frame named here is stored. Delivered again, it is skipped whole.
CREATE TABLE frame (
    shard    smallint NOT NULL,
    frame_ms bigint NOT NULL,
    frame_seq bigint NOT NULL,
    batch_id bigint NOT NULL,
    rows     int NOT NULL,
    first_id uuid NOT NULL,
    last_id  uuid NOT NULL,
    PRIMARY KEY (shard, frame_ms, frame_seq)
);
CREATE INDEX frame_batch ON frame (batch_id);

-- A Parquet file that a batch wrote: `lake_table` is declaration_version or fleet_plate.
CREATE TABLE lake_file (
    path       text PRIMARY KEY,
    lake_table text NOT NULL,
    batch_id   bigint NOT NULL REFERENCES batch,
    rows       int NOT NULL,
    bytes      bigint NOT NULL
);
CREATE INDEX lake_file_batch ON lake_file (batch_id);

-- Every look-up of an officer: who, when, what, why.
CREATE TABLE lookup_log (
    lookup_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    officer_id uuid NOT NULL,
    host       text NOT NULL,
    at         timestamptz NOT NULL DEFAULT clock_timestamp(),
    kind       text NOT NULL,
    sought     text NOT NULL,
    purpose    text,
    verdict    text NOT NULL
);
CREATE INDEX lookup_log_officer ON lookup_log (officer_id, at);
