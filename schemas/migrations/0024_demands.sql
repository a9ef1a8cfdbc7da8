-- Analyses that officers ask for: the lake worker does them one after the other, whichever process took the demand.
-- What was asked about may be a driver, so a demand goes some days after it was met.

CREATE TABLE demand (
    demand_id  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    kind       text NOT NULL CHECK (kind IN ('checks', 'facts')),
    host       text NOT NULL,
    officer_id uuid NOT NULL REFERENCES officer,
    scope      jsonb NOT NULL,
    tries      integer NOT NULL DEFAULT 0,
    asked_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    ended_at   timestamptz,
    found      bigint,
    failed     boolean NOT NULL DEFAULT false
);
CREATE UNIQUE INDEX demand_unmet ON demand (kind, host, scope) WHERE ended_at IS NULL;
