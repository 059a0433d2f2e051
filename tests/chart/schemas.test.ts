import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import Ajv, { type ValidateFunction } from 'ajv';
import { CI, describeWithHelm, render, type Manifest } from './helm';

const FOLDER = join(__dirname, 'schemas');
const KUBERNETES = readdirSync(FOLDER).filter((name) => name.startsWith('kubernetes-'));
/** No package registry has Strimzi's definitions; its kinds are shown in the snapshot. */
const UNKNOWN = /^kafka\.strimzi\.io\//;

/** Checks an object by its kind, as schemas written by scripts/kubernetes-schemas.mjs describe it. */
function validators(...files: readonly string[]): (object: Manifest) => string[] {
  const byKind = new Map<string, ValidateFunction>();
  for (const file of files) {
    const { kinds, definitions } = JSON.parse(readFileSync(join(FOLDER, file), 'utf8')) as {
      kinds: Record<string, object>;
      definitions: Record<string, object>;
    };
    const ajv = new Ajv({ strict: false, allErrors: true });
    for (const [kind, schema] of Object.entries(kinds)) byKind.set(kind, ajv.compile({ ...schema, definitions }));
  }
  return (object) => {
    const validate = byKind.get(`${object.apiVersion} ${object.kind}`);
    if (!validate) return [`${object.apiVersion} ${object.kind} has no schema`];
    validate(object);
    const where = `${object.kind} ${object.metadata.name}`;
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) => `${where}${instancePath}: ${message} ${JSON.stringify(params)}`,
    );
  };
}

const objectsOf = (values: string, set = {}): readonly Manifest[] =>
  render([values], set).filter(({ apiVersion }) => !UNKNOWN.test(apiVersion));

describeWithHelm('rendered objects', () => {
  it('are checked against three minor versions of Kubernetes', () => {
    expect(KUBERNETES).toHaveLength(3);
  });

  describe.each(KUBERNETES)('are valid in %s', (file) => {
    const errorsOf = validators(file, 'operators.json');

    it.each([
      ['the defaults', CI.default, {}],
      ['everything on', CI.everythingOn, {}],
      ['everything off', CI.everythingOff, {}],
      ['scaling by CPU', CI.default, { 'autoscaling.mode': 'hpa' }],
    ])('with %s', (_, values, set) => {
      expect(objectsOf(values, set).flatMap(errorsOf)).toEqual([]);
    });

    it('and a mistake is found: an unknown key, a wrong type, a missing key', () => {
      const [deployment] = objectsOf(CI.default).filter(({ kind }) => kind === 'Deployment');
      const change = (spec: object): Manifest =>
        ({ ...deployment, spec: { ...(deployment?.spec as object | undefined), ...spec } }) as Manifest;
      expect(errorsOf(change({ replica: 1 }))).toEqual([expect.stringContaining('"replica"')]);
      expect(errorsOf(change({ replicas: '1' }))).toEqual([expect.stringContaining('must be integer')]);
      expect(errorsOf(change({ selector: undefined }))).toEqual([expect.stringContaining('selector')]);
    });
  });
});
