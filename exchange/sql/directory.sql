-- The directory of authorities.

-- name: state
-- Changes when one authority does.
SELECT count(*) AS authorities, max(updated_at) AS updated_at FROM authority;

-- name: authorities
SELECT code, country, level, names, place, competences, languages, parent, coordinator, address, email, phone,
       website, active
FROM authority
ORDER BY code;

-- name: authority
SELECT code, country, level, names, place, competences, languages, parent, coordinator, address, email, phone,
       website, active
FROM authority
WHERE code = $1;

-- name: load
-- Parents stand in the same file in any order, so they are set once all are there.
INSERT INTO authority AS known (code, country, level, names, place, competences, languages, coordinator, address,
                                email, phone, website, active)
SELECT new.code, new.country, new.level, new.names, new.place, new.competences, new.languages,
       coalesce(new.coordinator, false), new.address, new.email, new.phone, new.website, coalesce(new.active, true)
FROM jsonb_to_recordset($1::jsonb) AS new (code text, country text, level text, names jsonb, place text,
     competences text[], languages text[], coordinator boolean, address text, email text, phone text,
     website text, active boolean)
ON CONFLICT (code) DO UPDATE
SET country = excluded.country, level = excluded.level, names = excluded.names, place = excluded.place,
    competences = excluded.competences, languages = excluded.languages, coordinator = excluded.coordinator,
    address = excluded.address, email = excluded.email, phone = excluded.phone, website = excluded.website,
    active = excluded.active, updated_at = clock_timestamp()
RETURNING known.xmax = 0 AS created;

-- name: set_parents
UPDATE authority AS known
SET parent = new.parent
FROM jsonb_to_recordset($1::jsonb) AS new (code text, parent text)
WHERE known.code = new.code;

-- name: four_eyes
UPDATE authority SET four_eyes = $2, updated_at = clock_timestamp() WHERE code = $1;
