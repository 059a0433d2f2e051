import type { EiaPublisher } from '@freshet/testing/publishers';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const GAP_HOURS = 6;

/** One command of the demo, with what is said before it and what the publisher does meanwhile. */
export interface DemoStep {
  readonly say?: string;
  readonly before?: () => void;
  readonly command: readonly string[];
}

/** No holes in the newest hours: the demo counts the same rows at any time of any day. */
export const DEMO_PUBLISHER = { seed: 1, raggedHours: 0 } as const;

/**
 * What the demo shows of hourly data: five days of five balancing authorities, a gap that is found and filled, and a revision that
 * is kept. Begins by having the publisher leave out six hours. Everything is counted back from the hour that `now` is in, so that
 * neither the date nor the time of day changes how many rows there are; an hour that ends while the demo runs adds its own.
 */
export function eiaSteps(publisher: EiaPublisher, now: Date): DemoStep[] {
  const hour = Math.floor(now.getTime() / HOUR_MS) * HOUR_MS;
  const begin = hour - 5 * DAY_MS;
  const gapFrom = hour - 3 * DAY_MS + 6 * HOUR_MS;
  const gapTo = gapFrom + GAP_HOURS * HOUR_MS;
  const revised = hour - 2 * DAY_MS + 12 * HOUR_MS;
  const demand = { route: 'region-data', type: 'D' } as const;
  // A stamp of the publisher names the end of its hour.
  const gap = { ...demand, respondent: 'MISO', from: stamp(gapFrom + HOUR_MS), to: stamp(gapTo) };
  publisher.gap(gap);
  return [
    {
      say: '\nNow hourly data: five days of five balancing authorities, from an API that answers page by page.',
      command: [
        ...['refresh', 'eia.demand', 'eia.fuel-mix', 'eia.interchange', 'eia.forecast'],
        ...['--from', instant(begin), '--wait'],
      ],
    },
    {
      say: `\nThe publisher left out ${GAP_HOURS} hours of MISO. What is missing is asked of what is stored:`,
      command: ['gaps', 'eia.demand', '--from', instant(begin), '--to', instant(hour - DAY_MS)],
    },
    {
      say: '\nThe hours appear at the publisher, and are filled in (Freshet does this by itself, some time later):',
      before: () => publisher.fillGap(gap),
      command: [
        ...['backfill', 'eia.demand', '--from', instant(gapFrom), '--to', instant(gapTo)],
        ...['--only', 'respondent=MISO', '--wait'],
      ],
    },
    {
      say: '\nThe publisher revises an hour of PJM. Every refresh asks for the last three days again, and keeps what it replaces:',
      before: () =>
        publisher.revise({ ...demand, respondent: 'PJM', period: stamp(revised + HOUR_MS), value: '123456' }),
      command: ['refresh', 'eia.demand', '--wait'],
    },
    { command: ['lineage', 'PJM.demand', instant(revised)] },
  ];
}

const instant = (at: number): string => new Date(at).toISOString().replace('.000Z', 'Z');
const stamp = (at: number): string => new Date(at).toISOString().slice(0, 13);
