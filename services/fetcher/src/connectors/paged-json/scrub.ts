export { Scrubber } from '@freshet/publisher';
