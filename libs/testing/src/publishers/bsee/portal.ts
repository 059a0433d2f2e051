import { BSEE_ARCHIVES } from './archives';
import type { BseeDataset } from './member';

/** How the portal page differs from the usual one. */
export interface PortalState {
  /** Rows put in front of the others: the numbers in the row ids move with them. */
  readonly drift?: number;
  /** Datasets without a row. */
  readonly missing?: readonly BseeDataset[];
  /** Another link instead of the usual one. */
  readonly moved?: Partial<Record<BseeDataset, string>>;
  /** Rows whose third cell is empty. */
  readonly withoutStamp?: readonly BseeDataset[];
  /** Answers with this status instead of the page. */
  readonly status?: number;
  /** The publisher's page for a wrong path, status 200. */
  readonly html404?: boolean;
}

const OTHERS: ReadonlyArray<readonly [title: string, path: string, frequency: string]> = [
  ['API List', '/Well/Files/APIRawData.zip', 'Daily'],
  ['Borehole', '/Well/Files/BoreholeRawData.zip', 'Daily'],
  ['eWell Submissions APD', '/Well/Files/eWellAPDRawData.zip', 'Daily'],
  ['eWell Submissions APM', '/Well/Files/eWellAPMRawData.zip', 'Daily'],
  ['eWell Submissions EOR', '/Well/Files/eWellEORRawData.zip', 'Daily'],
  ['Bottom Hole Pressure Survey', '/Production/Files/BHPSRawData.zip', 'Monthly'],
  ['Commingling', '/Production/Files/CommingleRawData.zip', 'Daily'],
  ['Company', '/Company/Files/CompanyRawData.zip', 'Daily'],
  ['Deep Water Qualified Fields', '/Leasing/Files/DeepQualRawData.zip', 'Daily'],
  ['Facility Measurement Points', '/Production/Files/FMPRawData.zip', 'Daily'],
  ['Incident Investigations', '/Other/Files/IncInvRawData.zip', 'Daily'],
  ['Lease Area Block', '/Leasing/Files/LABRawData.zip', 'Daily'],
  ['Lease List', '/Leasing/Files/LeaseListRawData.zip', 'Daily'],
  ['Lease Owner', '/Leasing/Files/LeaseOwnerRawData.zip', 'Daily'],
  ['Permanent Structures', '/Other/Files/PermStrucRawData.zip', 'Daily'],
  ['Pipeline Locations', '/Pipeline/Files/PipeLocRawData.zip', 'Daily'],
  ['Pipeline Masters', '/Pipeline/Files/PipePermRawData.zip', 'Daily'],
  ['Platform Structures', '/Platform/Files/PlatStrucRawData.zip', 'Daily'],
  ['Platform Masters', '/Platform/Files/PlatMastRawData.zip', 'Daily'],
  ['Production by Platform', '/Production/Files/ProdByPlatformRawData.zip', 'Monthly'],
  ['Rig ID List', '/Well/Files/RigIDListRawData.zip', 'Daily'],
  ['Scanned Document List', '/Other/Files/ScanDocRawData.zip', 'Daily'],
  ['Well Tests', '/Production/Files/WellTestRawData.zip', 'Monthly'],
];

interface Row {
  readonly title: string;
  readonly path: string;
  readonly frequency: string;
  readonly stamp: string;
}

/**
 * The page `/Main/RawData.aspx`: a DevExpress grid, the stamp in the third cell, links relative to the site. Cells 0, 1 and
 * from 3 on are our guess: no full copy of the page was to be had.
 */
export function portalPage(stamp: string, state: PortalState): string {
  const ours: Row[] = BSEE_ARCHIVES.filter(({ dataset }) => !state.missing?.includes(dataset)).map(
    ({ dataset, title, path, frequency }) => ({
      title,
      path: state.moved?.[dataset] ?? path,
      frequency,
      stamp: state.withoutStamp?.includes(dataset) ? '&nbsp;' : stamp,
    }),
  );
  const others: Row[] = OTHERS.map(([title, path, frequency]) => ({
    title,
    path,
    frequency,
    stamp: '11/19/2026 4:41:00 AM',
  }));
  const added: Row[] = Array.from({ length: state.drift ?? 0 }, (_, i) => ({
    title: `A new dataset ${i + 1}`,
    path: `/Other/Files/New${i + 1}RawData.zip`,
    frequency: 'Daily',
    stamp: '11/19/2026 4:41:00 AM',
  }));
  const rows = [...added, ...[...ours, ...others].sort((a, b) => a.title.localeCompare(b.title, 'en'))];
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8" /><title>Raw Data</title></head>
<body><form method="post" action="./RawData.aspx" id="form1">
<input type="hidden" name="__VIEWSTATE" id="__VIEWSTATE" value="${'dmlld3N0YXRl'.repeat(40)}" />
<p>Raw data is suggested only for those with advanced knowledge of the data involved; we do not provide support for the downloadable raw data.</p>
<table id="ContentPlaceHolderBody_ASPxGridView1" class="dxgvControl"><tr><td>
<table id="ContentPlaceHolderBody_ASPxGridView1_DXMainTable" class="dxgvTable" cellspacing="0" cellpadding="0">
<tr id="ContentPlaceHolderBody_ASPxGridView1_DXHeadersRow0"><td class="dxgvHeader">Data Set</td><td class="dxgvHeader">Update Frequency</td><td class="dxgvHeader">Last Updated</td><td class="dxgvHeader">Raw Data</td></tr>
${rows.map(rowHtml).join('\n')}
</table></td></tr></table></form></body></html>
`;
}

function rowHtml(row: Row, index: number): string {
  const id = `ContentPlaceHolderBody_ASPxGridView1`;
  return `<tr id="${id}_DXDataRow${index}" class="dxgvDataRow">
<td class="dxgv">${row.title.replaceAll('&', '&amp;')}</td><td class="dxgv" align="center">${row.frequency}</td><td class="dxgv" align="center">${row.stamp}</td><td class="dxgv" align="center"><a class="dxeHyperlink" id="${id}_cell${index}_3_hyperlink_${index}" href="${row.path}">Delimited</a></td>
</tr>`;
}

/** What the site answers, with status 200, to any path it does not know: about 28 KB. */
export const WRONG_PATH_PAGE = `<!DOCTYPE html>
<html lang="en"><head><title>Data Center 404 Error</title></head><body>
<h1>Data Center 404 Error</h1><p>The page you are looking for could not be found.</p>
<!-- ${'menu and scripts of the site '.repeat(965)} -->
</body></html>
`;
