/**
 * Holds back the last bytes of a stream: what comes out is always at least `size` bytes behind what went in. The central
 * directory stands at the very end of an archive, so that it can be checked before any of it is passed on.
 */
export class TailWindow {
  private readonly held: Buffer[] = [];
  private heldBytes = 0;

  constructor(private readonly size: number) {}

  /** Takes a piece and gives the pieces that have left the window. */
  push(piece: Buffer): Buffer[] {
    this.held.push(piece);
    this.heldBytes += piece.length;
    const released: Buffer[] = [];
    for (let first = this.held[0]; first && this.heldBytes - first.length >= this.size; first = this.held[0]) {
      released.push(first);
      this.held.shift();
      this.heldBytes -= first.length;
    }
    return released;
  }

  /** Everything still held. */
  take(): Buffer {
    const bytes = Buffer.concat(this.held, this.heldBytes);
    this.held.length = 0;
    this.heldBytes = 0;
    return bytes;
  }
}
