import { configSchema } from './config';
import { startSimulators, type Simulators } from './simulators';

describe('the simulators as a service', () => {
  let simulators: Simulators;
  beforeAll(async () => {
    const ports = { FRESHET_BSEE_PORT: '0', FRESHET_EIA_PORT: '0', FRESHET_CONTROL_PORT: '0' };
    simulators = await startSimulators(configSchema.parse({ ...ports, FRESHET_SIMULATOR_SCALE: 'tiny' }));
  });
  afterAll(() => simulators.stop());

  const archive = () => fetch(`${simulators.bseeUrl}/Well/Files/APDRawData.zip`);
  const control = (verb: string, body: unknown) =>
    fetch(`${simulators.controlUrl}/${verb}`, { method: 'POST', body: JSON.stringify(body) });

  it('publish archives and hourly data', async () => {
    expect((await archive()).headers.get('content-type')).toMatch(/zip/);
    const { response } = (await (await fetch(`${simulators.eiaUrl}/v2/electricity/rto/region-data`)).json()) as {
      response: object;
    };
    expect(response).toMatchObject({ startPeriod: expect.any(String) });
  });

  it('revise an archive when told to', async () => {
    const before = Buffer.from(await (await archive()).arrayBuffer());
    expect((await control('bsee/revise', { dataset: 'bsee.well', vintage: 1 })).status).toBe(200);
    const after = Buffer.from(await (await archive()).arrayBuffer());
    expect(after.equals(before)).toBe(false);
  });

  it('switch faults on and off', async () => {
    await control('bsee/fault', { dataset: 'bsee.well', fault: { kind: 'server-error' } });
    expect((await archive()).status).toBeGreaterThanOrEqual(500);
    await control('bsee/reset', {});
    expect((await archive()).status).toBe(200);
  });

  it.each([
    ['a verb that does not exist', 'bsee/paint', {}, 404],
    ['a dataset that does not exist', 'bsee/rebuild', { dataset: 'bsee.nothing' }, 400],
    ['a body that is no JSON', 'bsee/rebuild', undefined, 400],
  ])('refuse %s with a message', async (_, verb, body, status) => {
    const response = await control(verb, body);
    expect(response.status).toBe(status);
    expect(await response.json()).toMatchObject({ error: expect.any(String) });
  });
});
