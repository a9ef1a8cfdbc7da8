-- National registers on their way in: each kind of record is copied into a table of its shape, then takes the place of
-- what its countries had, or adds to it. The last line about one entry counts.

-- name: incoming_licence
CREATE TEMPORARY TABLE IF NOT EXISTS register_licence_incoming (LIKE register_licence, line bigint) ON COMMIT DROP;

-- name: incoming_vehicle
CREATE TEMPORARY TABLE IF NOT EXISTS register_vehicle_incoming (LIKE register_vehicle, line bigint) ON COMMIT DROP;

-- name: incoming_manager
CREATE TEMPORARY TABLE IF NOT EXISTS register_manager_incoming (LIKE register_manager, line bigint) ON COMMIT DROP;

-- name: incoming_check
CREATE TEMPORARY TABLE IF NOT EXISTS register_check_incoming (LIKE register_check, line bigint) ON COMMIT DROP;

-- name: incoming_document
CREATE TEMPORARY TABLE IF NOT EXISTS register_document_incoming (LIKE register_document, line bigint) ON COMMIT DROP;

-- name: clear
DELETE FROM register_{record} WHERE country IN (SELECT country FROM register_{record}_incoming);

-- name: take_licence
INSERT INTO register_licence
SELECT DISTINCT ON (country, licence_key)
    country, licence_key, licence_number, undertaking, status, valid_from, valid_until, certified_copies
FROM register_licence_incoming
ORDER BY country, licence_key, line DESC
ON CONFLICT (country, licence_key) DO UPDATE SET
    licence_number = excluded.licence_number,
    undertaking = excluded.undertaking,
    status = excluded.status,
    valid_from = excluded.valid_from,
    valid_until = excluded.valid_until,
    certified_copies = excluded.certified_copies;

-- name: take_vehicle
INSERT INTO register_vehicle
SELECT DISTINCT ON (country, licence_key, plate_key, plate_country)
    country, licence_key, plate, plate_key, plate_country, weight, carriage, smart_tachograph
FROM register_vehicle_incoming
ORDER BY country, licence_key, plate_key, plate_country, line DESC
ON CONFLICT (country, licence_key, plate_key, plate_country) DO UPDATE SET
    plate = excluded.plate,
    weight = excluded.weight,
    carriage = excluded.carriage,
    smart_tachograph = excluded.smart_tachograph;

-- name: take_manager
INSERT INTO register_manager
SELECT DISTINCT ON (country, licence_key, certificate_country, certificate_key)
    country, licence_key, certificate_country, certificate_key, certificate_number, name, external, unfit_from,
    unfit_until
FROM register_manager_incoming
ORDER BY country, licence_key, certificate_country, certificate_key, line DESC
ON CONFLICT (country, licence_key, certificate_country, certificate_key) DO UPDATE SET
    certificate_number = excluded.certificate_number,
    name = excluded.name,
    external = excluded.external,
    unfit_from = excluded.unfit_from,
    unfit_until = excluded.unfit_until;

-- name: take_check
INSERT INTO register_check
SELECT DISTINCT ON (country, licence_key, reference)
    country, licence_key, reference, checked_on, host, vehicles_checked, minor, serious, very_serious, most_serious
FROM register_check_incoming
ORDER BY country, licence_key, reference, line DESC
ON CONFLICT (country, licence_key, reference) DO UPDATE SET
    checked_on = excluded.checked_on,
    host = excluded.host,
    vehicles_checked = excluded.vehicles_checked,
    minor = excluded.minor,
    serious = excluded.serious,
    very_serious = excluded.very_serious,
    most_serious = excluded.most_serious;

-- name: take_document
INSERT INTO register_document
SELECT DISTINCT ON (country, document_type, number_key) country, document_type, number_key, birth_date, expires_on
FROM register_document_incoming
ORDER BY country, document_type, number_key, line DESC
ON CONFLICT (country, document_type, number_key) DO UPDATE SET
    birth_date = excluded.birth_date,
    expires_on = excluded.expires_on;

-- name: record_load
INSERT INTO register_load (country, record, file, digest, rows)
SELECT country, $1, $2, $3, count(*) FROM register_{record} WHERE country = ANY ($4) GROUP BY country
ON CONFLICT (country, record) DO UPDATE SET
    file = excluded.file, digest = excluded.digest, rows = excluded.rows, loaded_at = clock_timestamp();

-- name: loads
SELECT country, record, file, rows, loaded_at FROM register_load ORDER BY country, record;
