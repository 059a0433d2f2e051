/** Injection token of `ParserOptions`. */
export const PARSER_OPTIONS = Symbol('freshet.parser.options');

export interface ParserOptions {
  /** Largest message the transport takes, frame included. */
  readonly maxMessageBytes: number;
}

/** The default of the transports. */
export const DEFAULT_MAX_MESSAGE_BYTES = 4 * 1024 * 1024;
