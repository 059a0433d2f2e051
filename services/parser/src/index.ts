export * from './parse-chunk';
