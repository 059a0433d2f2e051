import { Client } from 'pg';
import { sessionUrl } from './session';

/** What the driver makes of an address. */
const parse = (url: string) =>
  (new Client({ connectionString: url }) as unknown as { connectionParameters: Record<string, unknown> })
    .connectionParameters;

describe('the address of a session', () => {
  it('tells the server to notice a vanished client within seconds', () => {
    const { options, host, database, user, password } = parse(sessionUrl('postgres://u:p%40ss@db:5433/freshet'));
    expect({ host, database, user, password }).toEqual({
      host: 'db',
      database: 'freshet',
      user: 'u',
      password: 'p@ss',
    });
    for (const setting of ['tcp_keepalives_idle=5s', 'tcp_user_timeout=15s', 'idle_in_transaction_session_timeout=15s'])
      expect(options).toContain(`-c ${setting}`);
  });

  it('lets options in the address win, and keeps its other parameters', () => {
    const url = sessionUrl('postgres://u@db/freshet?options=-c%20tcp_user_timeout%3D1min&application_name=x', {
      statement_timeout: '3s',
    });
    const { options, application_name: name } = parse(url);
    expect(name).toBe('x');
    expect(options).toMatch(/-c tcp_user_timeout=15s .*-c statement_timeout=3s -c tcp_user_timeout=1min$/);
  });

  it('leaves what is no URL to the driver', () => {
    expect(sessionUrl('/var/run/postgresql freshet')).toBe('/var/run/postgresql freshet');
  });
});
