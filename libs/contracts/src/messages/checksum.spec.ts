import { checksumOf } from './checksum';

it('is the CRC-32 of the bytes, always of eight digits', () => {
  // The check value of CRC-32/ISO-HDLC.
  expect(checksumOf(Buffer.from('123456789'))).toBe('cbf43926');
  expect(checksumOf(Buffer.alloc(0))).toBe('00000000');
});
