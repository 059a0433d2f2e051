export { ChunkParser } from './chunk-parser';
export { PARSER_OPTIONS, type ParserOptions } from './options';
export { parseChunk, type ParseResult } from './parse-chunk';
export { ParserModule } from './parser.module';
