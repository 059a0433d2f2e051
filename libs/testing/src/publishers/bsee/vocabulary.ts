/** Words of the field. Names of people are invented; so are the telephone numbers (555-01xx is reserved for fiction). */
export const OPERATORS: ReadonlyArray<readonly [name: string, number: string]> = [
  ['Chevron U.S.A. Inc.', '00078'],
  ['TotalEnergies E&P USA, Inc.', '01500'],
  ['BP Exploration & Production Inc.', '02481'],
  ['Shell Offshore Inc.', '00689'],
  ["Bois d' Arc Exploration LLC", '03093'],
  ['White Fleet Operating, LLC', '03670'],
  ['Fieldwood Energy Offshore LLC', '03035'],
  ['Anadarko Petroleum Corporation', '00981'],
  ['GOM Shelf LLC', '02451'],
  ['Cobalt International Energy, L.P.', '02873'],
  ['Exxon Mobil Corporation', '00276'],
  ['Talos Petroleum LLC', '01834'],
  ['Arena Offshore, LP', '02628'],
  ['W & T Offshore, Inc.', '01284'],
];

export const AREAS = [
  'GC',
  'GB',
  'KC',
  'MC',
  'WD',
  'SS',
  'SP',
  'EI',
  'SM',
  'VR',
  'HI',
  'AC',
  'WR',
  'ST',
  'MP',
  'GI',
  'VK',
  'AT',
] as const;

export const RIGS = [
  'T.O. DEEPWATER TITAN',
  'VALARIS DS-18 (ROWAN RELENTLESS)',
  'NOBLE GLOBETROTTER II',
  'ENTERPRISE 253',
  'T.O. DISCOVERER INSPIRATION',
  'DIAMOND OCEAN CONFIDENCE',
  'H&P 205',
  'NABORS PACE 1000',
  '* WIRELINE UNIT',
  '* NON RIG UNIT OPERATION',
  '* LIFT BOAT',
  '* COIL TUBING UNIT',
] as const;

export const FIRST_NAMES = [
  'Avery',
  'Jordan',
  'Morgan',
  'Riley',
  'Quinn',
  'Harper',
  'Rowan',
  'Emerson',
  'Skyler',
  'Dakota',
] as const;
export const LAST_NAMES = [
  'Example',
  'Sample',
  'Placeholder',
  'Fictional',
  "O'Invented",
  'Madeup',
  'Imagined',
  'Testwell',
] as const;

export const SHIPYARDS = ['BETHLEHEM', 'Hyundai Hvy Ind', 'SAMSUNG', 'Keppel FELS', 'LE TOURNEAU', 'DAEWOO'] as const;
export const PERMITS = [
  'New Well',
  'Revised New Well',
  'Sidetrack',
  'Revised Sidetrack',
  'Bypass',
  'Revised Bypass',
] as const;
export const RIG_TYPES = ['DRILLSHIP', 'JACKUP', 'PLATFORM', 'DP SEMISUBMERSIBLE', 'SEMISUBMERSIBLE', 'BARGE'] as const;
export const DISTRICTS = [
  'GOMR Houma District',
  'GOMR Lafayette District',
  'GOMR Lake Jackson District',
  'GOMR New Orleans District',
] as const;
export const ACTIVITIES = ['DRL', 'COM', 'TA', 'PA', 'ST', 'DSI', 'WO', 'CHZ', 'PND', 'MPF', 'REC', 'TBK'] as const;
export const COLLECTED = ['NS', 'NS', 'NS', 'N', 'Y', 'H'] as const;
export const LOGGERS = ['SCHLUMBERGER', 'HALLIBURTON', 'BAKER HUGHES', 'WEATHERFORD'] as const;
export const METHODS = ['MWD/LWD', 'MWD/LWD', 'WIRELINE', 'WIRELINE', 'MUD', 'MWDLWD'] as const;
export const GRADES = [
  'X-80',
  'P-110',
  'Q125',
  'K55',
  'HCP-110',
  'X-80 H-90DME',
  'TN 125HC',
  'VM125HYHC',
  'N-80',
  'J-55',
  'NA',
] as const;
export const HOLE_SIZES = ['26', '21.5', '16.5', '14.5', '12.25', '9.875', '9.5', '8.5', '6'] as const;
export const CASINGS: ReadonlyArray<readonly [size: string, weight: string]> = [
  ['22', '328.3'],
  ['17.937', '93.8'],
  ['14', '115'],
  ['13.875', '105.89'],
  ['11.875', '71.8'],
  ['9.625', '53.5'],
  ['7.75', '46.1'],
  ['7.625', '29.7'],
];

/** Sentences of a remark; `#` becomes a number. */
export const SENTENCES = [
  "RIH w/ perf gun & tagged TOC @ #' RKB.",
  "POOH to #' RKB & cut tbg.",
  'Tested lower plug on tbg & 9-5/8" to # psi for 15 min on chart. Good.',
  'Attempted to break circ up 13-3/8" w/ # psi. Surge pressure several times. Failed.',
  "M&P # sxs class H cmt leaving ETOC in tbg & csg @ #' RKB.",
  "PJSM. R/U slickline and ran gauge ring to #'. No fill tagged.",
  "Drilled 12-1/4\" hole from #' to #' with # klbs WOB, # rpm and # gpm.",
  'Circulated bottoms up at # gpm; max gas # units.',
  'L/D 5-1/2" DP; function tested BOP from # panel.',
  'Held safety meeting with all hands; waited on weather # hrs, seas #-# ft.',
  'Displaced riser with # bbls of # ppg SBM.',
  'Monitored well on trip tank: static, lost # bbls.',
  "Set CIBP at #' and pressure tested to # psi, OK.",
  'N/U BOPE and tested to 250 low / # psi high per 30 CFR 250.737.',
  "Pumped sweep, reamed #'-#' at # fph.",
] as const;

/** Fragments that carry the odd bytes of the real files: degree, fractions, plus-minus, NBSP, section, en dash, `\xbf`. */
export const ODDITIES = [
  'BHT 214\xb0F at TD.',
  'Ran 3\xbd" EUE and 2\xbc" stingers, 9\xbe" collars.',
  'Mud weight 16.2 \xb1 0.1 ppg.',
  'Ref. \xa7250.731(c)\xa0',
  'Zone A \x96 Zone C perforated.',
  'Operator\xbfs rep witnessed the test.',
  'Depth\tPressure\tRemark',
  '3-1/2"" tbg',
] as const;
