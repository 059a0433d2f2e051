import { hostAllowance, isPublicAddress } from './address';

describe('public addresses', () => {
  it.each(['8.8.8.8', '137.227.224.10', '2606:4700::1111', '::ffff:8.8.8.8', '64:ff9b::808:808'])(
    '%s is one',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  it.each([
    '127.0.0.1',
    '10.1.2.3',
    '172.16.0.1',
    '192.168.1.1',
    '169.254.169.254',
    '168.63.129.16',
    '100.64.0.1',
    '100.100.100.200',
    '0.0.0.0',
    '192.0.0.192',
    '192.0.2.1',
    '198.18.0.1',
    '203.0.113.9',
    '224.0.0.1',
    '240.0.0.1',
    '255.255.255.255',
    '::',
    '::1',
    '::127.0.0.1',
    '::7f00:1',
    '4000::1',
    'e000::1',
    '::ffff:127.0.0.1',
    '::ffff:a9fe:a9fe',
    '64:ff9b::7f00:1',
    '64:ff9b:1::808:808',
    '::ffff:0:808:808',
    '2002:808:808::1',
    '2001::1',
    'fe80::1',
    'fec0::1',
    'fd00:ec2::254',
    'fc00::1',
    'ff02::1',
    '2001:db8::1',
    '100::1',
    'fe80::1%eth0',
    'localhost',
    '',
  ])('%s is none', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  it('allows hosts that a definition names, with or without port', () => {
    const allowed = hostAllowance(['Simulator.local', '127.0.0.1:8080', '[::1]:9']);
    expect(allowed('simulator.local', 1)).toBe(true);
    expect(allowed('127.0.0.1', 8080)).toBe(true);
    expect(allowed('127.0.0.1', 8081)).toBe(false);
    expect(allowed('::1', 9)).toBe(true);
    expect(allowed('::1', 10)).toBe(false);
    expect(allowed('evil-simulator.local', 1)).toBe(false);
  });
});
