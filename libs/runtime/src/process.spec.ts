import { spawnSync } from 'node:child_process';
import { isAlive } from './process';

describe('isAlive', () => {
  afterEach(() => jest.restoreAllMocks());

  it('knows a process that runs from one that ended', () => {
    expect(isAlive(process.pid)).toBe(true);
    expect(isAlive(spawnSync(process.execPath, ['--version']).pid)).toBe(false);
  });

  it('takes a process of somebody else for alive', () => {
    jest.spyOn(process, 'kill').mockImplementation(() => {
      throw Object.assign(new Error('not permitted'), { code: 'EPERM' });
    });
    expect(isAlive(1)).toBe(true);
  });
});
