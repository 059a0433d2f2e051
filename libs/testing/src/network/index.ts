export { TestAuthority, type SignedCertificate } from './certificates';
export { SilentProxy } from './silent-proxy';
