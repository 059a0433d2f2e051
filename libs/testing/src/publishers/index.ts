export * from './bsee';
