export { standaloneSchema, type StandaloneConfig } from './config';
export { HomeTakenError } from './home';
export { startStandalone, type Standalone } from './start';
