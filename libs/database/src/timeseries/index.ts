export * from './gaps';
export * from './queries';
