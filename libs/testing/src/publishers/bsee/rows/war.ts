import type { MemberSpec } from '../member';
import { columns } from '../member';
import { date, dateTime, dayOf, freeText, quoted } from '../values';
import { report, TRAPS } from '../text';
import {
  ACTIVITIES,
  CASINGS,
  COLLECTED,
  FIRST_NAMES,
  GRADES,
  HOLE_SIZES,
  LAST_NAMES,
  LOGGERS,
  METHODS,
  OPERATORS,
  RIGS,
} from '../vocabulary';
import { apiNumber, area, block, someLease, surrogate, wellName } from './identifiers';

const WAR = 16_000;
const RUN = 13_000;
const CASING = 22_000;
const FIRST_WEEK = dayOf(2001, 1, 7);
const WEEKS = 1_345;

export const warMain: MemberSpec = {
  name: 'mv_war_main.txt',
  rows: 363_000,
  key: ['SN_WAR'],
  columns: columns(`
    N SN_WAR D WAR_START_DT WAR_END_DT T CONTACT_NAME PHONE_NUMBER RIG_NAME N WATER_DEPTH RKB_ELEVATION D BOP_TEST_DATE
    N RAM_TST_PRSS ANNULAR_TST_PRSS T BUS_ASC_NAME MMS_COMPANY_NUM API_WELL_NUMBER WELL_NAME WELL_NM_BP_SFIX WELL_NM_ST_SFIX
    SURF_LEASE_NUM SURF_AREA_CODE SURF_BLOCK_NUM BOTM_LEASE_NUM BOTM_AREA_CODE BOTM_BLOCK_NUM`),
  row(rng, i, { count }) {
    const [operator, company] = rng.pick(OPERATORS);
    const week = FIRST_WEEK + 7 * rng.int(0, WEEKS);
    const whole = rng.chance(0.9);
    // A few weeks end before they start: kept as published.
    const end = rng.chance(0.001) ? week - 1 : week + 6;
    const tested = rng.chance(0.53);
    const deep = rng.chance(0.11);
    const where = area(rng);
    const blockNumber = block(rng);
    const lease = someLease(rng);
    return [
      quoted(surrogate(i, WAR)),
      whole ? dateTime(week, 60) : date(week),
      whole ? dateTime(end, 86_340) : date(end),
      rng.chance(0.03) ? '""' : freeText(`${rng.pick(FIRST_NAMES)} ${rng.pick(LAST_NAMES)}`),
      quoted(rng.chance(0.03) ? null : `(504) 555-01${rng.int(10, 99)}`),
      quoted(rng.chance(0.08) ? null : rng.pick(RIGS)),
      quoted(deep ? rng.int(20, 9_000) : null),
      quoted(deep ? rng.int(40, 140) : null),
      tested ? date(week - rng.int(0, 30)) : '',
      quoted(tested ? rng.int(10, 120) * 100 : null),
      quoted(tested ? rng.int(2, 50) * 50 : null),
      quoted(operator),
      quoted(company),
      quoted(apiNumber(rng.int(0, count('mv_war_boreholes_view.txt') - 1))),
      quoted(wellName(rng)),
      quoted(rng.chance(0.8) ? '00' : '01'),
      quoted(rng.chance(0.7) ? '00' : '02'),
      quoted(lease),
      quoted(where),
      quoted(blockNumber),
      quoted(rng.chance(0.7) ? lease : someLease(rng)),
      quoted(rng.chance(0.8) ? where : area(rng)),
      quoted(rng.chance(0.7) ? blockNumber : block(rng)),
    ];
  },
};

export const warMainProp: MemberSpec = {
  name: 'mv_war_main_prop.txt',
  rows: 361_756,
  key: ['SN_WAR'],
  columns: columns(`
    N SN_WAR T WELL_NAME_SUFFIX D WELL_ACTV_START_DT TOTAL_DEPTH_DATE T WELL_ACTIVITY_CD D WELL_ACTV_END_DT N DRILLING_MD DRILLING_TVD
    DRILL_FLUID_WGT T GEOCHEM_SMPL_COLLECTED_CD LITHO_SAMPLE_COLLECTED_CD PALEO_SAMPLE_COLLECTED_CD SIDEWALL_SMPL_COLLECTED_CD
    CONV_CORE_COLLECTED_CD VELOCITY_SURV_COLLECTED_CD`),
  row(rng, i) {
    const start = FIRST_WEEK + rng.int(0, 7 * WEEKS);
    const depth = rng.int(800, 32_000);
    const weight = rng.chance(0.1) ? 0 : rng.int(70, 180) / 10;
    return [
      quoted(surrogate(i, WAR)),
      quoted(`ST0${rng.int(0, 3)}BP0${rng.int(0, 2)}`),
      date(start),
      rng.chance(0.2) ? '' : date(start + rng.int(3, 200)),
      quoted(rng.chance(0.0024) ? null : rng.pick(ACTIVITIES)),
      rng.chance(0.5) ? '' : rng.chance(0.5) ? dateTime(start + 200, 86_340) : date(start + 200),
      quoted(depth),
      quoted(depth - rng.int(0, 1_500)),
      quoted(rng.chance(0.05) ? null : weight),
      quoted(rng.pick(COLLECTED)),
      quoted(rng.pick(COLLECTED)),
      quoted(rng.pick(COLLECTED)),
      quoted(rng.pick(COLLECTED)),
      quoted(rng.pick(COLLECTED)),
      quoted(rng.pick(COLLECTED)),
    ];
  },
};

export const warRemark: MemberSpec = {
  name: 'mv_war_main_prop_remark.txt',
  rows: 345_000,
  key: ['SN_WAR'],
  columns: columns('N SN_WAR T TEXT_REMARK'),
  row: (rng, i) => [quoted(surrogate(i, WAR)), freeText(TRAPS.get(i) ?? report(rng, 11))],
};

export const warBoreholes: MemberSpec = {
  name: 'mv_war_boreholes_view.txt',
  rows: 54_531,
  key: ['API_WELL_NUMBER'],
  columns: columns(
    'T API_WELL_NUMBER BOTM_LEASE_NUM D WELL_SPUD_DATE TOTAL_DEPTH_DATE BOREHOLE_STAT_DT N BH_TOTAL_MD WELL_BORE_TVD',
  ),
  row(rng, i) {
    const spud = rng.int(30, dayOf(2026, 6));
    const depth = rng.int(500, 32_000);
    return [
      quoted(apiNumber(i)),
      quoted(rng.chance(0.017) ? null : someLease(rng)),
      rng.chance(0.017) ? '' : date(spud),
      rng.chance(0.013) ? '' : date(spud + rng.int(3, 200)),
      rng.chance(0.009) ? '' : date(spud + rng.int(3, 4_000)),
      quoted(rng.chance(0.009) ? null : depth),
      quoted(rng.chance(0.009) ? null : depth - rng.int(0, 900)),
    ];
  },
};

export const warRuns: MemberSpec = {
  name: 'mv_war_open_hole_runs.txt',
  rows: 32_043,
  key: ['SN_OPEN_HOLE'],
  columns: columns(`
    N SN_WAR_FK T BUS_ASC_NAME D OPERATIONS_COMPLETED_DATE T TOOL_LOGGING_METHOD_NAME N LOG_INTV_TOP_MD LOG_INTV_BOTM_MD SN_OPEN_HOLE`),
  row(rng, i, { count }) {
    const top = rng.int(300, 25_000);
    return [
      quoted(surrogate(rng.int(0, count('mv_war_main.txt') - 1), WAR)),
      quoted(rng.pick(LOGGERS)),
      date(FIRST_WEEK + rng.int(0, 7 * WEEKS)),
      quoted(rng.pick(METHODS)),
      quoted(top),
      quoted(top + rng.int(10, 6_000)),
      quoted(surrogate(i, RUN)),
    ];
  },
};

export const warTools: MemberSpec = {
  name: 'mv_war_open_hole_tools.txt',
  rows: 81_493,
  key: [],
  columns: columns('N SN_OPEN_HOLE_FK T LOG_TOOL_TYPE_CODE'),
  row: (rng, _i, { count }) => [
    quoted(surrogate(rng.int(0, count('mv_war_open_hole_runs.txt') - 1), RUN)),
    quoted(
      `${rng.pick(['AGR', 'GR', 'RES', 'DEN', 'NEU', 'SON', 'CAL', 'FMT'])}${rng.chance(0.5) ? '' : rng.int(1, 50)}`,
    ),
  ],
};

export const warTubulars: MemberSpec = {
  name: 'mv_war_tubular_summaries.txt',
  rows: 381_000,
  // Looks like having a key and has none: real data repeat numbers and whole records.
  key: [],
  repeatEvery: 50,
  columns: columns(`
    N SN_WAR_FK T CSNG_INTV_TYPE_CD N CSNG_HOLE_SIZE CASING_SIZE CASING_WEIGHT T CASING_GRADE N CSNG_LINER_TEST_PRSS
    CSNG_SHOE_TEST_PRSS CSNG_CEMENT_VOL SN_WAR_CSNG_INTV`),
  row(rng, i, { count }) {
    const [size, weight] = rng.pick(CASINGS);
    return [
      quoted(surrogate(rng.int(0, count('mv_war_main.txt') - 1), WAR)),
      quoted(rng.chance(0.6) ? 'C' : 'L'),
      quoted(rng.pick(HOLE_SIZES)),
      quoted(size),
      quoted(weight),
      quoted(rng.chance(0.02) ? null : rng.pick(GRADES)),
      quoted(rng.chance(0.2) ? null : rng.int(0, 10_000)),
      quoted(rng.chance(0.3) ? null : rng.int(0, 180) / 10),
      quoted(rng.chance(0.3) ? null : rng.int(0, 10_000)),
      quoted(surrogate(i % 40 === 39 ? i - 1 : i, CASING)),
    ];
  },
};

export const warTubularsProp: MemberSpec = {
  name: 'mv_war_tubular_summaries_prop.txt',
  rows: 389_000,
  key: ['SN_WAR_CSNG_INTV_FK'],
  columns: columns('N SN_WAR_CSNG_INTV_FK SN_WAR_FK CSNG_SETTING_BOTM_MD CSNG_SETTING_TOP_MD'),
  row(rng, i, { count }) {
    const bottom = rng.int(500, 30_000);
    return [
      quoted(surrogate(i, CASING)),
      quoted(surrogate(rng.int(0, count('mv_war_main.txt') - 1), WAR)),
      quoted(bottom),
      quoted(rng.chance(0.7) ? 0 : rng.int(0, bottom)),
    ];
  },
};
