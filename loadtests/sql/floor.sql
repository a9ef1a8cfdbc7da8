-- A table like that of declarations, with its primary key, for the floor alone.

-- name: make_table
DROP TABLE IF EXISTS floor_declaration_version;
CREATE TABLE floor_declaration_version (
    LIKE declaration_version INCLUDING DEFAULTS INCLUDING STORAGE INCLUDING COMPRESSION,
    PRIMARY KEY (declaration_id, version, operator_id)
);

-- name: drop_table
DROP TABLE IF EXISTS floor_declaration_version;
