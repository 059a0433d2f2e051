import type { DoctorCheckView } from '@freshet/contracts';
import { toFailure, withoutRetry, type Clock, type DatasetDefinition, type Failure } from '@freshet/domain';
import type { HttpClient, Pace } from '@freshet/publisher';
import type { Session } from '../session';
import { definitionsHere, secretsOf } from './probe';

export interface PublisherCheck extends DoctorCheckView {
  readonly where: 'this machine';
}

/** What the checks of all APIs have in common. */
interface Asking {
  readonly secrets: ReadonlyMap<string, string>;
  readonly pace: Pace;
  readonly clock: Clock;
}

type Publisher = typeof import('@freshet/publisher');

/** Whether a refresh from this machine would get its data now; no more than the first bytes, or one record, are read. */
export async function publisherChecks(session: Session): Promise<readonly PublisherCheck[]> {
  const definitions = (await definitionsHere(session)).all();
  // Loaded when needed: it is large, and most commands do without.
  const publisher = await import('@freshet/publisher');
  const secrets = secretsOf(session.world, definitions);
  const asking = { secrets, pace: new publisher.Pace(), clock: { now: session.world.date } };
  const files = definitions.filter(({ paging }) => !paging).map((definition) => checkFile(publisher, definition));
  const apis: PublisherCheck[] = [];
  // One after another: they share a limit.
  for (const definition of definitions.filter(({ paging }) => paging))
    apis.push(await checkApi(publisher, definition, asking));
  const found = new Map([...(await Promise.all(files)), ...apis].map((check) => [check.name, check]));
  return definitions.flatMap((definition) => found.get(nameOf(definition)) ?? []);
}

const nameOf = ({ id }: DatasetDefinition): string => `publisher of ${id}`;

const checkFile = (publisher: Publisher, definition: DatasetDefinition): Promise<PublisherCheck> =>
  check(publisher, definition, async (http) => {
    const { download, report } = await publisher.openAccess(http, definition.access, {});
    download.close();
    return `${report.kind} ${report.url}`;
  });

const checkApi = (
  publisher: Publisher,
  definition: DatasetDefinition,
  { secrets, pace, clock }: Asking,
): Promise<PublisherCheck> =>
  check(publisher, definition, async (http) => {
    const { paging, credential } = definition;
    if (!paging) throw new TypeError(`${definition.id} has no pages`);
    const stopped = pace.stoppedBy(definition.rateLimit);
    if (stopped) throw stopped;
    const secret = (credential && secrets.get(credential.variable)) ?? null;
    const { url, failure, keyNotGiven } = await publisher.reachPaged({ http, definition, secret, pace, clock }, paging);
    if (failure) return failure;
    const tried = keyNotGiven === null ? '' : `, without the key: ${keyNotGiven} is not set here`;
    return `api ${url}${tried}`;
  });

async function check(
  { HttpClient }: Publisher,
  definition: DatasetDefinition,
  look: (http: HttpClient) => Promise<string | Failure>,
): Promise<PublisherCheck> {
  const { allowPrivateHosts, userAgent } = definition;
  const http = new HttpClient({ allowPrivateHosts, userAgent, timeouts: { connectMs: 10_000, stallMs: 15_000 } });
  const about = { where: 'this machine', name: nameOf(definition) } as const;
  const found = await look(http)
    .catch(toFailure)
    .finally(() => http.close());
  if (typeof found === 'string') return { ...about, ok: true, detail: found };
  const { code, message, nextStep } = found;
  return { ...about, ok: false, detail: `${code}: ${message}`, nextStep: withoutRetry(nextStep) };
}
