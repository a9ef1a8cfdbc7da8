-- What goes into the officers' pack of one host state (views of reports/sources.py).

-- name: declarations
-- The newest versions of what is in force, begins later or ended within the last weeks.
CREATE OR REPLACE TEMP TABLE packed AS
SELECT *
FROM (
    SELECT declaration_id, version, operator_id, fleet_id, operator_country, withdrawn, start_date, end_date,
           cabotage, international, goods, passengers,
           regexp_replace(upper(strip_accents(coalesce(driver_licence_number, ''))), '[^A-Z0-9]', '', 'g') AS licence
    FROM declaration_version
    WHERE posting_country = $host
    QUALIFY row_number() OVER (PARTITION BY declaration_id ORDER BY version DESC) = 1
)
WHERE end_date >= $since AND fleet_id IS NOT NULL;

-- name: fleets
CREATE OR REPLACE TEMP TABLE packed_fleet AS
SELECT operator_id, fleet_id, (row_number() OVER (ORDER BY operator_id, fleet_id) - 1)::INTEGER AS fleet_no
FROM (SELECT DISTINCT operator_id, fleet_id FROM packed);

-- name: rows
SELECT packed.* EXCLUDE (operator_id, fleet_id), fleet_no
FROM packed JOIN packed_fleet USING (operator_id, fleet_id)
ORDER BY fleet_no, start_date, end_date, declaration_id;

-- name: plates
SELECT plate_key, list_sort(list_distinct(list(fleet_no))) AS fleets
FROM fleet_plate JOIN packed_fleet USING (operator_id, fleet_id)
GROUP BY plate_key;
