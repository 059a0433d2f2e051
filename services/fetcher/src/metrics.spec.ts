import { startTelemetry, type Telemetry } from '@freshet/runtime';
import { countRequestError, recordRequest } from './metrics';

describe('metrics of requests', () => {
  let telemetry: Telemetry;
  beforeAll(async () => {
    telemetry = await startTelemetry({ service: 'fetcher', instance: 'x' });
  });
  afterAll(() => telemetry.stop());

  it('give response times and errors of each source, under bounded labels', async () => {
    recordRequest('eia', 200, 0.2, 1000);
    recordRequest('eia', 204, 3, 500);
    countRequestError('eia', 'rate_limited');
    const text = await telemetry.metricsText();
    expect(text).toMatch(
      /freshet_fetcher_request_seconds_bucket\{[^}]*source="eia"[^}]*status="2xx"[^}]*le="0.25"[^}]*\} 1/,
    );
    expect(text).toMatch(/freshet_fetcher_request_seconds_count\{[^}]*\} 2/);
    expect(text).toMatch(/freshet_fetcher_request_bytes_total\{[^}]*\} 1500/);
    expect(text).toMatch(/freshet_fetcher_request_errors_total\{[^}]*source="eia"[^}]*code="rate_limited"[^}]*\} 1/);
  });
});
