import type { MemberSpec } from '../member';
import { columns } from '../member';
import { report, TRAPS } from '../text';
import { date, dateTime, dayOf, freeText, mixedDate, quoted } from '../values';
import { DISTRICTS, OPERATORS, PERMITS, RIGS, RIG_TYPES, SHIPYARDS } from '../vocabulary';
import { apiNumber, area, block, decimal, paddedBlock, someLease, surrogate, wellName } from './identifiers';

const FIRST_DAY = dayOf(1998);
const LAST_DAY = dayOf(2026, 10, 31);

export const apdMainAll: MemberSpec = {
  name: 'mv_apd_main_all.txt',
  rows: 14_000,
  key: ['SN_APD'],
  columns: columns(`
    N SN_APD T API_WELL_NUMBER MMS_COMPANY_NUM N KICKOFF_POINT_MD T WELL_NAME WELL_NM_BP_SFIX WELL_NM_ST_SFIX N WATER_DEPTH
    T PERMIT_TYPE N PRP_RKB_ELEV T MINERAL_CODE D REQ_SPUD_DATE T SUBSEA_BOP_FLAG WELL_TYPE_CODE N DRIVE_DEPTH DRIVE_SIZE
    T SURF_AREA_CODE SURF_BLOCK_NUMBER SURF_LEASE_NUMBER SURF_STATE_LEASE_NUM N SURF_X_COORD_LOC SURF_Y_COORD_LOC SURF_LATITUDE
    SURF_LONGITUDE SURF_E_W_DISTANCE T SURF_E_W_CODE N SURF_N_S_DISTANCE T SURF_N_S_CODE BOTM_AREA_CODE BOTM_BLOCK_NUMBER
    BOTM_LEASE_NUMBER BOTM_STATE_LEASE_NUM SV_PLAN_CTRL_CD N SV_PLAN_CTRL_NUM T SV_SURF_LEASE_NUM SV_SURF_AREA_CODE
    SV_SURF_BLOCK_NUM SV_WELL_NAME BV_PLAN_CTRL_CD N BV_PLAN_CTRL_NUM T BV_BOTM_LEASE_NUM BV_BOTM_AREA_CODE BV_BOTM_BLOCK_NUM
    BV_WELL_NAME RIG_ANCHOR_FLAG RIG_NAME RIG_TYPE_CODE N RIG_ID_NUM T RIG_FUNC_CODE N CONSTRUCTION_YR T SHIPYARD_NAME
    N REFURBISHED_YR RATED_WTR_DEPTH RATE_DRIL_DEPTH D ABS_CERT_EXPR_DT CG_CERT_EXPR_DT SAFE_BRN_APRV_DT T SAFE_BURN_DIST
    SAFE_BRN_RMK BUS_ASC_NAME D APD_SUB_STATUS_DT APD_STATUS_DT T REGION_CODE`),
  row(rng, i) {
    const [operator, company] = rng.pick(OPERATORS);
    const surfaceArea = area(rng);
    const surfaceBlock = block(rng);
    const surfaceLease = rng.chance(0.05) ? null : someLease(rng);
    const straight = rng.chance(0.6);
    const bottomArea = straight ? surfaceArea : area(rng);
    const bottomBlock = straight ? surfaceBlock : block(rng);
    const bottomLease = straight ? surfaceLease : someLease(rng);
    const well = wellName(rng);
    const plan = String(rng.int(3000, 9999));
    const submitted = rng.int(FIRST_DAY, LAST_DAY);
    const remark = TRAPS.get(i) ?? (rng.chance(0.3) ? report(rng, 3) : '');
    return [
      quoted(surrogate(i, 15_000)),
      quoted(apiNumber(i)),
      quoted(company),
      quoted(rng.chance(0.67) ? null : rng.int(200, 25_000)),
      quoted(well),
      quoted(rng.chance(0.8) ? '00' : '01'),
      quoted(rng.chance(0.7) ? '00' : '02'),
      quoted(rng.int(10, 9_500)),
      quoted(rng.pick(PERMITS)),
      quoted(rng.int(40, 140)),
      quoted(rng.chance(0.97) ? 'H' : 'M'),
      date(submitted + rng.int(5, 90)),
      quoted(rng.chance(0.4) ? 'Y' : 'N'),
      quoted(rng.chance(0.6) ? 'D' : 'E'),
      quoted(rng.int(200, 5_600)),
      quoted(rng.pick([26, 30, 36, '38.5'])),
      quoted(surfaceArea),
      quoted(surfaceBlock),
      quoted(surfaceLease),
      '""',
      quoted(decimal(rng, 900_000, 2_900_000, 6)),
      quoted(decimal(rng, -90_000, 10_000_000, 6)),
      quoted(decimal(rng, 25, 34, 8)),
      quoted(decimal(rng, -120, -86, 8)),
      quoted(rng.int(1, 7_900)),
      quoted(rng.chance(0.5) ? 'E' : 'W'),
      quoted(rng.int(1, 7_900)),
      quoted(rng.chance(0.5) ? 'N' : 'S'),
      quoted(bottomArea),
      quoted(bottomBlock),
      quoted(bottomLease),
      '""',
      quoted(rng.pick(['N', 'S', 'R'])),
      quoted(plan),
      quoted(surfaceLease),
      quoted(surfaceArea),
      quoted(paddedBlock(surfaceBlock)),
      quoted(rng.pick(['C-1', 'BB', 'A', '001'])),
      quoted(rng.pick(['N', 'S', 'R'])),
      quoted(plan),
      quoted(bottomLease),
      quoted(bottomArea),
      quoted(paddedBlock(bottomBlock)),
      quoted(rng.pick(['C-1', 'BB', 'A', '001'])),
      quoted(rng.chance(0.1) ? 'Y' : 'N'),
      quoted(rng.pick(RIGS)),
      quoted(rng.pick(RIG_TYPES)),
      quoted(rng.int(40_000, 100_900)),
      quoted('D'),
      quoted(rng.chance(0.05) ? null : rng.int(1968, 2024)),
      quoted(rng.chance(0.04) ? null : rng.pick(SHIPYARDS)),
      quoted(rng.chance(0.98) ? null : rng.int(1990, 2024)),
      quoted(rng.chance(0.01) ? null : rng.int(150, 12_000)),
      quoted(rng.int(15_000, 40_000)),
      rng.chance(0.04) ? '' : date(submitted + rng.int(30, 1_500)),
      rng.chance(0.04) ? '' : date(submitted + rng.int(30, 1_500)),
      rng.chance(0.29) ? '' : date(submitted - rng.int(0, 400)),
      quoted(rng.pick(DISTRICTS)),
      freeText(remark),
      quoted(operator),
      dateTime(submitted, rng.int(1, 86_399)),
      mixedDate(rng, submitted + rng.int(1, 100)),
      quoted(rng.chance(0.93) ? 'G' : rng.pick(['P', 'Y', 'A'])),
    ];
  },
};

export const apdDataAll: MemberSpec = {
  name: 'mv_apddata_all.txt',
  rows: 60_000,
  key: [],
  columns: columns(`
    T API_WELL_NUMBER MMS_COMPANY_NUM BUS_ASC_NAME BOTM_AREA_CODE BOTM_BLOCK_NUM BOTM_LEASE_NUM N DISTRICT_CODE D APD_RECEIVED_DT
    N SURF_N_S_DIST T SURF_N_S_CODE N SURF_E_W_DIST T SURF_E_W_CODE SURF_AREA_CODE SURF_BLOCK_NUM SURF_LEASE_NUM WELL_NAME
    WELL_NAME_SFIX N WATER_DEPTH RIG_ID_NUM T RIG_NAME N SURF_X_COORD_LOC SURF_Y_COORD_LOC SURF_LATITUDE SURF_LONGITUDE
    D APD_APRV_DATE T REGION_CODE`),
  row(rng, i) {
    const [operator, company] = rng.pick(OPERATORS);
    const where = area(rng);
    const blockNumber = block(rng);
    const lease = someLease(rng);
    const received = rng.int(FIRST_DAY, LAST_DAY);
    const rig = rng.chance(0.08) ? null : rng.pick(RIGS);
    return [
      quoted(apiNumber(i)),
      quoted(company),
      quoted(operator),
      quoted(where),
      quoted(blockNumber),
      quoted(lease),
      quoted(rng.int(1, 5)),
      mixedDate(rng, received),
      quoted(rng.int(1, 7_900)),
      quoted(rng.chance(0.5) ? 'N' : 'S'),
      quoted(rng.int(1, 7_900)),
      quoted(rng.chance(0.5) ? 'E' : 'W'),
      quoted(where),
      quoted(blockNumber),
      quoted(lease),
      quoted(wellName(rng).padStart(5, ' ')),
      quoted(rng.chance(0.19) ? null : `ST0${rng.int(0, 3)}BP0${rng.int(0, 2)}`),
      quoted(rng.int(10, 9_500)),
      quoted(rig === null ? null : rng.int(40_000, 100_900)),
      quoted(rig),
      quoted(decimal(rng, 900_000, 2_900_000, 6)),
      quoted(decimal(rng, -90_000, 10_000_000, 6)),
      quoted(decimal(rng, 25, 34, 8)),
      quoted(decimal(rng, -120, -86, 8)),
      // About one in fifty was approved before it was received: kept as published.
      mixedDate(rng, received + (rng.chance(0.02) ? -3 : rng.int(1, 90))),
      quoted(rng.chance(0.93) ? 'G' : rng.pick(['P', 'Y', 'A'])),
    ];
  },
};
