import type { ArchiveSpec, BseeDataset, MemberSpec } from './member';
import { apdDataAll, apdMainAll } from './rows/apd';
import { productionData, productionSum, productionSumWd, productionWaterDepth } from './rows/production';
import {
  warBoreholes,
  warMain,
  warMainProp,
  warRemark,
  warRuns,
  warTools,
  warTubulars,
  warTubularsProp,
} from './rows/war';

/** What the publisher offers of ours, at its real paths. */
export const BSEE_ARCHIVES: readonly ArchiveSpec[] = [
  {
    dataset: 'bsee.well',
    path: '/Well/Files/APDRawData.zip',
    folder: 'APDRawData',
    title: 'Application for Permit to Drill (APD)',
    frequency: 'Daily',
    members: [apdMainAll, apdDataAll],
  },
  {
    dataset: 'bsee.production',
    path: '/Production/Files/ProductionRawData.zip',
    folder: 'ProductionRawData',
    title: 'Production Data',
    frequency: 'Bi-Monthly',
    members: [productionWaterDepth, productionData, productionSum, productionSumWd],
  },
  {
    dataset: 'bsee.war',
    path: '/Well/Files/eWellWARRawData.zip',
    folder: 'eWellWARRawData',
    title: 'eWell Submissions WAR',
    frequency: 'Daily',
    members: [warBoreholes, warMain, warMainProp, warRemark, warRuns, warTools, warTubulars, warTubularsProp],
  },
];

export function archiveOf(dataset: BseeDataset): ArchiveSpec {
  const found = BSEE_ARCHIVES.find((archive) => archive.dataset === dataset);
  if (!found) throw new Error(`the simulator has no dataset "${dataset}"`);
  return found;
}

/** tiny: a few hundred rows in all · demo: some thousands · real: as published. Any number is a multiple of the real sizes. */
export type Scale = 'tiny' | 'demo' | 'real' | number;
const SCALES = { tiny: 0.00025, demo: 0.004, real: 1 } as const;
/** Every member has at least this many rows, so that each trap of the free texts is there. */
const LEAST_ROWS = 16;
/** Above it identifiers would repeat. */
const MAX_SCALE = 12;

export function rowsOf(member: MemberSpec, scale: Scale, overrides: Readonly<Record<string, number>> = {}): number {
  const override = overrides[member.name] ?? overrides[member.name.replace(/\.txt$/, '')];
  if (override !== undefined) return override;
  const factor = typeof scale === 'number' ? scale : SCALES[scale];
  if (factor <= 0 || factor > MAX_SCALE) throw new Error(`scale must be over 0 and at most ${MAX_SCALE}`);
  return member.fixed ? member.rows : Math.max(LEAST_ROWS, Math.round(member.rows * factor));
}
