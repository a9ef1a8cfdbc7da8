-- A history of the repository as the lake has it, made in DuckDB straight into Parquet: who declared whom to which
-- host, renewed every half-year, from 2 February 2022 to the end of 2023. Everything is drawn by hashes, so that the
-- same numbers give the same history. Variables: `scale` (1 is Europe), `reach` (hosts a
-- driver beyond the first), `amended` (share of declarations with a second version), and lists to pick from.

-- name: drawing
-- A number from 0 to 1 that is always the same for the same things. Hashed twice: what DuckDB makes of several
-- values is not independent of what it makes of some of them.
CREATE OR REPLACE MACRO draw(a, b, salt) AS (hash(hash(a, b, salt)) >> 11) / 9007199254740992.0;
CREATE OR REPLACE MACRO pick(names, a, b, salt) AS names[1 + (hash(hash(a, b, salt)) % len(names))::INTEGER];
CREATE OR REPLACE MACRO id_of(kind, a, b) AS md5(concat_ws('.', kind, a, b))::UUID;
-- A fleet's plates change every half-year; the larger operators declare a depot's group of 25 vehicles.
CREATE OR REPLACE MACRO fleet_of(operator_no, driver_no, edition) AS id_of('fleet', operator_no, (driver_no // 25) * 8 + edition);

-- name: operators
-- Sizes by domain.md 4.6: most have one or two drivers, few have thousands, and those declare to more hosts.
CREATE OR REPLACE TABLE operator AS
SELECT
    no, id_of('operator', no, 0) AS operator_id, pick(getvariable('origins'), no, 0, 'origin') AS country,
    CASE
        WHEN size < 0.80 THEN 1
        WHEN size < 0.955 THEN 2
        WHEN size < 0.988 THEN 3 + (7 * draw(no, 0, 'some'))::INTEGER
        WHEN size < 0.998 THEN 10 + (30 * draw(no, 0, 'many'))::INTEGER
        ELSE (50 / pow(1 - 0.985 * draw(no, 0, 'most'), 0.9))::INTEGER
    END AS drivers,
    draw(no, 0, 'newcomer') < 0.21 AS newcomer,
    (draw(no, 0, 'day') * draw(no, 0, 'early') * 181)::INTEGER AS first_day
FROM (SELECT range AS no, draw(range, 0, 'size') AS size FROM range((1_060_000 * getvariable('scale'))::BIGINT));

-- name: drivers
CREATE OR REPLACE TABLE driver AS
SELECT
    no AS operator_no, operator_id, country, drivers, newcomer, first_day, driver_no,
    CASE WHEN hash(no, driver_no, 'shared') % 200 = 0 THEN no // 2 ELSE no END * 100_000 + driver_no AS person,
    least(0.95, 0.55 + 0.25 * ln(drivers)) AS reach
FROM operator, range(drivers) AS numbers (driver_no);

-- name: submitted
-- Every declaration with the moment of its submission; computed only as far as it is read.
CREATE OR REPLACE VIEW submitted AS
WITH posting AS (
    SELECT
        driver.*, host.code AS host, half,
        DATE '2022-02-02' + (first_day + 182 * half + (hash(operator_no, 'run') % 5)::INTEGER) AS start_date,
        CASE
            WHEN draw(person, half, 'length') < 0.85 THEN 180
            WHEN draw(person, half, 'length') < 0.95 THEN 60
            ELSE (draw(person, half, 'days') * 7)::INTEGER
        END AS days,
        CASE
            WHEN draw(operator_no, half, 'late') < 0.03 THEN 1 + (hash(operator_no, 'late') % 9)::INTEGER
            ELSE -(hash(operator_no, half, 'early') % 10)::INTEGER
        END AS late
    FROM driver, host, (SELECT range::INTEGER AS half FROM range(4)) AS halves
    WHERE (host.code = pick(getvariable('hosts'), person, 0, 'first host')
           OR draw(person, host.code, 'host') < host.weight * reach * getvariable('reach'))
      AND host.code <> country
      AND NOT (newcomer AND half < 2)
)
SELECT
    *,
    greatest(start_date + late, DATE '2022-02-02')::TIMESTAMP
    + to_seconds(18_000 + (draw(operator_no, half, 'hour') * 50_000)::BIGINT + driver_no) AS moment
FROM posting
WHERE start_date + late < DATE '2024-01-01';

-- name: declarations
COPY (
    SELECT
        id_of('declaration', person * 100 + half, host) AS declaration_id,
        version,
        operator_id,
        country AS operator_country,
        false AS withdrawn,
        timezone('UTC', moment + to_days(20 * (version - 1))) AS accepted_at,
        timezone('UTC', moment) AS submitted_at,
        host AS posting_country,
        start_date,
        start_date + days AS end_date,
        draw(operator_no, 0, 'operation') > 0.25 AS cabotage,
        draw(operator_no, 0, 'operation') < 0.95 AS international,
        draw(operator_no, 0, 'carriage') < 0.97 AS goods,
        draw(operator_no, 0, 'carriage') > 0.96 AS passengers,
        fleet_of(operator_no, driver_no, half + version - 1) AS fleet_id,
        NULL::UUID AS driver_id,
        pick(getvariable('first_names'), person, 0, 'first') AS driver_first_name,
        pick(getvariable('last_names'), person, 0, 'last') AS driver_last_name,
        DATE '1962-01-01' + (draw(person, 0, 'born') * 14_000)::INTEGER AS driver_birth_date,
        format('{:05}/{:02}/{:04}', person // 10_000 % 100_000, 1 + person % 97, person % 10_000) AS driver_licence_number,
        'IDCARD' AS driver_document_type,
        format('ABC{:06}', person % 1_000_000) AS driver_document_number,
        country AS driver_document_country,
        'Polna 7' AS driver_street,
        NULL::VARCHAR AS driver_post_code,
        'Radom' AS driver_city,
        country AS driver_country,
        DATE '2021-06-01' - (draw(person, 0, 'contract') * 3_000)::INTEGER
        + CASE WHEN draw(person, 0, 'contract late') < 0.01 THEN 3_200 ELSE 0 END AS driver_contract_start,
        country AS driver_applicable_law,
        NULL::VARCHAR AS driver_email,
        draw(operator_no, 0, 'contact') < 0.75 AS contact_is_transport_manager,
        NULL::VARCHAR AS contact_first_name,
        NULL::VARCHAR AS contact_last_name,
        NULL::VARCHAR AS contact_email,
        CASE WHEN draw(operator_no, 0, 'contact') >= 0.75 THEN '+48 600 ' || operator_no END AS contact_phone,
        NULL::VARCHAR AS contact_street,
        NULL::VARCHAR AS contact_post_code,
        NULL::VARCHAR AS contact_city,
        NULL::VARCHAR AS contact_country,
        NULL::VARCHAR AS external_reference,
        NULL::UUID AS named_fleet_id
    FROM submitted, (SELECT range::INTEGER AS version FROM range(1, 3)) AS versions
    WHERE (version = 1 OR draw(operator_no, half, 'amended') < getvariable('amended'))
) TO '{folder}/declaration_version' (
    FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122_880, PER_THREAD_OUTPUT
);

-- name: submissions
-- Only the columns that facts and figures read: a tenth of the work and of the space.
COPY (
    SELECT
        1 AS version,
        operator_id,
        country AS operator_country,
        timezone('UTC', moment) AS submitted_at,
        host AS posting_country,
        draw(operator_no, 0, 'operation') > 0.25 AS cabotage,
        draw(operator_no, 0, 'operation') < 0.95 AS international,
        draw(operator_no, 0, 'carriage') < 0.97 AS goods,
        draw(operator_no, 0, 'carriage') > 0.96 AS passengers
    FROM submitted
) TO '{folder}/declaration_version' (
    FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122_880, PER_THREAD_OUTPUT
);

-- name: plates
COPY (
    SELECT
        -- One vehicle in a hundred goes from hand to hand between two operators.
        format(
            'WX{:07}{:03}',
            CASE WHEN draw(operator_no, driver_no, 'lent') < 0.01 THEN operator_no // 2 ELSE operator_no END,
            (driver_no + 130 * edition) % 1000
        ) AS plate_key,
        plate_key AS plate,
        'HEAVY' AS weight,
        operator_id,
        fleet_of(operator_no, driver_no, edition) AS fleet_id,
        timezone('UTC', TIMESTAMP '2022-02-02' + to_days(182 * edition::INTEGER)) AS declared_at
    FROM driver, range(5) AS editions (edition)
) TO '{folder}/fleet_plate' (
    FORMAT parquet, COMPRESSION zstd, COMPRESSION_LEVEL 1, ROW_GROUP_SIZE 122_880, PER_THREAD_OUTPUT
);

-- name: operator_file
-- The operators, for the books.
COPY (SELECT operator_id, no, country FROM operator) TO '{folder}/operator.parquet' (FORMAT parquet);
