/** Injection token of `ParserOptions`. */
export const PARSER_OPTIONS = Symbol('freshet.parser.options');

export interface ParserOptions {
  /** Largest message the transport takes, frame included. */
  readonly maxMessageBytes: number;
}
