import type { MemberSpec } from '../member';
import { columns } from '../member';
import { quoted } from '../values';
import { leaseNumber } from './identifiers';

/** Months a lease reports; row → (lease, month) is one to one, so lease, month and year identify a record. */
const MONTHS = 120;

export const productionData: MemberSpec = {
  name: 'mv_productiondata.txt',
  rows: 867_000,
  key: ['LEASE_NUMBER', 'PROD_MONTH', 'PROD_YEAR'],
  columns: columns(`
    T LEASE_NUMBER N PROD_MONTH PROD_YEAR LEASE_OIL_PROD LEASE_GWG_PROD LEASE_CONDN_PROD LEASE_OWG_PROD LEASE_WTR_PROD
    LEASE_PROD_COMP T TRIM_LEASE_NUM`),
  row(rng, i) {
    const lease = leaseNumber(Math.floor(i / MONTHS));
    // 77 and 120 have no common factor: the months of a lease come out of order, each once.
    const month = ((i % MONTHS) * 77) % MONTHS;
    const year = 2026 - 10 - (Math.floor(i / MONTHS) % 20) + Math.floor(month / 12);
    const shutIn = rng.chance(0.1);
    const oil = shutIn || rng.chance(0.4) ? 0 : rng.int(1, 1_500_000);
    const gas = shutIn || rng.chance(0.2) ? 0 : rng.int(1, 1_200_000);
    return [
      quoted(lease),
      quoted((month % 12) + 1),
      quoted(year),
      quoted(oil),
      quoted(gas),
      quoted(gas === 0 || rng.chance(0.5) ? 0 : rng.int(1, 13_000)),
      quoted(oil === 0 ? 0 : rng.int(1, 600_000)),
      quoted(shutIn ? 0 : rng.int(0, 250_000)),
      quoted(shutIn ? 0 : rng.int(1, 24)),
      quoted(lease.trimStart()),
    ];
  },
};

const yearly = (name: string, oilFrom: number, oilTo: number): MemberSpec => ({
  name,
  rows: 39,
  fixed: true,
  key: ['PROD_YEAR'],
  columns: columns('N PROD_YEAR OIL_STB GAS_MCF'),
  row: (rng, i) => [
    quoted(1985 + ((i * 16) % 39)),
    quoted(rng.int(oilFrom, oilTo)),
    // Over 32 bits: two draws.
    quoted(rng.int(750, 5_548) * 1_000_000 + rng.int(0, 999_999)),
  ],
});

export const productionSum = yearly('mv_productionsum.txt', 270_000_000, 700_000_000);
export const productionSumWd = yearly('mv_productionsumwd.txt', 10_000_000, 640_000_000);

export const productionWaterDepth: MemberSpec = {
  name: 'mv_production_waterdepth.txt',
  rows: 3_200,
  key: ['LEASE_NUMBER'],
  columns: columns('T LEASE_NUMBER N MAX_WTR_DPTH'),
  row: (rng, i) => [quoted(leaseNumber(i)), quoted(rng.int(200, 2_900))],
};
