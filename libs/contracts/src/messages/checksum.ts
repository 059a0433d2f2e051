import { crc32 } from 'node:zlib';

/**
 * Checksum of a chunk's body: CRC-32, eight hexadecimal digits. It tells a message that was changed on its way or in store. What a member
 * is, and whether it changed, is told by its SHA-256, which is made once; a second one for every stage would cost a tenth of a refresh.
 */
export const checksumOf = (body: Buffer): string => crc32(body).toString(16).padStart(8, '0');
