/**
 * Closed while a message waits for something that no other message can do without either (the database, the dead-letter
 * topic). Taking in more would only make more of them wait, and use up memory and in-flight places.
 */
export class IntakeGate {
  private holders = 0;

  constructor(private readonly onOpen: () => void = () => {}) {}

  get open(): boolean {
    return this.holders === 0;
  }

  /** Closes the gate until the returned function is called; it opens when every holder let go. */
  hold(): () => void {
    this.holders += 1;
    let held = true;
    return () => {
      if (!held) return;
      held = false;
      this.holders -= 1;
      if (this.open) this.onOpen();
    };
  }
}
