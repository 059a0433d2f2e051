export { SilentProxy } from './silent-proxy';
