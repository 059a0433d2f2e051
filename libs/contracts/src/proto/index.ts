import { join } from 'node:path';

/** The .proto files stay beside this file in `src`; the build does not move them. */
const folder = join(__dirname, '..', '..', 'src', 'proto');

export const CONTROL_PROTO = { package: 'freshet.control.v1', path: join(folder, 'control.proto') } as const;
export const WORKER_PROTO = { package: 'freshet.worker.v1', path: join(folder, 'worker.proto') } as const;
