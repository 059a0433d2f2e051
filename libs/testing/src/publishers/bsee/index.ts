export { archiveOf, BSEE_ARCHIVES, rowsOf, type Scale } from './archives';
export type { ArchiveOptions, MemberTruth } from './archive-store';
export type { ArchiveFault, BseeFault, ContentFault, TransferFault } from './faults';
export type { ArchiveSpec, BseeDataset, MemberSpec, RawType } from './member';
export type { PortalState } from './portal';
export {
  BseePublisher,
  startBseePublisher,
  type BseePublisherOptions,
  type FaultOptions,
  type LoggedRequest,
} from './publisher';
export { rawMember, writeArchive, writeRawMember, type RawMemberOptions } from './write';
