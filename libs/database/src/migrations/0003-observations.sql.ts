/**
 * The table of observations: a hypertable where TimescaleDB can be used, otherwise partitioned by month. Months are made ahead of need by
 * `ensureMonths`; there is no partition for the rest, whose rows would block the partition they belong to.
 */
export const observations = /* sql */ `
DO $observations$
DECLARE
  columns CONSTANT text := $columns$
    series_id            bigint NOT NULL,
    starts_at            timestamptz NOT NULL,
    ends_at              timestamptz NOT NULL,
    value                numeric,            -- exactly as published
    quality              text NOT NULL CONSTRAINT observation_quality_check CHECK (quality IN ('good','estimated','missing','suspect')),
    corrected_starts_at  timestamptz,        -- where a known mistake of the stamp is corrected
    answered_at          timestamptz NOT NULL,  -- when the answer was complete that brought the value
    first_seen           timestamptz NOT NULL,
    merge_id             bigint NOT NULL,    -- of the run that brought the value
    chunk                integer NOT NULL,
    "row"                integer NOT NULL,
    source               text NOT NULL,      -- the row as received
    CONSTRAINT observation_pkey PRIMARY KEY (series_id, starts_at)
  $columns$;
BEGIN
  -- Where it is not preloaded, creating the extension ends the session (and no handler sees it); its loader's own settings tell.
  IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'timescaledb') AND EXISTS (SELECT FROM pg_settings WHERE name = 'timescaledb.disable_load') THEN
    BEGIN
      CREATE EXTENSION IF NOT EXISTS timescaledb;
    EXCEPTION WHEN OTHERS THEN
      -- Not ours to create: months do as well.
      RAISE NOTICE 'timescaledb is not used: %', SQLERRM;
    END;
  END IF;
  IF EXISTS (SELECT FROM pg_extension WHERE extname = 'timescaledb') THEN
    EXECUTE format('CREATE TABLE freshet.observation (%s)', columns);
    PERFORM create_hypertable('freshet.observation', 'starts_at', chunk_time_interval => interval '30 days', create_default_indexes => false);
  ELSE
    EXECUTE format('CREATE TABLE freshet.observation (%s) PARTITION BY RANGE (starts_at)', columns);
  END IF;
END
$observations$;
-- Hours that the publisher has no value for: few, and asked for again and again.
CREATE INDEX observation_missing ON freshet.observation (series_id, starts_at) WHERE value IS NULL;
`;
