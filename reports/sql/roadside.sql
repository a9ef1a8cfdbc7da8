-- Declarations whole, for officers of their host state. The lake finds ids, the system of record gives the rows by
-- primary key: what was erased there is gone here at once.

-- name: versions
-- In Postgres: all versions of declarations for a host, with their fleets.
SELECT version.*, fleet.plates AS fleet_plates, fleet.weights AS fleet_weights
FROM declaration_version AS version LEFT JOIN fleet USING (operator_id, fleet_id)
WHERE version.declaration_id = ANY($1::uuid[]) AND version.posting_country = $2
ORDER BY version.declaration_id, version.version;

-- name: newest
-- In Postgres: the newest version of each, with the size of its fleet.
SELECT DISTINCT ON (version.declaration_id)
       version.declaration_id, version.version, version.operator_id, version.operator_country, version.withdrawn,
       version.submitted_at, version.accepted_at, version.posting_country, version.start_date, version.end_date,
       version.driver_first_name, version.driver_last_name, version.driver_birth_date, version.driver_licence_number,
       coalesce(cardinality(fleet.plates), 0) AS plate_count
FROM declaration_version AS version LEFT JOIN fleet USING (operator_id, fleet_id)
WHERE version.declaration_id = ANY($1::uuid[]) AND version.posting_country = $2
ORDER BY version.declaration_id DESC, version.version DESC;

-- name: operator
-- In Postgres: who answers for a declaration.
SELECT operator_id, name, country, licence_number, vat_number, register_number, street, post_code, city, email, phone,
       manager_first_name, manager_last_name, manager_email, manager_phone, manager_address
FROM operator
WHERE operator_id = $1;

-- name: driver
-- In Postgres: what only the operator's record of a driver has of what a copy shows.
SELECT driver_card_number, driver_document_issued, driver_document_expires
FROM driver
WHERE operator_id = $1 AND driver_id = $2;

-- name: by_licence
SELECT DISTINCT declaration_id
FROM {rows}
WHERE posting_country = $host
  AND declaration_id < $before
  AND regexp_replace(upper(strip_accents(driver_licence_number)), '[^A-Z0-9]', '', 'g') = $licence
ORDER BY declaration_id DESC
LIMIT $most;

-- name: by_birth_date
-- Who was born that day; the names are compared outside, in every spelling.
SELECT DISTINCT declaration_id, driver_first_name, driver_last_name
FROM {rows}
WHERE posting_country = $host AND driver_birth_date = $born AND declaration_id < $before
ORDER BY declaration_id DESC;

-- name: by_operator
SELECT DISTINCT declaration_id
FROM (
    SELECT declaration_id FROM {rows} WHERE operator_id = $operator AND posting_country = $host
    UNION ALL
    SELECT declaration_id FROM {recent} WHERE operator_id = $operator AND posting_country = $host
)
WHERE declaration_id < $before
ORDER BY declaration_id DESC
LIMIT $most;

-- name: whole_catalog
-- Level 1 with deleted rows: the catalog knows which they are.
(SELECT * EXCLUDE (bucket) FROM lake.{table} AT (VERSION => {snapshot}))

-- name: whole_catalog_and_files
(
    SELECT * EXCLUDE (bucket) FROM lake.{table} AT (VERSION => {snapshot})
    UNION ALL BY NAME
    FROM read_parquet({files}, hive_partitioning = false)
)

-- name: whole_files
read_parquet({files}, hive_partitioning = false)
