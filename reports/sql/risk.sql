-- What is known of an undertaking: its register entries, the checks of it, and the hints of the host state that asks.

-- name: operator
SELECT operator_id, name, country, licence_number, upper(translate(licence_number, ' -/.', '')) AS licence_key
FROM operator
WHERE operator_id = $1;

-- name: loaded
SELECT record FROM register_load WHERE country = $1;

-- name: licence
SELECT status, valid_until, certified_copies FROM register_licence WHERE country = $1 AND licence_key = $2;

-- name: tachographs
-- True only if the register has vehicles and every one has a smart tachograph.
SELECT coalesce(bool_and(smart_tachograph IS TRUE), false) AS all_smart
FROM register_vehicle
WHERE country = $1 AND licence_key = $2;

-- name: checks
SELECT reference, checked_on, host, vehicles_checked, minor, serious, very_serious, most_serious
FROM register_check
WHERE country = $1 AND licence_key = $2 AND checked_on > $3 AND checked_on <= $4
ORDER BY checked_on DESC, reference;

-- name: managers
SELECT name, external, unfit_from <= $3 AND (unfit_until IS NULL OR unfit_until >= $3) AS unfit
FROM register_manager
WHERE country = $1 AND licence_key = $2
ORDER BY name;
