import type { World } from './world';

const nowhere = { write: () => true, isTTY: false, columns: 100 };

/** For looking at the command line without running it. */
export const documentationWorld: World = {
  stdout: nowhere,
  stderr: nowhere as unknown as World['stderr'],
  environment: {},
  secrets: () => new Map(),
  cwd: '/',
  home: '/',
  platform: 'linux',
  now: () => 0,
  date: () => new Date(0),
  onInterrupt: () => () => undefined,
};
