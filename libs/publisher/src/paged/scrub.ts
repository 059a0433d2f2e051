const MASK = '***';
/** A shorter one would be found in data that has nothing to do with it. */
const SHORTEST = 8;

/** Takes a secret out of whatever is kept, logged or said: publishers echo the keys they are given. */
export class Scrubber {
  private readonly forms: readonly string[];

  constructor(secret: string | null) {
    const json = JSON.stringify(secret ?? '').slice(1, -1);
    const all = [secret ?? '', json, json.replaceAll('/', '\\/'), encodeURIComponent(secret ?? '')];
    this.forms = [...new Set(all)].filter((form) => form.length > 0).sort((a, b) => b.length - a.length);
  }

  text(text: string): string {
    return this.forms.reduce((clean, form) => clean.replaceAll(form, MASK), text);
  }

  /** The same bytes where the secret is not among them. */
  bytes(bytes: Buffer): Buffer {
    const found = this.forms.some((form) => form.length >= SHORTEST && bytes.includes(form));
    return found ? Buffer.from(this.text(bytes.toString('latin1')), 'latin1') : bytes;
  }
}
