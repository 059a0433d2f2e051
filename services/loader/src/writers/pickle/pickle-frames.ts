import { ByteBuffer } from './byte-buffer';
import type { PickleColumn } from './column';
import { float, get, global, integer, OP, PROTOCOL, put, text } from './pickle-ops';
import { nameSlot, SLOT } from './slots';

export interface ByteSink {
  /** The bytes are the caller's again when the promise resolves. */
  write(bytes: Uint8Array): Promise<void>;
}

const GLOBALS: ReadonlyArray<readonly [module: string, name: string, slot: number]> = [
  ['pandas', 'DataFrame', SLOT.dataFrame],
  ['pandas', 'RangeIndex', SLOT.rangeIndex],
  ['pandas', 'Series', SLOT.series],
  ['numpy', 'frombuffer', SLOT.frombuffer],
  ['pandas.arrays', 'IntegerArray', SLOT.integerArray],
  ['pandas.arrays', 'BooleanArray', SLOT.booleanArray],
];

const TEXTS: ReadonlyArray<readonly [text: string, slot: number]> = [
  ['<i8', SLOT.int64],
  ['<u8', SLOT.uint64],
  ['<f8', SLOT.float64],
  ['|b1', SLOT.bool],
  ['<M8[us]', SLOT.datetime],
  ['str', SLOT.str],
  ['object', SLOT.object],
];

/**
 * The pickle around the columns: `pandas.concat([DataFrame({name: column, …}, RangeIndex(from, to)), …])`. Nothing but public
 * constructors of pandas and numpy is named, with positional arguments, so it loads under any current version of both.
 * `concat` keeps the consecutive indexes and copies, so that the frame can be written to.
 */
export class PickleFrames {
  private readonly frame = new ByteBuffer();

  constructor(
    private readonly sink: ByteSink,
    private readonly names: readonly string[],
  ) {}

  async begin(): Promise<void> {
    await this.sink.write(Buffer.from([OP.PROTO, PROTOCOL]));
    const out = this.frame;
    for (const [module, name, slot] of GLOBALS) forget(out, () => global(out, module, name, slot));
    for (const [value, slot] of [...TEXTS, ...this.names.map((name, column) => [name, nameSlot(column)] as const)]) {
      forget(out, () => {
        text(out, value);
        put(out, slot);
      });
    }
    forget(out, () => {
      float(out, Number.NaN);
      put(out, SLOT.nan);
    });
    global(out, 'pandas', 'concat', SLOT.concat);
    out.byte(OP.EMPTY_LIST);
    await this.flush();
  }

  /** Rows `from` up to, not including, `to`; every column starts its next piece. */
  async piece(columns: readonly PickleColumn[], from: number, to: number): Promise<void> {
    const out = this.frame;
    forget(out, () => {
      get(out, SLOT.rangeIndex);
      integer(out, from);
      integer(out, to);
      out.byte(OP.TUPLE2);
      out.byte(OP.REDUCE);
      put(out, SLOT.index);
    });
    get(out, SLOT.dataFrame);
    out.byte(OP.EMPTY_DICT);
    out.byte(OP.MARK);
    for (const [position, column] of columns.entries()) {
      get(out, nameSlot(position));
      column.emit(out);
      if (out.length >= FRAME_BYTES) await this.flush();
    }
    out.byte(OP.SETITEMS);
    get(out, SLOT.index);
    out.byte(OP.TUPLE2);
    out.byte(OP.REDUCE);
    out.byte(OP.APPEND);
    await this.flush();
  }

  async end(): Promise<void> {
    this.frame.byte(OP.TUPLE1);
    this.frame.byte(OP.REDUCE);
    this.frame.byte(OP.STOP);
    await this.flush();
  }

  /** One frame: readers take it in a single read. */
  private async flush(): Promise<void> {
    const header = Buffer.alloc(9);
    header[0] = OP.FRAME;
    header.writeBigUInt64LE(BigInt(this.frame.length), 1);
    await this.sink.write(header);
    await this.sink.write(this.frame.view());
    this.frame.clear();
  }
}

const FRAME_BYTES = 256 * 1024;

/** Only the memo keeps what is built here. */
function forget(out: ByteBuffer, build: () => void): void {
  build();
  out.byte(OP.POP);
}
