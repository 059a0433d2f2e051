/** Injection token of `ValidatorOptions`. */
export const VALIDATOR_OPTIONS = Symbol('freshet.validator.options');

export interface ValidatorOptions {
  /** Largest message the transport takes, frame included. */
  readonly maxMessageBytes: number;
}

/** The default of the transports. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
