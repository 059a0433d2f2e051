import { newClusterId } from './java-broker';

it('makes no cluster id that looks like an option', () => {
  const bytes = [Buffer.alloc(16, 0xfb), Buffer.alloc(16, 0x01)];
  expect((bytes[0] as Buffer).toString('base64url')).toMatch(/^-/);
  expect(newClusterId(() => bytes.shift() as Buffer)).toBe('AQEBAQEBAQEBAQEBAQEBAQ');
});
