-- What every pattern of reports/checks/sql reads, set up once in a DuckDB connection before they run.
--
-- `declaration_version` and `fleet_plate` exist already (lake and tail, or Parquet files), and the catalogue `books`
-- is the system of record. Variables: `scope_operator` (UUID), `scope_driver` and `scope_plate` (keys), `scope_host`,
-- `scope_since` (TIMESTAMPTZ), each NULL for all; `as_of` (DATE); `limits`, the numbers of reports/data/checks.toml;
-- `part` of so many `operator_parts` or `subject_parts`, one of which is 1: what does not fit into the memory as a whole
-- is done part by part, of the operators or of the drivers or plates that are compared across them.

-- name: macros
-- A licence, document or register number in any spelling; a driver across operators; the newest rows as evidence.
CREATE OR REPLACE TEMP MACRO number_key(number) AS upper(translate(number, ' -/.', ''));
CREATE OR REPLACE TEMP MACRO driver_key(number, born) AS number_key(number) || coalesce(' ' || born::VARCHAR, '');
CREATE OR REPLACE TEMP MACRO declared(id, version, moment, first_day, last_day) AS {
    'kind': 'declaration', 'id': id, 'version': version, 'at': moment, 'from': first_day, 'until': last_day
};
CREATE OR REPLACE TEMP MACRO loose_key(plate) AS translate(plate, getvariable('misread'), getvariable('read_as'));
-- Of rows of one moment, the greatest id: the same rows give the same evidence in every run.
CREATE OR REPLACE TEMP MACRO newest(evidence, moment) AS
    arg_max(evidence, {'moment': moment, 'id': struct_extract(evidence, 'id')}, 20);
CREATE OR REPLACE TEMP MACRO some_of(things) AS list_slice(list_sort(list(DISTINCT things)), 1, 20);

-- name: amended
-- Which version of a declaration is the newest, kept only for those that have more than one: most have not.
CREATE OR REPLACE TEMP TABLE amended AS
SELECT declaration_id, max(version) AS version FROM declaration_version WHERE version > 1 GROUP BY declaration_id;

-- name: declaration
CREATE OR REPLACE TEMP VIEW declaration AS
SELECT newest.*
FROM declaration_version AS newest
     LEFT JOIN amended USING (declaration_id)
WHERE newest.version = coalesce(amended.version, 1);

-- name: scoped
-- The declarations that are asked about.
CREATE OR REPLACE TEMP VIEW scoped AS
SELECT *
FROM declaration
WHERE (getvariable('scope_operator') IS NULL OR operator_id = getvariable('scope_operator')::UUID)
  AND (getvariable('scope_driver') IS NULL OR number_key(driver_licence_number) = getvariable('scope_driver')::VARCHAR)
  AND (getvariable('scope_host') IS NULL OR posting_country = getvariable('scope_host')::VARCHAR)
  AND (getvariable('scope_since') IS NULL OR accepted_at >= getvariable('scope_since')::TIMESTAMPTZ)
  AND (getvariable('operator_parts') = 1 OR hash(operator_id) % getvariable('operator_parts') = getvariable('part'));

-- name: scoped_to_plate
CREATE OR REPLACE TEMP VIEW scoped AS
SELECT declaration.*
FROM declaration
     SEMI JOIN (SELECT operator_id, fleet_id FROM fleet_plate WHERE plate_key = getvariable('scope_plate')::VARCHAR)
          USING (operator_id, fleet_id)
WHERE (getvariable('scope_operator') IS NULL OR operator_id = getvariable('scope_operator')::UUID)
  AND (getvariable('scope_driver') IS NULL OR number_key(driver_licence_number) = getvariable('scope_driver')::VARCHAR)
  AND (getvariable('scope_host') IS NULL OR posting_country = getvariable('scope_host')::VARCHAR)
  AND (getvariable('scope_since') IS NULL OR accepted_at >= getvariable('scope_since')::TIMESTAMPTZ)
  AND (getvariable('operator_parts') = 1 OR hash(operator_id) % getvariable('operator_parts') = getvariable('part'));

-- name: peers
-- What the scoped declarations are compared with, by driver and by plate: everything.
CREATE OR REPLACE TEMP VIEW peer AS SELECT * FROM declaration;
CREATE OR REPLACE TEMP VIEW peer_plate AS SELECT * FROM fleet_plate;

-- name: peers_of_scope
-- The same for a narrow scope: only what shares a driver or a plate with it.
CREATE OR REPLACE TEMP TABLE scope_driver_number AS
SELECT DISTINCT driver_licence_number FROM scoped WHERE driver_licence_number IS NOT NULL;
CREATE OR REPLACE TEMP TABLE scope_plate_key AS
SELECT DISTINCT plate_key FROM fleet_plate SEMI JOIN scoped USING (operator_id, fleet_id);
CREATE OR REPLACE TEMP VIEW peer AS SELECT * FROM declaration SEMI JOIN scope_driver_number USING (driver_licence_number);
CREATE OR REPLACE TEMP VIEW peer_plate AS SELECT * FROM fleet_plate SEMI JOIN scope_plate_key USING (plate_key);

-- name: books
-- The system of record as the patterns read it; ids are UUIDs, as in the lake.
CREATE OR REPLACE TEMP TABLE operator AS
SELECT
    operator_id, name, country, number_key(licence_number) AS licence_key, street, post_code, city,
    phone, email
FROM books.operator;
CREATE OR REPLACE TEMP TABLE control AS
SELECT
    control_id, host, "at" AS seen_at, plate_key, number_key(driver_licence_number) AS driver_number_key, driver_birth_date,
    operation_seen, carriage_seen, declaration_id
FROM books.control
WHERE getvariable('scope_host') IS NULL OR host = getvariable('scope_host')::VARCHAR;
CREATE OR REPLACE TEMP TABLE register_licence AS SELECT * FROM books.register_licence;
CREATE OR REPLACE TEMP TABLE register_vehicle AS SELECT * FROM books.register_vehicle;
CREATE OR REPLACE TEMP TABLE register_manager AS SELECT * FROM books.register_manager;
-- Beside the register, what operators themselves recorded of their drivers' documents.
CREATE OR REPLACE TEMP TABLE register_document AS
SELECT country, document_type, number_key, birth_date, expires_on FROM books.register_document
UNION
SELECT driver_document_country, driver_document_type, number_key(driver_document_number), driver_birth_date,
       driver_document_expires
FROM books.driver
WHERE driver_document_expires IS NOT NULL;
CREATE OR REPLACE TEMP TABLE register_load AS SELECT * FROM books.register_load;

-- name: requests
-- Requests for documents to operators (exchange/; domain.md 3.9), with the last day of their eight weeks.
CREATE OR REPLACE TEMP TABLE document_request AS
SELECT
    exchange_id::VARCHAR AS request_id, exchange.operator_id, requesting_country AS host,
    list(declaration_id) FILTER (WHERE declaration_id IS NOT NULL) AS declarations,
    any_value(sent_at) AS requested_at, any_value(legal_due) AS due_on, any_value(answered_at) AS answered_at,
    any_value(closed_at) FILTER (WHERE state = 'WITHDRAWN') AS withdrawn_at
FROM books.exchange LEFT JOIN books.exchange_declaration USING (exchange_id)
WHERE procedure = 'document_request' AND sent_at IS NOT NULL AND exchange.operator_id IS NOT NULL
GROUP BY exchange_id, exchange.operator_id, requesting_country;

-- name: control_links
-- What a control has to do with: the declaration shown, the driver's, those that name the plate (domain.md 6.1).
CREATE OR REPLACE TEMP TABLE control_link AS
SELECT control_id, control.host, control.seen_at, declaration_id, 'declaration' AS found_by
FROM control JOIN scoped USING (declaration_id)
WHERE scoped.posting_country = control.host
UNION
SELECT control_id, control.host, control.seen_at, scoped.declaration_id, 'driver'
FROM control
     JOIN scoped ON number_key(scoped.driver_licence_number) = control.driver_number_key
                    AND scoped.posting_country = control.host
WHERE control.driver_birth_date IS NULL OR scoped.driver_birth_date = control.driver_birth_date
UNION
SELECT control_id, control.host, control.seen_at, scoped.declaration_id, 'plate'
FROM control
     JOIN fleet_plate USING (plate_key)
     JOIN scoped ON scoped.operator_id = fleet_plate.operator_id AND scoped.fleet_id = fleet_plate.fleet_id
                    AND scoped.posting_country = control.host;

-- name: countries
CREATE OR REPLACE TEMP TABLE country (code VARCHAR, zone VARCHAR, bit BIGINT);

-- name: add_country
INSERT INTO country VALUES (?, ?, 1::BIGINT << ?);

-- name: loaded
-- The countries whose registers of a kind are here.
SELECT country FROM register_load WHERE record = $1
UNION
SELECT country FROM register_document WHERE $1 = 'document';

-- name: found
-- A pattern's rows (the view `pattern`) as hints: once weighs as the pattern does, each doubling adds as much again.
SELECT
    $1 AS pattern,
    operator_id::VARCHAR AS operator_id,
    host,
    subject_kind,
    subject,
    $2 AS severity,
    round($3 * (1 + log2(occurrences)), 1)::FLOAT AS weight,
    occurrences::BIGINT AS occurrences,
    first_on::DATE AS first_on,
    last_on::DATE AS last_on,
    to_json(details)::VARCHAR AS details,
    to_json(evidence)::VARCHAR AS evidence
FROM pattern;
