import { withoutNegativeTimeouts } from './negative-timeouts';

describe('the timers of kafkajs', () => {
  it('are never set for a time that is past', () => {
    withoutNegativeTimeouts();
    // eslint-disable-next-line @typescript-eslint/no-require-imports -- not part of the package's typed surface
    const RequestQueue = require('kafkajs/src/network/requestQueue');
    const timers = jest.spyOn(globalThis, 'setTimeout');
    const queue = new RequestQueue({
      logger: { debug() {} },
      maxInFlightRequests: 1,
      requestTimeout: 1,
      clientId: 'c',
      broker: 'b',
    });
    queue.checkPendingRequests();
    expect(timers).not.toHaveBeenCalled();
    queue.maybeThrottle(50);
    queue.checkPendingRequests();
    expect(timers).toHaveBeenCalledTimes(1);
    expect(timers.mock.calls[0]?.[1]).toBeGreaterThan(0);
    queue.destroy();
    timers.mockRestore();
  });
});
