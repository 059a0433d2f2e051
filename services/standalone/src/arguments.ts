import { parseArgs } from 'node:util';

export interface Arguments {
  /** Refresh from a simulated publisher. */
  readonly demo: boolean;
  /** With `demo`: leave when the refreshes have ended. */
  readonly exit: boolean;
  /** Size of the simulated datasets: 1 is about that of the real ones. */
  readonly scale: number | null;
  readonly help: boolean;
}

export class ArgumentError extends Error {}

export const USAGE = `Freshet in one process: all services, PostgreSQL included.

  npm start                     serve, and refresh by the schedules of the definitions
  npm run demo [-- options]     refresh the three BSEE datasets from a simulated publisher

  --exit        leave when the refreshes of the demo have ended; exit code 1 if one failed
  --scale N     size of the simulated datasets, 1 is about that of the real ones (default: a few thousand rows)
  --help        this text

Settings come from the environment, see README.md.
`;

/** @throws ArgumentError saying what was not understood. */
export function readArguments(argv: readonly string[]): Arguments {
  let values: { demo?: boolean; exit?: boolean; scale?: string; help?: boolean };
  try {
    ({ values } = parseArgs({
      args: [...argv],
      options: {
        demo: { type: 'boolean' },
        exit: { type: 'boolean' },
        scale: { type: 'string' },
        help: { type: 'boolean', short: 'h' },
      },
    }));
  } catch (error) {
    throw new ArgumentError(error instanceof Error ? error.message : String(error));
  }
  const demo = values.demo ?? false;
  const scale = values.scale === undefined ? null : Number(values.scale);
  if (scale !== null && !(scale > 0 && scale <= 10)) throw new ArgumentError('--scale is a number above 0, 10 at most');
  if (!demo && (values.exit || scale !== null))
    throw new ArgumentError('--exit and --scale belong to the demo: npm run demo -- --exit');
  return { demo, exit: values.exit ?? false, scale, help: values.help ?? false };
}
