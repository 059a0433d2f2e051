/** Who leads among the coordinators, and until when, by the clock of this database. */
export const leader = /* sql */ `
CREATE TABLE freshet.leader (
  role           text PRIMARY KEY,
  owner          uuid NOT NULL,          -- one coordinator process
  epoch          bigint NOT NULL,        -- grows with every change of hands
  expires_at     timestamptz NOT NULL,   -- -infinity: given up
  backend_pid    integer NOT NULL,       -- the session that renews it
  backend_start  timestamptz NOT NULL
);
`;
