import { readFileSync } from 'node:fs';
import { join } from 'node:path';

export interface FacetValue {
  readonly id: string;
  readonly name: string;
}

export const FIXTURES = join(__dirname, '../../../fixtures/eia');

type FacetLists = Readonly<Record<string, Readonly<Record<string, readonly FacetValue[]>>>>;
let recorded: FacetLists | undefined;

/** A facet list as it was recorded: in its order, with its double ids. */
export function recordedFacet(route: string, facet: string): readonly FacetValue[] {
  recorded ??= JSON.parse(readFileSync(join(FIXTURES, 'facet-options.json'), 'utf8')) as FacetLists;
  return recorded[route]?.[facet] ?? [];
}

/** Came after the recording. */
export const ADDED_RESPONDENTS: readonly FacetValue[] = [
  { id: 'SIKE', name: 'Sikeston Board of Municipal Utilities' },
  { id: 'BHBA', name: 'Black Hills Energy' },
  { id: 'SWPW', name: 'Southwest Power Pool - West' },
];
export const ADDED_FUELS: readonly FacetValue[] = [
  { id: 'BAT', name: 'Battery storage' },
  { id: 'PS', name: 'Pumped storage' },
  { id: 'GEO', name: 'Geothermal' },
  { id: 'SNB', name: 'Solar with integrated battery storage' },
  { id: 'WNB', name: 'Wind with integrated battery storage' },
  { id: 'OES', name: 'Other energy storage' },
  { id: 'UES', name: 'Unknown energy storage' },
];
/** Published apart from their older categories from here on; until then within OTH. */
export const ADDED_FUELS_SINCE = '2024-11-01T00';

/** Sums that EIA publishes beside the balancing authorities, and who is in them. `US48` is all of them. */
export const REGIONS: Readonly<Record<string, readonly string[]>> = {
  CAL: ['BANC', 'CISO', 'IID', 'LDWP', 'TIDC'],
  CAR: ['CPLE', 'CPLW', 'DUK', 'SC', 'SCEG', 'YAD'],
  CENT: ['SPA', 'SWPP'],
  FLA: ['FMPP', 'FPC', 'FPL', 'GVL', 'HST', 'JEA', 'NSB', 'SEC', 'TAL', 'TEC'],
  MIDA: ['OVEC', 'PJM'],
  MIDW: ['AECI', 'EEI', 'GLHB', 'LGEE', 'MISO', 'SIKE'],
  NE: ['ISNE'],
  NW: (
    'AVA AVRN BHBA BPAT CHPD DOPD GCPD GRID GWA IPCO NEVP NWMT PACE PACW PGE PSCO PSEI SCL SWPW TPWR WACM ' + 'WAUW WWA'
  ).split(' '),
  NY: ['NYIS'],
  SE: ['AEC', 'SEPA', 'SOCO'],
  SW: ['AZPS', 'DEAA', 'EPE', 'GRIF', 'GRMA', 'HGMA', 'PNM', 'SRP', 'TEPC', 'WALC'],
  TEN: ['TVA'],
  TEX: ['ERCO'],
  CAN: ['AESO', 'BCHA', 'HQT', 'IESO', 'MHEB', 'NBSO', 'SPC'],
  MEX: ['CEN', 'CFE'],
};
export const NATION = 'US48';
export const FOREIGN_REGIONS: ReadonlySet<string> = new Set(['CAN', 'MEX']);
export const FOREIGN: ReadonlySet<string> = new Set([...(REGIONS['CAN'] ?? []), ...(REGIONS['MEX'] ?? [])]);

/** First and last stamp of those that came later or left; the days of leaving are about right, no more. */
export const LIFETIMES: Readonly<Record<string, { readonly from?: string; readonly to?: string }>> = {
  SIKE: { from: '2025-01-01T06' },
  BHBA: { from: '2026-06-22T07' },
  SWPW: { from: '2026-06-22T07' },
  OVEC: { to: '2018-12-01T05' },
  GRMA: { to: '2018-05-03T07' },
  CFE: { to: '2018-07-01T08' },
  NSB: { to: '2020-01-08T05' },
  EEI: { to: '2020-02-29T06' },
  AEC: { to: '2021-09-01T05' },
  GLHB: { to: '2022-11-01T05' },
};

export const TYPES: readonly FacetValue[] = [
  { id: 'D', name: 'Demand' },
  { id: 'DF', name: 'Day-ahead demand forecast' },
  { id: 'NG', name: 'Net generation' },
  { id: 'TI', name: 'Total interchange' },
];

/** Parts of a balancing authority that report their own demand. Codes are texts: `0001` and `4001` are no numbers. */
export const SUB_AREAS: Readonly<Record<string, readonly FacetValue[]>> = {
  ISNE: [
    { id: '4001', name: 'ISNE-Maine' },
    { id: '4002', name: 'ISNE-New Hampshire' },
    { id: '4003', name: 'ISNE-Vermont' },
    { id: '4004', name: 'ISNE-Connecticut' },
    { id: '4005', name: 'ISNE-Rhode Island' },
    { id: '4006', name: 'ISNE-Southeast Mass.' },
    { id: '4007', name: 'ISNE-Western/Central Mass.' },
    { id: '4008', name: 'ISNE-Northeast Mass.' },
  ],
  NYIS: [...'ABCDEFGHIJK'].map((zone) => ({ id: `ZON${zone}`, name: `NYIS-Zone ${zone}` })),
  PJM: named('AE AEP AP ATSI BC CE DAY DEOK DOM DPL DUQ EKPC JC ME PE PEP PL PN PS RECO', 'PJM'),
  MISO: named('0001 0004 0006 0027 0035 8910', 'MISO Local Resource Zone'),
  ERCO: named('COAS EAST FWES NCEN NRTH SCEN SOUT WEST', 'ERCO'),
  SWPP: named('CSWS EDE GRDA INDN KACY KCPL LES MPS NPPD OKGE OPPD SECI SPRM SPS WAUE WFEC WR', 'SWPP'),
  CISO: [
    { id: 'PGAE', name: 'Pacific Gas and Electric' },
    { id: 'SCE', name: 'Southern California Edison' },
    { id: 'SDGE', name: 'San Diego Gas and Electric' },
    { id: 'VEA', name: 'Valley Electric Association' },
  ],
  PNM: named('ACMA CYGA KCEC LAC PNM TSGT', 'PNM System Firm Load'),
  BHBA: [
    { id: 'BASI', name: 'Basin Electric Power Cooperative' },
    { id: 'BHPL', name: 'Black Hills Power' },
  ],
};

function named(codes: string, prefix: string): FacetValue[] {
  return codes.split(' ').map((id) => ({ id, name: `${prefix} - ${id}` }));
}

let names: Map<string, string> | undefined;

/** The publisher's name of a respondent; the code itself where it has none. */
export function nameOf(code: string): string {
  names ??= new Map(
    [
      ...recordedFacet('interchange-data', 'toba'),
      ...recordedFacet('interchange-data', 'fromba'),
      ...recordedFacet('region-data', 'respondent'),
      ...ADDED_RESPONDENTS,
    ].map(({ id, name }) => [id, name] as const),
  );
  return names.get(code) ?? code;
}
