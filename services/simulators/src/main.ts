import { ConfigError, readConfig } from '@freshet/runtime/config';
import { configSchema } from './config';
import { startSimulators, type Simulators } from './simulators';

let simulators: Simulators | undefined;
for (const signal of ['SIGTERM', 'SIGINT'] as const)
  process.once(signal, () => void (simulators?.stop() ?? Promise.resolve()).then(() => process.exit(0)));

async function main(): Promise<void> {
  simulators = await startSimulators(readConfig(configSchema));
  process.stdout.write(
    `Simulated publishers: BSEE ${simulators.bseeUrl}, EIA ${simulators.eiaUrl}; control ${simulators.controlUrl}\n`,
  );
}

main().catch((error: unknown) => {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(error instanceof ConfigError ? 2 : 1);
});
