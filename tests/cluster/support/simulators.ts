const ARCHIVES = ['bsee.production', 'bsee.war', 'bsee.well'] as const;

/** The control interface of the simulators' pod, through a port of this machine. */
export class Simulators {
  constructor(private readonly controlUrl: string) {}

  /** The archives as of a vintage, with a later stamp in any case, so that a conditional request sees a change. */
  async publish(vintage: 0 | 1): Promise<void> {
    for (const dataset of ARCHIVES) {
      await this.post('bsee/revise', { dataset, vintage });
      // A later stamp although the vintage may be the earlier one.
      await this.post('bsee/rebuild', { dataset });
      await this.post('bsee/rebuild', { dataset });
    }
  }

  /** A fault of the simulated BSEE, until `reset`. */
  async faultOf(dataset: (typeof ARCHIVES)[number], fault: object): Promise<void> {
    await this.post('bsee/fault', { dataset, fault });
  }

  async reset(): Promise<void> {
    await this.post('bsee/reset', {});
    await this.post('eia/reset', {});
  }

  private async post(verb: string, body: object): Promise<void> {
    const response = await fetch(`${this.controlUrl}/${verb}`, {
      method: 'POST',
      body: JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    if (!response.ok) throw new Error(`simulators, ${verb}: ${response.status} ${await response.text()}`);
  }
}
