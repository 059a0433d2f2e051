export { ChunkParser } from './chunk-parser';
export { parseChunk, type ParseResult } from './parse-chunk';
export { ParserModule } from './parser.module';
