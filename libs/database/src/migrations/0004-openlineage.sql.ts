/** Which runs were told to whoever keeps lineage (OpenLineage), so that none is forgotten when a process is killed. */
export const openLineage = /* sql */ `
CREATE TABLE freshet.lineage_sink (
  name   text PRIMARY KEY,
  since  timestamptz NOT NULL DEFAULT now()   -- runs requested before it was configured are not told
);

-- One a run and sink, from the first try on.
CREATE TABLE freshet.lineage_delivery (
  sink           text NOT NULL,
  run_id         uuid NOT NULL REFERENCES freshet.run (id) ON DELETE CASCADE,
  start_sent_at  timestamptz,
  end_sent_at    timestamptz,
  tries          integer NOT NULL DEFAULT 0,           -- of the event that is due
  next_try_at    timestamptz NOT NULL DEFAULT now(),   -- infinity: given up
  last_error     text,
  PRIMARY KEY (sink, run_id)
);
CREATE INDEX lineage_delivery_by_run ON freshet.lineage_delivery (run_id);
`;
