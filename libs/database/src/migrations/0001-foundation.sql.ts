/**
 * The first schema. `freshet` holds what the system knows about its work; `freshet_data` the partitioned tables of resources,
 * `freshet_stage` the tables of attempts in progress; readers use the views in a schema named after each source.
 * Instants are timestamptz (UTC); civil times of publishers are `timestamp`.
 */
export const foundation = /* sql */ `
CREATE SCHEMA IF NOT EXISTS freshet;
CREATE SCHEMA IF NOT EXISTS freshet_data;
CREATE SCHEMA IF NOT EXISTS freshet_stage;

-- One row a dataset that was ever refreshed. Rows readers see are named by "pointer"; this row says which generation that is.
CREATE TABLE freshet.dataset (
  id                   text PRIMARY KEY,
  current_generation   bigint,
  head_generation      bigint,              -- newest generation ever published; differs from current while pinned
  pinned               boolean NOT NULL DEFAULT false,
  next_generation      bigint NOT NULL DEFAULT 1,
  confirmed_at         timestamptz,
  created_at           timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE freshet.run (
  id                uuid PRIMARY KEY,
  dataset           text NOT NULL REFERENCES freshet.dataset (id),
  state             text NOT NULL,
  trigger           text NOT NULL,
  idempotency_key   text NOT NULL UNIQUE,
  force             boolean NOT NULL DEFAULT false,
  file              text,
  content_version   text NOT NULL,
  generation        bigint NOT NULL,        -- number this run publishes under, if it does
  cancel_requested  boolean NOT NULL DEFAULT false,
  requested_at      timestamptz NOT NULL DEFAULT now(),
  started_at        timestamptz,
  ended_at          timestamptz,
  progressed_at     timestamptz NOT NULL DEFAULT now(),   -- watchdog: last time anything moved
  failure           jsonb,
  CHECK (state IN ('queued','running','publishing','exporting','published','unchanged','failed','cancelled'))
);
CREATE INDEX run_by_dataset ON freshet.run (dataset, requested_at DESC);
CREATE INDEX run_active ON freshet.run (state) WHERE state IN ('queued','running','publishing','exporting');

CREATE TABLE freshet.task (
  id                uuid PRIMARY KEY,
  run_id            uuid NOT NULL REFERENCES freshet.run (id) ON DELETE CASCADE,
  state             text NOT NULL,
  attempt           integer NOT NULL DEFAULT 0,   -- current attempt; every earlier one is fenced
  tries             integer NOT NULL DEFAULT 0,   -- attempts that count against the retry bound
  next_attempt_at   timestamptz,
  issued_at         timestamptz,
  lease_token       uuid,
  lease_worker      text,
  lease_expires_at  timestamptz,
  manifest          jsonb,
  progress          jsonb NOT NULL DEFAULT '{}'::jsonb,
  failure           jsonb,
  CHECK (state IN ('waiting','issued','leased','fetched','done','failed','cancelled'))
);
CREATE INDEX task_by_run ON freshet.task (run_id);
CREATE INDEX task_active ON freshet.task (state) WHERE state IN ('waiting','issued','leased','fetched');

CREATE TABLE freshet.task_attempt (
  task_id     uuid NOT NULL REFERENCES freshet.task (id) ON DELETE CASCADE,
  attempt     integer NOT NULL,
  worker      text,
  issued_at   timestamptz NOT NULL DEFAULT now(),
  claimed_at  timestamptz,
  ended_at    timestamptz,
  "end"       text,
  failure     jsonb,
  -- What the fetcher reports while it holds the lease stands here and not in "task": loaders hold share locks on the task row
  -- all the time while they load, and PostgreSQL lets share lockers overtake a writer for ever.
  lease_expires_at  timestamptz,
  progress          jsonb NOT NULL DEFAULT '{}'::jsonb,
  manifest          jsonb,
  retry_after_ms    bigint NOT NULL DEFAULT 0,
  PRIMARY KEY (task_id, attempt)
);

-- Written in the same transaction as the rows it speaks of.
CREATE TABLE freshet.ledger (
  task_id    uuid NOT NULL REFERENCES freshet.task (id) ON DELETE CASCADE,
  attempt    integer NOT NULL,
  resource   text NOT NULL,
  chunk      integer NOT NULL,
  records    integer NOT NULL,
  "rows"     integer NOT NULL,
  refused    integer NOT NULL,
  bytes      bigint NOT NULL,
  checksum   text NOT NULL,
  notes      jsonb NOT NULL DEFAULT '{}'::jsonb,
  summary    jsonb,
  loaded_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (task_id, attempt, resource, chunk)
);

CREATE TABLE freshet.quarantine (
  id        bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  dataset   text NOT NULL,
  run_id    uuid NOT NULL REFERENCES freshet.run (id) ON DELETE CASCADE,
  task_id   uuid NOT NULL,
  attempt   integer NOT NULL,
  resource  text NOT NULL,
  chunk     integer NOT NULL,
  "row"     integer NOT NULL,
  reason    text NOT NULL,
  "column"  text,
  detail    text NOT NULL,
  record    text NOT NULL,
  header    jsonb NOT NULL DEFAULT '[]'::jsonb,
  seen_at   timestamptz NOT NULL DEFAULT now(),
  UNIQUE (task_id, attempt, resource, chunk, "row")
);
CREATE INDEX quarantine_by_dataset ON freshet.quarantine (dataset, id DESC);

CREATE TABLE freshet.generation (
  dataset          text NOT NULL REFERENCES freshet.dataset (id),
  number           bigint NOT NULL,
  run_id           uuid NOT NULL UNIQUE REFERENCES freshet.run (id),
  state            text NOT NULL CHECK (state IN ('published','retired')),   -- retired: its rows are gone
  content_version  text NOT NULL,
  validators       jsonb NOT NULL DEFAULT '{}'::jsonb,
  access           jsonb NOT NULL,
  published_at     timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (dataset, number)
);

CREATE TABLE freshet.generation_resource (
  dataset     text NOT NULL,
  generation  bigint NOT NULL,
  resource    text NOT NULL,
  rows_from   bigint NOT NULL,   -- generation whose partition holds the rows: an earlier one when the content is the same
  task_id     uuid NOT NULL,     -- the attempt whose ledger and summaries describe the rows
  attempt     integer NOT NULL,
  "rows"      bigint NOT NULL,
  refused     bigint NOT NULL,
  bytes       bigint NOT NULL,
  sha256      text NOT NULL,
  columns     jsonb NOT NULL,    -- StoredColumn[] in order
  PRIMARY KEY (dataset, generation, resource),
  FOREIGN KEY (dataset, generation) REFERENCES freshet.generation (dataset, number) ON DELETE CASCADE
);

-- What readers see. The fixed views select the partition named here.
CREATE TABLE freshet.pointer (
  dataset     text NOT NULL,
  resource    text NOT NULL,
  generation  bigint NOT NULL,   -- = rows_from of the current generation
  PRIMARY KEY (dataset, resource)
);

-- Outcome of a publish command, written in the transaction that publishes. The coordinator reads it.
CREATE TABLE freshet.publication (
  run_id      uuid PRIMARY KEY REFERENCES freshet.run (id) ON DELETE CASCADE,
  outcome     text NOT NULL CHECK (outcome IN ('published','unchanged','refused')),
  generation  bigint,
  failure     jsonb,
  decided_at  timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE freshet.export_file (
  run_id      uuid NOT NULL REFERENCES freshet.run (id) ON DELETE CASCADE,
  path        text NOT NULL,     -- below the export root
  resource    text NOT NULL,
  generation  bigint NOT NULL,
  bytes       bigint NOT NULL,
  sha256      text NOT NULL,
  warning     text,
  written_at  timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (run_id, path)
);
CREATE TABLE freshet.export (
  run_id      uuid PRIMARY KEY REFERENCES freshet.run (id) ON DELETE CASCADE,
  outcome     text NOT NULL CHECK (outcome IN ('written','failed')),
  failure     jsonb,
  decided_at  timestamptz NOT NULL DEFAULT now()
);

-- What a publication changed against the generation before it, per resource.
CREATE TABLE freshet.change_log (
  dataset          text NOT NULL,
  from_generation  bigint NOT NULL,
  to_generation    bigint NOT NULL,
  resource         text NOT NULL,
  changes          jsonb NOT NULL,
  computed_at      timestamptz NOT NULL DEFAULT now(),
  PRIMARY KEY (dataset, from_generation, to_generation, resource)
);

CREATE TABLE freshet.outbox (
  id          bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic       text NOT NULL,
  key         text,
  headers     jsonb NOT NULL DEFAULT '{}'::jsonb,
  value       bytea NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  sent_at     timestamptz
);
CREATE INDEX outbox_unsent ON freshet.outbox (id) WHERE sent_at IS NULL;

CREATE TABLE freshet.dead_letter (
  id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  topic        text NOT NULL,
  "partition"  integer NOT NULL,
  "offset"     text NOT NULL,
  key          text,
  headers      jsonb NOT NULL,
  value        bytea NOT NULL,
  code         text NOT NULL,
  reason       text NOT NULL,
  step         text NOT NULL,
  run_id       uuid,
  received_at  timestamptz NOT NULL DEFAULT now(),
  replayed_at  timestamptz,
  UNIQUE (topic, "partition", "offset")
);

CREATE TABLE freshet.run_process (
  run_id           uuid NOT NULL REFERENCES freshet.run (id) ON DELETE CASCADE,
  service          text NOT NULL,
  instance         text NOT NULL,
  peak_rss_bytes   bigint NOT NULL,
  PRIMARY KEY (run_id, service, instance)
);

-- One alert a condition, not one a minute.
CREATE TABLE freshet.notification (
  id          uuid PRIMARY KEY,
  dataset     text NOT NULL,
  kind        text NOT NULL CHECK (kind IN ('failed','recovered','stale')),
  run_id      uuid,
  event       jsonb NOT NULL,
  created_at  timestamptz NOT NULL DEFAULT now(),
  sent_at     timestamptz,
  tries       integer NOT NULL DEFAULT 0,
  next_try_at timestamptz NOT NULL DEFAULT now(),
  last_error  text
);
CREATE TABLE freshet.alert_state (
  dataset               text PRIMARY KEY,
  consecutive_failures  integer NOT NULL DEFAULT 0,
  alerting              boolean NOT NULL DEFAULT false,
  changed_at            timestamptz NOT NULL DEFAULT now()
);

CREATE TABLE freshet.schedule_tick (
  dataset    text NOT NULL,
  due_at     timestamptz NOT NULL,
  run_id     uuid,
  PRIMARY KEY (dataset, due_at)
);
`;
