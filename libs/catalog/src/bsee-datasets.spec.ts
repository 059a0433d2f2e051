import { BSEE_HEADERS } from './bsee-headers.fixture';
import { loadCatalog } from './load-catalog';

const datasets = loadCatalog().find('bsee');
const resources = datasets.flatMap((dataset) => dataset.resources);

describe('the definitions of BSEE', () => {
  it('name every member of the three archives, and nothing else', () => {
    expect(resources.map((resource) => resource.member).sort()).toEqual(Object.keys(BSEE_HEADERS).sort());
  });

  it.each(Object.entries(BSEE_HEADERS))('have every column of %s in file order', (member, header) => {
    const resource = resources.find((entry) => entry.member === member);
    expect(resource?.columns.map((column) => column.name)).toEqual(header.split(' '));
  });

  it('keep identifiers as text, so that leading zeros and blanks survive', () => {
    const identifier =
      /^(API_WELL_NUMBER|MMS_COMPANY_NUM|.*_SFIX|.*SUFFIX|.*LEASE.*NUM.*|.*BLOCK_N.*|.*WELL_NAME|RIG_ID_NUM|DISTRICT_CODE)$/;
    const columns = resources.flatMap((resource) => resource.columns).filter((column) => identifier.test(column.name));
    expect(columns.length).toBeGreaterThan(40);
    expect(columns.filter((column) => column.type !== 'text')).toEqual([]);
  });

  it('give surrogate keys the type integer, and what is called a date the type of one', () => {
    for (const column of resources.flatMap((resource) => resource.columns)) {
      if (column.name.startsWith('SN_')) expect(column.type).toBe('integer');
      if (/(_DT|_DATE)$/.test(column.name)) expect(['date', 'datetime']).toContain(column.type);
    }
  });

  it('mark the names and telephone numbers of people', () => {
    const personal = resources.flatMap((resource) =>
      resource.columns.filter((column) => column.personal).map((column) => `${resource.name}.${column.name}`),
    );
    expect(personal).toEqual(['mv_war_main.CONTACT_NAME', 'mv_war_main.PHONE_NUMBER']);
  });

  it('have the keys of the publisher', () => {
    expect(Object.fromEntries(resources.map((resource) => [resource.name, resource.key.join('+')]))).toEqual({
      mv_apd_main_all: 'SN_APD',
      mv_apddata_all: '',
      mv_productiondata: 'LEASE_NUMBER+PROD_YEAR+PROD_MONTH',
      mv_productionsum: 'PROD_YEAR',
      mv_productionsumwd: 'PROD_YEAR',
      mv_production_waterdepth: 'LEASE_NUMBER',
      mv_war_main: 'SN_WAR',
      mv_war_main_prop: 'SN_WAR',
      mv_war_main_prop_remark: 'SN_WAR',
      mv_war_boreholes_view: 'API_WELL_NUMBER',
      mv_war_open_hole_runs: 'SN_OPEN_HOLE',
      mv_war_open_hole_tools: '',
      mv_war_tubular_summaries: '',
      mv_war_tubular_summaries_prop: 'SN_WAR_CSNG_INTV_FK',
    });
  });

  it('read all members alike: windows-1252, empty is null, mixed dates', () => {
    for (const resource of resources) {
      expect(resource.format).toEqual({
        reader: 'csv',
        delimiter: ',',
        quote: '"',
        header: true,
        encoding: 'windows-1252',
      });
      expect(resource.nulls).toEqual({ empty: true, words: [] });
      expect(resource.dateFormats).toEqual(['M/D/YYYY', 'M/D/YYYY h:mm:ss A']);
    }
  });

  it('allow 600, 1200 and 2400 seconds for a download', () => {
    expect(
      ['bsee.well', 'bsee.production', 'bsee.war'].map((id) => loadCatalog().get(id).timeouts.totalMs / 1000),
    ).toEqual([600, 1200, 2400]);
  });

  it('try the link on the portal page before the declared address', () => {
    for (const dataset of datasets) expect(dataset.access.map((way) => way.kind)).toEqual(['portal', 'url']);
  });
});
