import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { startBseePublisher, startEiaPublisher } from '@freshet/testing/publishers';
import type { Config } from './config';
import { controlListener } from './control';

export interface Simulators {
  readonly bseeUrl: string;
  readonly eiaUrl: string;
  readonly controlUrl: string;
  stop(): Promise<void>;
}

const EVERYWHERE = '0.0.0.0';

/** The simulated publishers and their control interface, on fixed ports of every address: for trials in a cluster, and its tests. */
export async function startSimulators(config: Config): Promise<Simulators> {
  const [bsee, eia] = await Promise.all([
    startBseePublisher({
      seed: 1,
      scale: config.FRESHET_SIMULATOR_SCALE,
      port: config.FRESHET_BSEE_PORT,
      host: EVERYWHERE,
      bytesPerSecond: config.FRESHET_SIMULATOR_BYTES_PER_SECOND,
    }),
    startEiaPublisher({ seed: 1, port: config.FRESHET_EIA_PORT, host: EVERYWHERE }),
  ]);
  const control = createServer(controlListener({ bsee, eia }));
  await once(control.listen(config.FRESHET_CONTROL_PORT, EVERYWHERE), 'listening');
  return {
    bseeUrl: bsee.url,
    eiaUrl: eia.url,
    controlUrl: `http://127.0.0.1:${(control.address() as AddressInfo).port}`,
    async stop() {
      control.closeAllConnections();
      await Promise.all([bsee.close(), eia.stop(), new Promise((resolve) => control.close(resolve))]);
    },
  };
}
