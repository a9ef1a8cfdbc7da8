-- What an officer found at the roadside, and what the checks over the whole repository found: hints, never verdicts.

CREATE TABLE control (
    control_id            uuid PRIMARY KEY,
    officer_id            uuid NOT NULL REFERENCES officer,
    host                  text NOT NULL,
    at                    timestamptz NOT NULL,
    place                 text,
    plate                 text,
    plate_key             text,
    plate_country         text,
    driver_first_name     text,
    driver_last_name      text,
    driver_licence_number text,
    driver_birth_date     date,
    operation_seen        text CHECK (operation_seen IN ('CABOTAGE_OPERATIONS', 'INTERNATIONAL_CARRIAGE')),
    carriage_seen         text CHECK (carriage_seen IN ('CARRIAGE_OF_GOODS', 'CARRIAGE_OF_PASSENGERS')),
    outcome               text NOT NULL,
    declaration_id        uuid,
    note                  text,
    created_at            timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX control_host ON control (host, at);
CREATE INDEX control_plate ON control (plate_key, at);

-- One pattern found for one subject in one host state; evidence names declarations posted to that state only.
CREATE TABLE hint (
    hint_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    pattern      text NOT NULL,
    operator_id  uuid NOT NULL,
    host         text NOT NULL,
    subject_kind text NOT NULL,
    subject      text NOT NULL,
    severity     text NOT NULL,
    weight       real NOT NULL,
    occurrences  bigint NOT NULL,
    first_on     date NOT NULL,
    last_on      date NOT NULL,
    details      jsonb NOT NULL,
    evidence     jsonb NOT NULL,
    state        text NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'seen', 'closed')),
    note         text,
    changed_by   uuid REFERENCES officer,
    changed_at   timestamptz,
    found_at     timestamptz NOT NULL,
    confirmed_at timestamptz NOT NULL,
    UNIQUE (operator_id, pattern, host, subject_kind, subject)
);
CREATE INDEX hint_worklist ON hint (host, state, weight DESC, hint_id);

-- Each run of the checks: what was asked, and what every pattern gave (found, unknown for want of a register).
CREATE TABLE check_run (
    run_id      bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    started_at  timestamptz NOT NULL,
    finished_at timestamptz NOT NULL,
    scope       jsonb NOT NULL,
    results     jsonb NOT NULL
);
