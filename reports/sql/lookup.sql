-- The look-up: plate -> fleets -> the declarations of one operator for one host. `{rows}` is what stands in large
-- files or the table of small ones in memory (reports/files.py): a statement for each is planned faster than one for
-- both, and mostly one is enough.

-- name: fleets
SELECT operator_id, fleet_id, plate, weight FROM {rows} WHERE plate_key = {plate_key};

-- name: recent_files
-- In which small files an operator's declarations for a host stand.
SELECT DISTINCT file_no FROM {rows} WHERE operator_id = $operator AND posting_country = $host;

-- name: driven
-- The declarations of one driver, found by the licence's number or by all parts of the name in any order.
SELECT DISTINCT declaration_id
FROM {rows}
WHERE operator_id = $operator
  AND posting_country = $host
  AND (
      regexp_replace(upper(strip_accents(driver_licence_number)), '[^A-Z0-9]', '', 'g') = $licence
      OR list_sort(string_split_regex(upper(strip_accents(driver_first_name || ' ' || driver_last_name)), '[^A-Z0-9]+'))
         = $names
  );

-- name: versions
-- All versions of an operator's declarations for a host (reports/standing.py judges them), those of large files whole:
-- to read few rows again takes longer than to read all of them once.
SELECT {columns} FROM {rows} WHERE operator_id = {operator}::UUID AND posting_country = {host};

-- name: declarations
-- The whole rows of one page that stand in small files.
SELECT {columns}
FROM {rows}
WHERE operator_id = $operator AND posting_country = $host AND declaration_id IN (SELECT unnest($ids));
