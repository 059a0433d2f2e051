import { decodeUtf8, readableUtf8, redecodeUtf8 } from './utf-8';
import { decodeWindows1252 } from './windows-1252';

const all = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte));

describe('windows-1252', () => {
  it('gives every one of the 256 bytes the character of the Encoding Standard', () => {
    const text = decodeWindows1252(all);
    expect(text).toHaveLength(256);
    // In stream mode the runtime's decoder is right on every version of Node.
    expect(text).toBe(new TextDecoder('windows-1252').decode(all, { stream: true }));
  });

  it.each([
    [0x80, '€'],
    [0x85, '…'],
    [0x92, '’'],
    [0x96, '–'],
    [0x9f, 'Ÿ'],
    [0xa0, '\u00a0'],
    [0xb0, '°'],
    [0xbf, '¿'],
    [0x81, '\u0081'],
    [0x9d, '\u009d'],
  ])('reads byte %i as %s', (byte, character) =>
    expect(decodeWindows1252(Buffer.from([65, byte, 66]))).toBe(`A${character}B`),
  );

  it('gives each byte a character of its own, so that none is lost', () => {
    expect(new Set(decodeWindows1252(all)).size).toBe(256);
  });
});

describe('utf-8', () => {
  it('reads characters of every length, a byte order mark included', () => {
    const text = '\ufeffa é € 🛢';
    expect(decodeUtf8(Buffer.from(text))).toBe(text);
  });

  it.each([[[0xe9]], [[0xc3, 0x28]], [[0xed, 0xa0, 0x80]], [[0xc0, 0xaf]], [[0xf4, 0x90, 0x80, 0x80]]])(
    'refuses the bytes %j',
    (bytes) => {
      expect(decodeUtf8(Buffer.from([65, ...bytes]))).toBeNull();
    },
  );

  it('decodes value by value what was read byte by byte', () => {
    const latin1 = Buffer.from('é').toString('latin1');
    expect(redecodeUtf8(latin1)).toBe('é');
    expect(redecodeUtf8('\u00e9')).toBeNull();
    expect(readableUtf8('caf\u00e9,x')).toBe('caf\ufffd,x');
  });
});
