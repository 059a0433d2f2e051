import request from 'supertest';
import { loadCatalog } from '@freshet/catalog';
import { useWorld } from './world';

describe('a dataset that is a time series', () => {
  const world = useWorld('no_generations');

  it('has no generations to list, compare or roll back to, and says where the past stands', async () => {
    const { url } = await world.start({ definitions: [loadCatalog().get('eia.demand')] });
    const path = '/api/v1/datasets/eia.demand';
    expect((await request(url).get(`${path}/generations`).expect(200)).body).toEqual([]);
    const told = {
      error: expect.stringContaining('eia.demand is a time series and has no generations') as unknown,
      nextStep: expect.stringContaining('--as-of') as unknown,
    };
    expect((await request(url).get(`${path}/diff`).expect(409)).body).toMatchObject(told);
    expect((await request(url).get(`${path}/diff?from=1&to=2`).expect(409)).body).toMatchObject(told);
    expect((await request(url).post(`${path}/rollback`).send({}).expect(409)).body).toMatchObject(told);
  });
});
