import { Controller, Get, HttpCode, Post, ServiceUnavailableException, type INestApplication } from '@nestjs/common';
import { HttpAdapterHost } from '@nestjs/core';
import { Test } from '@nestjs/testing';
import request from 'supertest';
import { RequestFilter } from './problem.filter';

@Controller()
class Some {
  @Post('api/v1/refreshes')
  @HttpCode(202)
  accept(): string {
    return 'accepted';
  }

  @Get('health/ready')
  ready(): void {
    throw new ServiceUnavailableException({ status: 'error' });
  }
}

describe('requests that reach no controller', () => {
  let app: INestApplication;
  beforeAll(async () => {
    const module = await Test.createTestingModule({ controllers: [Some] }).compile();
    app = module.createNestApplication({ logger: false });
    app.useGlobalFilters(new RequestFilter(app.get(HttpAdapterHost).httpAdapter));
    await app.init();
  });
  afterAll(() => app.close());
  const server = (): Parameters<typeof request>[0] => app.getHttpServer() as Parameters<typeof request>[0];
  const post = (body: string) =>
    request(server()).post('/api/v1/refreshes').set('content-type', 'application/json').send(body);

  it('are answered with a problem, as any other', async () => {
    const { body } = await request(server()).get('/api/v1/nope').expect(404);
    expect(body).toEqual({
      error: 'there is no GET /api/v1/nope',
      nextStep: '/api/docs describes what can be asked.',
    });
    expect((await post('{bad').expect(400)).body.error).toMatch(/^the body is not JSON: /);
    expect((await post(`"${'a'.repeat(200_000)}"`).expect(413)).body.error).toBe('the body is too large');
    await post('{}').expect(202);
  });

  it('keep their answers outside of the API', async () => {
    expect((await request(server()).get('/health/ready').expect(503)).body).toEqual({ status: 'error' });
    expect((await request(server()).get('/nope').expect(404)).body.statusCode).toBe(404);
  });
});
