const AGAIN_AFTER_MS = 60_000;

/** Whether something that fails at every try is worth a line in the log: when it says something new, or a minute has gone by. */
export class Complaints {
  private readonly said = new Map<string, { readonly text: string; readonly at: number }>();

  constructor(private readonly nowMs: () => number = () => performance.now()) {}

  isNew(about: string, text: string): boolean {
    const last = this.said.get(about);
    if (last?.text === text && this.nowMs() - last.at < AGAIN_AFTER_MS) return false;
    this.said.set(about, { text, at: this.nowMs() });
    return true;
  }

  /** Forgets what is not about one of these any more. */
  keep(about: readonly string[]): void {
    for (const one of this.said.keys()) if (!about.includes(one)) this.said.delete(one);
  }

  /** It works again. */
  forget(about: string): void {
    this.said.delete(about);
  }
}
