-- What national registers of road transport undertakings say (Regulation (EC) No 1071/2009, Article 16), as loaded
-- by `rtpd register load`. An undertaking is found by the country and the key of its Community licence: capitals
-- and digits only.

CREATE TABLE register_licence (
    country          text NOT NULL,
    licence_key      text NOT NULL,
    licence_number   text NOT NULL,
    undertaking      text,
    status           text NOT NULL CHECK (status IN ('VALID', 'SUSPENDED', 'WITHDRAWN', 'EXPIRED')),
    valid_from       date,
    valid_until      date,
    certified_copies int CHECK (certified_copies >= 0),
    PRIMARY KEY (country, licence_key)
);

CREATE TABLE register_vehicle (
    country          text NOT NULL,
    licence_key      text NOT NULL,
    plate            text NOT NULL,
    plate_key        text NOT NULL,
    plate_country    text NOT NULL,
    weight           text CHECK (weight IN ('LIGHT', 'HEAVY')),
    carriage         text CHECK (carriage IN ('CARRIAGE_OF_GOODS', 'CARRIAGE_OF_PASSENGERS')),
    smart_tachograph boolean,
    PRIMARY KEY (country, licence_key, plate_key, plate_country)
);

CREATE TABLE register_manager (
    country             text NOT NULL,
    licence_key         text NOT NULL,
    certificate_country text NOT NULL,
    certificate_key     text NOT NULL,
    certificate_number  text NOT NULL,
    name                text NOT NULL,
    external            boolean NOT NULL,
    unfit_from          date,
    unfit_until         date,
    PRIMARY KEY (country, licence_key, certificate_country, certificate_key)
);

-- A check of an undertaking with the infringements found, for its risk band: Implementing Regulation (EU) 2022/695.
CREATE TABLE register_check (
    country          text NOT NULL,
    licence_key      text NOT NULL,
    reference        text NOT NULL,
    checked_on       date NOT NULL,
    host             text NOT NULL,
    vehicles_checked int NOT NULL CHECK (vehicles_checked > 0),
    minor            int NOT NULL CHECK (minor >= 0),
    serious          int NOT NULL CHECK (serious >= 0),
    very_serious     int NOT NULL CHECK (very_serious >= 0),
    most_serious     int NOT NULL CHECK (most_serious >= 0),
    PRIMARY KEY (country, licence_key, reference)
);

-- Which country's register is here, per kind of record: without it a pattern answers UNKNOWN, not "nothing found".
CREATE TABLE register_load (
    country   text NOT NULL,
    record    text NOT NULL CHECK (record IN ('licence', 'vehicle', 'manager', 'check')),
    file      text NOT NULL,
    digest    bytea NOT NULL,
    rows      bigint NOT NULL,
    loaded_at timestamptz NOT NULL DEFAULT clock_timestamp(),
    PRIMARY KEY (country, record)
);
