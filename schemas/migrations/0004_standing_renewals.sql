-- Renewals that an operator orders once, for a driver and a country. `due_at` is when the row is looked at next:
-- for a reminder or for the renewal itself, at an hour of the day that is the row's own, so that the renewals of a
-- continent do not fall on one midnight.
CREATE TABLE standing_renewal (
    operator_id     uuid NOT NULL REFERENCES operator ON DELETE CASCADE,
    renewal_id      uuid NOT NULL,
    driver_id       uuid NOT NULL,
    posting_country text NOT NULL,
    lead_days       int NOT NULL,
    declaration_id  uuid NOT NULL,
    covered_until   date NOT NULL,
    reminded        int,
    due_at          timestamptz NOT NULL,
    stopped_at      timestamptz,
    stopped_because text,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (operator_id, renewal_id)
);
CREATE UNIQUE INDEX standing_renewal_of_driver ON standing_renewal (operator_id, driver_id, posting_country);
CREATE INDEX standing_renewal_due ON standing_renewal (due_at) WHERE stopped_at IS NULL;

-- A draft that was made under its external reference: there is one of them, whoever else makes one at once.
ALTER TABLE draft ADD COLUMN made_under text;
CREATE UNIQUE INDEX draft_made_under ON draft (operator_id, made_under) WHERE made_under IS NOT NULL;
