/** Injection token of `ValidatorOptions`. */
export const VALIDATOR_OPTIONS = Symbol('freshet.validator.options');

export interface ValidatorOptions {
  /** Largest message the transport takes, frame included. */
  readonly maxMessageBytes: number;
}
