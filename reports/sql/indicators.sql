-- The performance indicators over the exchanges (domain.md 4.4). $1, $2: first and last day of the period in which
-- requests were sent; $3: the day of reckoning; $4, $5: procedures and modules that count for speed; $6, $7: those that
-- count for ratings; $8: ratings that are negative; $9, $10: countries and their time zones.
--
-- Days are calendar days in the replying state's civil time, the day of the event not counted (Regulation (EEC, Euratom)
-- No 1182/71, Article 3(1)). Withdrawn requests and those refused without acceptance do not count: there is nothing to
-- accept or to answer. Requests that may still be in time on the day of reckoning do not count yet.

-- name: counts
WITH sent AS (
    SELECT
        replying_country,
        (sent_at AT TIME ZONE zone)::date AS sent_on,
        (accepted_at AT TIME ZONE zone)::date AS accepted_on,
        (answered_at AT TIME ZONE zone)::date AS answered_on,
        agreed_due,
        timeliness,
        effort,
        (procedure, module) IN (SELECT * FROM unnest($4::text[], $5::text[])) AS for_speed,
        (procedure, module) IN (SELECT * FROM unnest($6::text[], $7::text[])) AS for_ratings
    FROM exchange JOIN unnest($9::text[], $10::text[]) AS civil (country, zone) ON country = replying_country
    WHERE sent_at IS NOT NULL
      AND state <> 'WITHDRAWN'
      AND NOT (state = 'REFUSED' AND accepted_at IS NULL)
),
in_period AS (SELECT * FROM sent WHERE sent_on BETWEEN $1 AND $2)
SELECT
    replying_country AS country,
    count(*) FILTER (WHERE for_speed AND (accepted_on <= $3 OR $3 > sent_on + 7)) AS received,
    count(*) FILTER (WHERE for_speed AND accepted_on <= least($3, sent_on + 7)) AS accepted,
    count(*) FILTER (WHERE for_speed AND accepted_on IS NOT NULL AND answered_on <= $3) AS answered,
    coalesce(sum(answered_on - accepted_on) FILTER (WHERE for_speed AND answered_on <= $3), 0) AS days,
    count(*) FILTER (
        WHERE for_speed AND accepted_on IS NOT NULL AND agreed_due IS NOT NULL
          AND (answered_on <= $3 OR $3 > agreed_due)
    ) AS dated,
    count(*) FILTER (
        WHERE for_speed AND accepted_on IS NOT NULL AND answered_on <= least($3, agreed_due) AND agreed_due IS NOT NULL
    ) AS in_date,
    count(*) FILTER (WHERE for_ratings AND timeliness IS NOT NULL) AS timeliness_rated,
    count(*) FILTER (WHERE for_ratings AND timeliness = ANY ($8::text[])) AS timeliness_negative,
    count(*) FILTER (WHERE for_ratings AND effort IS NOT NULL) AS effort_rated,
    count(*) FILTER (WHERE for_ratings AND effort = ANY ($8::text[])) AS effort_negative
FROM in_period
GROUP BY replying_country
ORDER BY replying_country;

-- name: exchanges
-- The requests behind one state's numbers, $11 is the state.
WITH sent AS (
    SELECT
        exchange.*,
        (sent_at AT TIME ZONE zone)::date AS sent_on,
        (accepted_at AT TIME ZONE zone)::date AS accepted_on,
        (answered_at AT TIME ZONE zone)::date AS answered_on,
        (procedure, module) IN (SELECT * FROM unnest($4::text[], $5::text[])) AS for_speed,
        (procedure, module) IN (SELECT * FROM unnest($6::text[], $7::text[])) AS for_ratings
    FROM exchange JOIN unnest($9::text[], $10::text[]) AS civil (country, zone) ON country = replying_country
    WHERE sent_at IS NOT NULL
      AND state <> 'WITHDRAWN'
      AND NOT (state = 'REFUSED' AND accepted_at IS NULL)
      AND replying_country = $11
)
SELECT
    number, module, requesting_country, sent_on, accepted_on, agreed_due, answered_on, timeliness, effort,
    CASE
        WHEN NOT for_speed THEN NULL
        WHEN accepted_on <= $3 OR $3 > sent_on + 7 THEN coalesce(accepted_on <= least($3, sent_on + 7), false)
    END AS accepted_in_time,
    CASE WHEN for_speed AND answered_on <= $3 THEN answered_on - accepted_on END AS days_to_answer,
    CASE
        WHEN for_speed AND accepted_on IS NOT NULL AND agreed_due IS NOT NULL
             AND (answered_on <= $3 OR $3 > agreed_due)
            THEN coalesce(answered_on <= least($3, agreed_due), false)
    END AS answered_by_date,
    CASE WHEN for_ratings THEN timeliness = ANY ($8::text[]) END AS timeliness_negative,
    CASE WHEN for_ratings THEN effort = ANY ($8::text[]) END AS effort_negative
FROM sent
WHERE sent_on BETWEEN $1 AND $2 AND (for_speed OR for_ratings)
ORDER BY number;
