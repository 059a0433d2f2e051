import { styleText } from 'node:util';
import type { World } from '../world';
import { renderTable, type Column } from './table';
import { printable, wrap } from './text';

export type Tone = 'good' | 'bad' | 'care' | 'quiet' | 'strong';
const STYLES = { good: 'green', bad: 'red', care: 'yellow', quiet: 'gray', strong: 'bold' } as const;

/** What commands print through: results to standard output (or one JSON value), everything else to standard error. */
export class Printer {
  constructor(
    private readonly world: Pick<World, 'stdout' | 'stderr' | 'environment'>,
    readonly json: boolean,
  ) {}

  /** The result: `value` with --json, what `human` prints otherwise. */
  result(value: unknown, human: () => void): void {
    if (this.json) this.world.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
    else human();
  }

  line(text = ''): void {
    this.world.stdout.write(`${text}\n`);
  }

  /** A sentence, wrapped to the terminal. */
  say(text: string, indent = ''): void {
    this.line(wrap(indent + printable(text), this.width, indent));
  }

  table<Row>(columns: ReadonlyArray<Column<Row>>, rows: readonly Row[]): void {
    const painted = this.colour ? columns : columns.map((column) => ({ ...column, paint: undefined }));
    this.line(renderTable(painted, rows, this.width));
  }

  /** Beside the result: hints, warnings, progress. Silent with --json, where only the result counts. */
  note(text: string, tone?: Tone): void {
    if (this.json) return;
    const { stderr } = this.world;
    const body = wrap(printable(text), widthOf(stderr), `${/^ */.exec(text)?.[0] ?? ''}  `);
    this.world.stderr.write(
      `${tone && colours(stderr, this.world) ? styleText(STYLES[tone], body, { validateStream: false }) : body}\n`,
    );
  }

  paint(text: string, tone: Tone): string {
    return this.colour ? styleText(STYLES[tone], text, { validateStream: false }) : text;
  }

  /** Width for text on standard output; unlimited where there is no terminal: what reads it wraps it. */
  get width(): number {
    return widthOf(this.world.stdout);
  }

  private get colour(): boolean {
    return !this.json && colours(this.world.stdout, this.world);
  }
}

const widthOf = (output: { readonly isTTY: boolean; readonly columns?: number }): number =>
  output.isTTY ? Math.max(40, output.columns ?? 80) : Number.POSITIVE_INFINITY;

const colours = (output: { readonly isTTY: boolean }, { environment }: Pick<World, 'environment'>): boolean =>
  output.isTTY && environment.NO_COLOR === undefined;
