-- What is not yet compacted is held in memory, only the columns that find and judge; {n} is the generation.

-- name: create_declaration_version
CREATE TABLE recent_declaration_version_{n} (
    file_no         INTEGER,
    operator_id     UUID,
    posting_country VARCHAR,
    declaration_id  UUID,
    version         INTEGER,
    fleet_id        UUID,
    withdrawn       BOOLEAN,
    accepted_at     TIMESTAMPTZ,
    submitted_at    TIMESTAMPTZ,
    start_date      DATE,
    end_date        DATE
);

-- name: create_fleet_plate
CREATE TABLE recent_fleet_plate_{n} (
    file_no     INTEGER,
    plate_key   VARCHAR,
    plate       VARCHAR,
    weight      VARCHAR,
    operator_id UUID,
    fleet_id    UUID
);

-- name: load_declaration_version
INSERT INTO recent_declaration_version_{n}
SELECT {file_no}, operator_id, posting_country, declaration_id, version, fleet_id, withdrawn,
       accepted_at, submitted_at, start_date, end_date
FROM {rows};

-- name: load_fleet_plate
INSERT INTO recent_fleet_plate_{n}
SELECT {file_no}, plate_key, plate, weight, operator_id, fleet_id
FROM {rows};

-- name: since
(FROM recent_{table}_{n} WHERE file_no >= {since})

-- name: from_files
read_parquet($files, hive_partitioning = false)

-- name: from_catalog
-- A file with deleted rows is read as the catalog says it stands.
(FROM lake.{table}_recent AT (VERSION => {snapshot}) WHERE filename = $file)

-- name: carry_over
-- Into a new generation goes what is still recent.
INSERT INTO recent_{table}_{n} SELECT * FROM recent_{table}_{old} WHERE file_no IN (SELECT unnest($live));

-- name: drop
DROP TABLE recent_{table}_{n};

-- name: as_of
(FROM recent_{table}_{n} WHERE file_no <= {newest})
