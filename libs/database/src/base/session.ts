/**
 * What the server is told at the start of every session of ours, so that it releases what a process holds that vanished without
 * closing its connections (a lost node sends no FIN). PostgreSQL's defaults notice after 2 h 11 min; with these, after 15 s:
 *
 * * idle, or waiting for our bytes: keepalives, 5 + 3 × 3 s;
 * * sending to us, never acknowledged: `tcp_user_timeout`;
 * * computing: looks at its connection every 5 s;
 * * in a transaction, waiting for our next statement: ended, whatever the network says.
 *
 * A backend that waits for bytes in the middle of a COPY obeys no timeout at all (verified on 18.4: neither of statement,
 * transaction nor session). Where something in between keeps the connection open, `endAbandonedCopies` ends it.
 */
const SETTINGS = {
  tcp_keepalives_idle: '5s',
  tcp_keepalives_interval: '3s',
  tcp_keepalives_count: '3',
  tcp_user_timeout: '15s',
  // Servers on Windows refuse it; one that comes along with standalone runs where we do.
  ...(process.platform === 'win32' ? {} : { client_connection_check_interval: '5s' }),
  idle_in_transaction_session_timeout: '15s',
};

const asOptions = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value}`)
    .join(' ');

/**
 * The address with these settings as its `options`, those of `more`, and then those it had: what an operator wrote there wins.
 * An address that is no URL is left as it is, for the driver to refuse.
 */
export function sessionUrl(url: string, more: Readonly<Record<string, string>> = {}): string {
  if (!URL.canParse(url)) return url;
  const given = new URL(url).searchParams.get('options');
  const options = [asOptions({ ...SETTINGS, ...more }), ...(given ? [given] : [])].join(' ');
  // The driver takes the last of several.
  return `${url}${url.includes('?') ? '&' : '?'}options=${encodeURIComponent(options)}`;
}
