/**
 * The result of `load`, at most `maxAgeMs` old. Readers at the same time share one call; a failure is passed on and not kept, so that
 * the next reader tries again.
 */
export class Recent<T> {
  private loading: Promise<T> | null = null;
  private last: { readonly at: number; readonly value: T } | null = null;

  constructor(
    private readonly load: () => Promise<T>,
    private readonly maxAgeMs: number,
    private readonly nowMs: () => number = () => performance.now(),
  ) {}

  read(): Promise<T> {
    if (this.last && this.nowMs() - this.last.at < this.maxAgeMs) return Promise.resolve(this.last.value);
    this.loading ??= this.reload();
    return this.loading;
  }

  private async reload(): Promise<T> {
    try {
      const value = await this.load();
      this.last = { at: this.nowMs(), value };
      return value;
    } finally {
      this.loading = null;
    }
  }
}
