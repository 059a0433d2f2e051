import { eiaViews } from './0003-eia-views.sql';
import { observations } from './0003-observations.sql';

/**
 * Time series: observations with their revisions and checks, what is missing of them and how it is filled, and the permits by which a
 * publisher's limit holds over all fetchers.
 */
export const timeseries = /* sql */ `
ALTER TABLE freshet.run ADD COLUMN params jsonb NOT NULL DEFAULT '{}'::jsonb;      -- RunParameters, resolved when the run was created
ALTER TABLE freshet.run ADD COLUMN priority smallint NOT NULL DEFAULT 0;           -- -1: backfill, gives way to everything else
ALTER TABLE freshet.publication ADD COLUMN confirmed_at timestamptz;               -- what it confirms; null: the moment of the decision
CREATE INDEX quarantine_by_run ON freshet.quarantine (run_id);                     -- for runs that are pruned

CREATE TABLE freshet.series (
  id                  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dataset             text NOT NULL,
  name                text NOT NULL,       -- PJM.demand
  respondent          text NOT NULL,
  aggregate           boolean NOT NULL,    -- a sum over other respondents
  kind                text NOT NULL,
  unit                text NOT NULL,
  codes               jsonb NOT NULL,      -- the publisher's, by column
  resolution_seconds  integer NOT NULL,
  first_seen          timestamptz NOT NULL DEFAULT now(),
  run_id              uuid NOT NULL,
  UNIQUE (dataset, name)
);
CREATE INDEX series_by_respondent ON freshet.series (respondent, kind);

-- One a run: what was asked, what the publisher answered, and what came of it. Lineage ends here, so it outlives its run.
CREATE TABLE freshet.merge (
  id               bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id           uuid NOT NULL UNIQUE,
  task_id          uuid NOT NULL,
  attempt          integer NOT NULL,
  dataset          text NOT NULL,
  content_version  text NOT NULL,
  window_from      timestamptz NOT NULL,
  window_to        timestamptz NOT NULL,
  selected         text[] NOT NULL,
  requests         jsonb NOT NULL,         -- RequestReport[]
  first_answered_at  timestamptz NOT NULL, -- oldest of the answers: the whole window was confirmed after it
  answered_at      timestamptz NOT NULL,   -- newest of them
  merged_at        timestamptz NOT NULL DEFAULT now(),
  added            integer NOT NULL,
  changed          integer NOT NULL,
  unchanged        integer NOT NULL,
  late             integer NOT NULL,
  duplicates       integer NOT NULL
);
CREATE INDEX merge_by_answer ON freshet.merge (dataset, first_answered_at);

${observations}
CREATE TABLE freshet.observation_revision (
  id            bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  series_id     bigint NOT NULL,
  starts_at     timestamptz NOT NULL,
  old_value     numeric,
  new_value     numeric,
  old_quality   text NOT NULL,
  old_source    text NOT NULL,
  old_merge_id  bigint NOT NULL,
  old_chunk     integer NOT NULL,
  old_row       integer NOT NULL,
  merge_id      bigint NOT NULL,
  run_id        uuid NOT NULL,
  seen_at       timestamptz NOT NULL,      -- when the answer was complete that said new_value
  late          boolean NOT NULL,          -- an answer older than the stored one: it says new_value, the observation keeps old_value
  late_chunk    integer,                   -- position and text of the late answer's row; otherwise those of new_value are with what follows
  late_row      integer,
  late_source   text
);
CREATE INDEX observation_revision_by_time ON freshet.observation_revision (series_id, starts_at, seen_at);

CREATE TABLE freshet.check_result (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  run_id       uuid,                       -- null: the health check
  dataset      text NOT NULL,
  name         text NOT NULL,
  kind         text NOT NULL,
  severity     text NOT NULL CHECK (severity IN ('note','suspect','hold')),
  window_from  timestamptz NOT NULL,
  window_to    timestamptz NOT NULL,
  evaluated    bigint NOT NULL,
  failed       bigint NOT NULL,
  examples     jsonb NOT NULL DEFAULT '[]'::jsonb,
  checked_at   timestamptz NOT NULL DEFAULT now()
);
CREATE INDEX check_result_by_dataset ON freshet.check_result (dataset, id);
CREATE INDEX check_result_by_run ON freshet.check_result (run_id);

CREATE TABLE freshet.backfill (
  id               uuid PRIMARY KEY,
  dataset          text NOT NULL,
  origin           text NOT NULL CHECK (origin IN ('manual','gap')),
  from_at          timestamptz NOT NULL,
  to_at            timestamptz NOT NULL,
  selected         text[] NOT NULL,
  idempotency_key  text NOT NULL UNIQUE,
  requested_at     timestamptz NOT NULL DEFAULT now(),
  cancelled_at     timestamptz
);
CREATE INDEX backfill_by_dataset ON freshet.backfill (dataset, requested_at);

CREATE TABLE freshet.backfill_partition (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  backfill_id  uuid NOT NULL REFERENCES freshet.backfill (id) ON DELETE CASCADE,
  dataset      text NOT NULL,
  selected     text NOT NULL,
  from_at      timestamptz NOT NULL,
  to_at        timestamptz NOT NULL,
  state        text NOT NULL CHECK (state IN ('pending','leased','done','skipped','failed')),
  reason       text,
  run_id       uuid,
  updated_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (backfill_id, selected, from_at)
);
CREATE INDEX backfill_partition_open ON freshet.backfill_partition (dataset, id) WHERE state IN ('pending','leased');

-- Theoretical arrival times of the generic cell rate algorithm, one a limit.
CREATE TABLE freshet.rate_limit (
  key          text NOT NULL,
  per_seconds  integer NOT NULL,
  tat          timestamptz NOT NULL,
  PRIMARY KEY (key, per_seconds)
);
CREATE TABLE freshet.cool_down (
  key    text PRIMARY KEY,
  until  timestamptz NOT NULL
);

${eiaViews}
`;
