export * from './bsee';
export * from './eia';
