-- The tables of the peers that `rtpd bench peers` compares with: the columns and primary keys of our own.

-- name: make_tables
CREATE SCHEMA peers;
CREATE TABLE peers.declaration_version (
    LIKE declaration_version INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING COMPRESSION,
    PRIMARY KEY (declaration_id, version, operator_id)
);
CREATE TABLE peers.fleet (LIKE fleet INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING COMPRESSION INCLUDING INDEXES);
-- A batch that is stored: delivered again, it is skipped.
CREATE TABLE peers.batch (batch_id text PRIMARY KEY, rows int NOT NULL);

-- name: drop_tables
DROP SCHEMA IF EXISTS peers CASCADE;

-- name: settle
-- What our own run left to be done is done, and not counted as a peer's.
VACUUM (ANALYZE);

-- name: checkpoint
CHECKPOINT;

-- name: stored
SELECT count(*) FROM peers.declaration_version;

-- name: differences
-- Rows of a peer that we have not stored, plates included: the same lines must give the same declarations.
WITH theirs AS (
    SELECT operator_id, operator_country, posting_country, start_date, end_date, cabotage, international, goods,
           passengers, driver_id, driver_first_name, driver_last_name, driver_birth_date, driver_licence_number,
           driver_document_type, driver_document_number, driver_document_country, driver_street, driver_post_code,
           driver_city, driver_country, driver_contract_start, driver_applicable_law, driver_email,
           contact_is_transport_manager, contact_first_name, contact_last_name, contact_email, contact_phone,
           contact_street, contact_post_code, contact_city, contact_country, external_reference,
           plates, plate_keys, weights
    FROM peers.declaration_version LEFT JOIN peers.fleet USING (operator_id, fleet_id)
),
ours AS (
    SELECT operator_id, operator_country, posting_country, start_date, end_date, cabotage, international, goods,
           passengers, driver_id, driver_first_name, driver_last_name, driver_birth_date, driver_licence_number,
           driver_document_type, driver_document_number, driver_document_country, driver_street, driver_post_code,
           driver_city, driver_country, driver_contract_start, driver_applicable_law, driver_email,
           contact_is_transport_manager, contact_first_name, contact_last_name, contact_email, contact_phone,
           contact_street, contact_post_code, contact_city, contact_country, external_reference,
           plates, plate_keys, weights
    FROM declaration_version LEFT JOIN fleet USING (operator_id, fleet_id)
)
SELECT count(*) FROM (SELECT * FROM theirs EXCEPT SELECT * FROM ours) AS strange;
